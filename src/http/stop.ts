import type * as http from 'node:http';
import type { Acceptors } from './acceptors.ts';
import type { Log } from './log.ts';

/**
 * Stops accepting connections and waits for the running requests, for at most `seconds` or until `hurry` resolves.
 * Then it cuts their connections and logs how many there were.
 */
export async function stopServer(
  server: http.Server,
  acceptors: Acceptors,
  running: Set<http.ServerResponse>,
  { seconds, log, hurry }: { seconds: number; log: Log; hurry?: Promise<unknown> | undefined },
): Promise<void> {
  const closed = acceptors.close();
  // A connection that is kept alive would delay the stop.
  for (const response of running) response.shouldKeepAlive = false;
  server.closeIdleConnections();
  let isDone = false;
  const cut = () => {
    if (isDone) return;
    isDone = true;
    if (running.size > 0)
      log.warn({ requests: running.size }, 'running requests were cut off, to stop in time');
    server.closeAllConnections();
  };
  const deadline = setTimeout(cut, 1000 * seconds);
  void hurry?.then(cut);
  await closed;
  isDone = true;
  clearTimeout(deadline);
}
