import { once } from 'node:events';
import type * as http from 'node:http';
import type { Log } from './log.ts';

/**
 * Takes no new connections and waits for the running requests: for so many seconds, or until whoever
 * waits is in a hurry. Then their connections are cut, which the log tells.
 */
export async function stopServer(
  server: http.Server,
  running: Set<http.ServerResponse>,
  { seconds, log, hurry }: { seconds: number; log: Log; hurry?: Promise<unknown> | undefined },
): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // Their answers are the last on their connections; kept alive, those would hold up the end.
  for (const response of running) response.shouldKeepAlive = false;
  server.closeIdleConnections();
  let over = false;
  const cut = () => {
    if (over) return;
    over = true;
    if (running.size > 0)
      log.warn({ requests: running.size }, 'running requests were cut off, to stop in time');
    server.closeAllConnections();
  };
  const deadline = setTimeout(cut, 1000 * seconds);
  void hurry?.then(cut);
  await closed;
  over = true;
  clearTimeout(deadline);
}
