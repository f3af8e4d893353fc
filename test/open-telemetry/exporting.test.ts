// What reaches a collector, what a collector that is away does to requests, and which of them are traced.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readOpenTelemetry } from '../../config/open-telemetry.ts';
import { createLog } from '../../src/http/log.ts';
import { openOpenTelemetry } from '../../src/open-telemetry/index.ts';
import { until } from '../support/process.ts';
import { startReceiver } from './receiver.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const collector = async (...options: Parameters<typeof startReceiver>) => {
  const receiver = await startReceiver(...options);
  closers.push(receiver.close);
  return receiver;
};

/** A server whose requests are traced as these variables say. */
async function traced(
  environment: Record<string, string>,
  handler: RequestListener = (_request, response) => response.end(),
) {
  let logged = '';
  const destination = {
    write: (line: string) => {
      logged += line;
    },
  };
  const telemetry = await openOpenTelemetry({
    choice: readOpenTelemetry({ OTEL_METRICS_EXPORTER: 'none', ...environment }),
    version: '1.2.3',
    apiPaths: [],
    endpointOf: (path) => path,
    metrics: undefined,
    log: createLog('info', { request: () => undefined, destination }),
  });
  const server = createServer(telemetry.trace(handler)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
    return telemetry.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    get: async (headers: Record<string, string> = {}) => (await fetch(origin, { headers })).status,
    close: telemetry.close,
    logged: () => logged,
  };
}

const caller = (flags: string, traceId = '1'.repeat(32)) => ({
  traceparent: `00-${traceId}-2222222222222222-${flags}`,
});

test('what waits is sent when the server stops', async () => {
  const { url, spans } = await collector();
  const { get, close } = await traced({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
  await get();
  await close();
  expect(spans()).toMatchObject([{ name: 'GET /', kind: 2, flags: 0x101 }]);
  expect(spans()[0]).not.toHaveProperty('parentSpanId');
});

test('a span has the state and the parent of its caller', async () => {
  const { url, spans } = await collector();
  const { get, close } = await traced({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
  await get({ ...caller('01'), tracestate: 'acme=1,other=é' });
  await get({ ...caller('01'), tracestate: `acme=${'x'.repeat(600)}` });
  await close();
  const parent = { traceId: '1'.repeat(32), parentSpanId: '2'.repeat(16), flags: 0x301 };
  expect(spans()).toMatchObject([
    { ...parent, traceState: expect.stringMatching(/^acme=1,/) },
    parent,
  ]);
  expect(spans()[1]).not.toHaveProperty('traceState');
});

test('messages are compressed and authenticated if the variables say so, and go to the path of the endpoint', async () => {
  const { url, received } = await collector();
  const { get, close } = await traced({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://other.test',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces`,
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=Bearer%20abc',
  });
  await get();
  await close();
  expect(received).toMatchObject([
    {
      path: '/v1/traces',
      headers: { 'content-encoding': 'gzip', authorization: 'Bearer abc' },
    },
  ]);
});

test('messages have as many spans as the variables say', async () => {
  const { url, received, spans } = await collector();
  const { get } = await traced({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2',
    OTEL_BSP_SCHEDULE_DELAY: '3600000',
  });
  for (let count = 0; count < 5; count++) await get();
  await until('two messages', async () => expect(received.length).toBe(2));
  expect(spans().length).toBe(4);
});

test('a server error and a request that was cut are errors', async () => {
  const { url, spans } = await collector();
  const { get, close } = await traced({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, (request, response) => {
    if (request.headers['x-cut']) request.socket.destroy();
    else response.writeHead(503).end();
  });
  await get();
  await expect(get({ 'x-cut': '1' })).rejects.toThrow();
  await close();
  expect(spans()).toMatchObject([
    { status: { code: 2 }, attributes: { 'http.response.status_code': 503, 'error.type': '503' } },
    { status: { code: 2 }, attributes: { 'error.type': 'cut' } },
  ]);
});

describe('a collector', () => {
  test('that is busy gets its message again', async () => {
    let attempts = 0;
    const { url, spans } = await collector((response) => {
      response.writeHead(++attempts === 1 ? 503 : 200).end();
    });
    const { get } = await traced({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_BSP_SCHEDULE_DELAY: '1',
    });
    await get();
    await until('the second attempt', async () => expect(attempts).toBe(2));
    expect(new Set(spans().map(({ spanId }) => spanId)).size).toBe(1);
  });

  test('that refuses a message does not get it again, and the log says so', async () => {
    const { url, received } = await collector((response) => response.writeHead(401).end());
    const { get, logged, close } = await traced({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20very-secret',
    });
    await get();
    await close();
    expect(received.length).toBe(1);
    expect(logged()).toMatch(/1 spans were lost so far: The collector responded 401\./);
    expect(logged()).not.toContain('very-secret');
  });

  test('that does not respond delays no request, and a stop for three seconds at most', async () => {
    const { url, received } = await collector(() => {});
    const { get, close, logged } = await traced({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2',
      OTEL_BSP_MAX_QUEUE_SIZE: '4',
    });
    for (let count = 0; count < 10; count++) expect(await get()).toBe(200);
    await until('a message', async () => expect(received.length).toBe(1));
    expect(logged()).toContain('too many wait for the collector');
    const began = performance.now();
    await close();
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});

test.each([
  ['always_on', undefined, { root: true, sampled: true, unsampled: true }],
  ['always_off', undefined, { root: false, sampled: false, unsampled: false }],
  ['parentbased_always_on', undefined, { root: true, sampled: true, unsampled: false }],
  ['parentbased_always_off', undefined, { root: false, sampled: true, unsampled: false }],
  ['parentbased_traceidratio', '0', { root: false, sampled: true, unsampled: false }],
  ['traceidratio', '0', { root: false, sampled: false, unsampled: false }],
  ['traceidratio', '1', { root: true, sampled: true, unsampled: true }],
])('OTEL_TRACES_SAMPLER=%s with the argument %s traces %j', async (sampler, ratio, expected) => {
  const { url, spans } = await collector();
  const { get, close } = await traced({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_TRACES_SAMPLER: sampler,
    ...(ratio !== undefined && { OTEL_TRACES_SAMPLER_ARG: ratio }),
  });
  await get();
  await get(caller('01', '3'.repeat(32)));
  await get(caller('00', '4'.repeat(32)));
  await close();
  const ids = spans().map(({ traceId }) => traceId);
  expect({
    root: ids.some((id) => !/^(3+|4+)$/.test(id)),
    sampled: ids.includes('3'.repeat(32)),
    unsampled: ids.includes('4'.repeat(32)),
  }).toEqual(expected);
});

test('by its ratio a trace is sampled by all processes or by none: by the last 56 bits of its ID', async () => {
  const { url, spans } = await collector();
  const { get, close } = await traced({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  });
  // At least the threshold, 0.75 of 2^56 (OpenTelemetry, "Consistent probability sampling").
  const [below, above] = [`${'f'.repeat(18)}bfffffffffffff`, `${'0'.repeat(18)}c0000000000000`];
  await get(caller('01', below));
  await get(caller('01', above));
  await close();
  expect(spans().map(({ traceId }) => traceId)).toEqual([above]);
});

describe('the variables', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
  const [traces, metrics] = ['http://collector:4318/v1/traces', 'http://collector:4318/v1/metrics'];
  test.each([
    [{}, undefined, undefined],
    [{ OTEL_SERVICE_NAME: 'writ', OTEL_TRACES_SAMPLER: 'always_on' }, undefined, undefined],
    [endpoint, traces, metrics],
    [{ ...endpoint, OTEL_SDK_DISABLED: 'true' }, undefined, undefined],
    [{ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, undefined, metrics],
    [{ ...endpoint, OTEL_METRICS_EXPORTER: 'none' }, traces, undefined],
    [{ OTEL_METRICS_EXPORTER: 'otlp' }, undefined, 'http://localhost:4318/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/x' }, 'http://c/x', undefined],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, traces, metrics],
  ])('%j', (environment, forTraces, forMetrics) => {
    const choice = readOpenTelemetry(environment);
    expect(choice.traces?.target.url).toBe(forTraces);
    expect(choice.metrics?.target.url).toBe(forMetrics);
    expect(choice.problems).toEqual([]);
  });

  test.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL: must be http/protobuf'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' },
      'OTEL_EXPORTER_OTLP_ENDPOINT: must be a URL',
    ],
    [
      { OTEL_TRACES_EXPORTER: 'zipkin' },
      'OTEL_TRACES_EXPORTER: must be otlp or none; it is "zipkin"',
    ],
    [{ OTEL_TRACES_SAMPLER: 'jaeger' }, 'OTEL_TRACES_SAMPLER: must be always_on or'],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1%' },
      'OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1',
    ],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '0' }, 'OTEL_METRIC_EXPORT_INTERVAL: must be a whole number'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'secret' }, 'OTEL_EXPORTER_OTLP_HEADERS: must be name=value'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%0A' }, 'OTEL_EXPORTER_OTLP_HEADERS: must be names and'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'x key=a' }, 'OTEL_EXPORTER_OTLP_HEADERS: must be names and'],
  ])('%j is a clear problem', (environment, problem) => {
    expect(readOpenTelemetry({ ...endpoint, ...environment }).problems).toEqual([
      expect.stringContaining(problem),
    ]);
  });

  test('a problem repeats no secret', () => {
    const { problems } = readOpenTelemetry({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://user:hunter2@collector',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2%,hunter2',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=hunter2%0A',
    });
    expect(problems.length).toBe(3);
    expect(problems.join()).not.toContain('hunter2');
  });

  test('a file that cannot be read keeps the server from starting', async () => {
    await expect(
      traced({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4318',
        OTEL_EXPORTER_OTLP_CERTIFICATE: '/none/ca.pem',
      }),
    ).rejects.toThrow(/OTEL_EXPORTER_OTLP_CERTIFICATE: .*no such file/);
  });
});
