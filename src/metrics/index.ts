/**
 * METRICS for Prometheus, at `/metrics` on a port of their own (METRICS_PORT), since they are for operators and not for
 * everyone who reaches the issuer. Without that setting nothing is measured.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import type { Log } from '../http/log.ts';
import { createEndpointNames } from './endpoints.ts';
import { countEvents } from './events.ts';
import { measureProcess } from './process.ts';
import { measureRequests } from './requests.ts';
import { createStoreMetrics } from './stores.ts';

type Dependencies = Parameters<typeof measureProcess>[1] &
  Parameters<typeof createStoreMetrics>[1] & {
    settings: { METRICS_PORT: number; METRICS_HOST: string };
    /** The paths of the OpenAPI document. */
    apiPaths: Iterable<string>;
    isOurs: (server: Server) => boolean;
    log: Log;
  };

export interface Metrics {
  /** Stops measuring and serving. */
  close(): Promise<void>;
}

/** Starts to measure, and serves the metrics. Throws EADDRINUSE if another process listens on the port. */
export async function openMetrics({
  settings: { METRICS_PORT: port, METRICS_HOST: host },
  apiPaths,
  isOurs,
  log,
  ...rest
}: Dependencies): Promise<Metrics> {
  const registry = new Registry();
  measureProcess(registry, rest);
  const stores = createStoreMetrics(registry, rest);
  const stops = [
    measureRequests(registry, { endpointOf: createEndpointNames(apiPaths), isOurs }),
    countEvents(registry),
  ];

  // Prometheus servers that ask at the same time share one reading.
  let scrape: Promise<string> | undefined;
  const read = (): Promise<string> => {
    scrape ??= stores
      .refresh()
      .then(() => registry.metrics())
      .finally(() => {
        scrape = undefined;
      });
    return scrape;
  };

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
        'Content-Type': registry.contentType,
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
      for (const stop of stops) stop();
      registry.clear();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
