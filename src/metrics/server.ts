/** `/metrics` on a port of its own (METRICS_PORT), since it is for operators and not for everyone who reaches the issuer. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../http/log.ts';

/** The media type of the format of Prometheus. */
const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Serves the metrics. Throws EADDRINUSE if another process listens on the port. */
export async function serveMetrics({
  text: read,
  port,
  host,
  log,
}: {
  /** Returns them in the format of Prometheus. */
  text: () => Promise<string>;
  port: number;
  host: string;
  log: Log;
}): Promise<{ close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (path !== '/metrics' || !isRead) {
      response.writeHead(path === '/metrics' ? 405 : 404, {
        'Content-Type': 'text/plain; charset=utf-8',
        ...(path === '/metrics' && { Allow: 'GET, HEAD' }),
      });
      response.end('The metrics are at /metrics.\n');
      return;
    }
    try {
      const text = await read();
      response.writeHead(200, {
        'Content-Type': contentType,
        'Cache-Control': 'no-store',
      });
      response.end(request.method === 'HEAD' ? undefined : text);
    } catch (error) {
      log.error({ err: error }, 'the metrics could not be collected');
      response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' });
      response.end('The metrics could not be collected; the log says why.\n');
    }
  });
  server.listen({ port, host });
  await once(server, 'listening');
  const { port: actual } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`;
  log.info({ url }, 'metrics are served');
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
