// A collector as an operator has one: it receives OTLP over HTTP.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { type Message, readMessage } from './otlp.ts';

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  name: string;
  kind: number;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: Record<string, unknown>;
  status?: { code: number };
  flags: number;
}

export interface Point {
  attributes: Record<string, unknown>;
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
  asDouble?: number;
  count?: bigint;
  sum?: number;
  bucketCounts?: number[];
  explicitBounds?: number[];
}

export interface ReceivedMetric {
  name: string;
  description: string;
  sum?: { dataPoints: Point[]; isMonotonic: number; aggregationTemporality: number };
  gauge?: { dataPoints: Point[] };
  histogram?: { dataPoints: Point[]; aggregationTemporality: number };
}

interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  bytes: Buffer;
  message: Message;
}

const attributesOf = (list: Message[] = []): Record<string, unknown> =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));

/** @param respond Responds to a message; by default it is taken. */
export async function startReceiver(
  respond: (response: ServerResponse) => void = (response) => response.end(),
) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { url: path = '', headers } = request;
    const bytes = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    received.push({ path, headers, bytes, message: readMessage(path, bytes) });
    respond(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const resourcesOf = (path: string): Message[] =>
    received
      .filter((each) => each.path === path)
      .flatMap(({ message }) => message.resourceSpans ?? message.resourceMetrics);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    spans: (): Span[] =>
      resourcesOf('/v1/traces')
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans)
        .map((span) => ({ ...span, attributes: attributesOf(span.attributes) })),
    resources: (path: string): Record<string, unknown>[] =>
      resourcesOf(path).map(({ resource }) => attributesOf(resource.attributes)),
    /** The metrics of the last message. */
    metrics: (): Map<string, ReceivedMetric> =>
      new Map(
        resourcesOf('/v1/metrics')
          .slice(-1)
          .flatMap(({ scopeMetrics }) => scopeMetrics)
          .flatMap(({ metrics }) => metrics)
          .map((metric) => {
            const read = structuredClone(metric);
            for (const kind of ['sum', 'gauge', 'histogram'])
              for (const point of read[kind]?.dataPoints ?? [])
                point.attributes = attributesOf(point.attributes);
            return [read.name, read];
          }),
      ),
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
