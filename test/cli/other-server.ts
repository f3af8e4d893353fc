import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Something that listens where a command expects Writ, for as long as `use` runs. */
export async function withServer<Result>(
  answer: RequestListener,
  use: (url: string) => Promise<Result>,
  port = 0,
): Promise<Result> {
  const server = createServer(answer).listen(port, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
