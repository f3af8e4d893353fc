import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Counter, type Registry } from 'prom-client';
import { createDurations } from './durations.ts';

/** Upper bounds in seconds: from an introspection to a request that waits for a lost database. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** When a request began, on its response: a WeakMap with thousands of entries a second costs more than all else here. */
const began = Symbol('began');

/** What Node publishes when a request begins and when its response was handed to the system. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse & { [began]?: number };
  server: Server;
}

const startChannel = 'http.server.request.start';
const finishChannel = 'http.server.response.finish';

/**
 * Counts and times the requests of this process by endpoint.
 *
 * @param endpointOf The label of a path; of few values, since each is a series.
 * @param isOurs False for servers that are not measured.
 * @returns A function that stops counting.
 */
export function measureRequests(
  registry: Registry,
  {
    endpointOf,
    isOurs,
  }: { endpointOf: (path: string) => string; isOurs: (server: Server) => boolean },
): () => void {
  // Counted here and added when Prometheus asks: labels are hashed once per scrape, not once per request.
  const counts = new Map<string, Map<string, number>>();
  new Counter({
    name: 'writ_http_requests_total',
    help: 'Responses that were sent, by endpoint, method and status.',
    labelNames: ['endpoint', 'method', 'status'],
    registers: [registry],
    collect() {
      for (const [endpoint, byResult] of counts)
        for (const [result, count] of byResult) {
          const [method = '', status = ''] = result.split(' ');
          this.inc({ endpoint, method, status }, count);
        }
      counts.clear();
    },
  });
  const durations = createDurations(registry, {
    name: 'writ_http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its response, by endpoint.',
    label: 'endpoint',
    buckets,
  });

  const onStart = (message: unknown) => {
    const { response, server } = message as Exchange;
    if (isOurs(server)) response[began] = performance.now();
  };
  const onFinish = (message: unknown) => {
    const { request, response } = message as Exchange;
    const start = response[began];
    if (start === undefined) return;
    const endpoint = endpointOf((request.url ?? '/').split('?', 1)[0] as string);
    durations.observe(endpoint, (performance.now() - start) / 1000);
    let byResult = counts.get(endpoint);
    if (!byResult) {
      byResult = new Map();
      counts.set(endpoint, byResult);
    }
    const result = `${methodOf(request)} ${response.statusCode}`;
    byResult.set(result, (byResult.get(result) ?? 0) + 1);
  };
  subscribe(startChannel, onStart);
  subscribe(finishChannel, onFinish);
  return () => {
    unsubscribe(startChannel, onStart);
    unsubscribe(finishChannel, onFinish);
  };
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Callers choose the method, and each would be a series. */
export const methodOf = ({ method = '' }: IncomingMessage): string =>
  methods.has(method) ? method : 'other';
