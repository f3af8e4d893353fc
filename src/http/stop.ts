import { once } from 'node:events';
import type * as http from 'node:http';
import type { Log } from './log.ts';

/**
 * Stops accepting connections and waits for running requests, at most `seconds` or until `hurry` settles. Then it closes
 * their connections and logs how many there were.
 */
export async function stopServer(
  server: http.Server,
  running: Set<http.ServerResponse>,
  { seconds, log, hurry }: { seconds: number; log: Log; hurry?: Promise<unknown> | undefined },
): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // Kept alive, the connections of the last responses would delay the stop.
  for (const response of running) response.shouldKeepAlive = false;
  server.closeIdleConnections();
  let over = false;
  const cut = () => {
    if (over) return;
    over = true;
    if (running.size > 0)
      log.warn({ requests: running.size }, 'running requests were cut off to stop in time');
    server.closeAllConnections();
  };
  const deadline = setTimeout(cut, 1000 * seconds);
  void hurry?.then(cut);
  await closed;
  over = true;
  clearTimeout(deadline);
}
