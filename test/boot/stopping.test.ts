import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startReceiver } from '../open-telemetry/receiver.ts';
import type { Credentials } from '../support/http.ts';
import { until } from '../support/process.ts';
import type { ProcessEnvironment, ServerProcess } from '../support/server-process.ts';
import { createStarts } from './data-directories.ts';
import { beginRequest } from './slow-request.ts';

const starts = createStarts();
let template: ProcessEnvironment;
let client: Credentials;

beforeAll(async () => {
  template = await starts.fresh();
  const server = await starts.start(template);
  await server.said('/docs');
  const [, id = '', secret = ''] = /(sample-app):(writ_cs_\w+)/.exec(server.stdout()) ?? [];
  client = { id, secret };
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});
afterAll(() => starts.end());

const start = async (settings: ProcessEnvironment, file?: string) =>
  starts.start({ ...(await starts.copyOf(template)), ...settings }, file);

const isRefusing = (server: ServerProcess) =>
  until('the server to take no more connections', async () => {
    const taken = await fetch(`${server.origin}/healthz`).catch(() => undefined);
    if (taken) throw new Error('it does');
  });

const messages = (server: ServerProcess) => server.log().map(({ msg }) => msg);

test.each(['SIGTERM', 'SIGINT'] as const)(
  'on %s a server is not ready first, still takes requests, then finishes the running ones, lets its data go and exits with 0',
  async (signal) => {
    const env = await starts.copyOf(template);
    // Longer than any test: what ends the wait is the second signal.
    const server = await starts.start({ ...env, SHUTDOWN_DELAY_SECONDS: '3600' });
    const running = await beginRequest(server.origin, client);
    expect((await server.get('/readyz')).status).toBe(200);

    process.kill(server.pid, signal);
    await until('the server to say that it stops', async () => {
      expect(await server.get('/readyz')).toMatchObject({
        status: 503,
        body: { database: 'ok', keys: 'ok', serving: 'stopping' },
      });
    });
    expect((await server.get('/healthz')).status).toBe(200);
    expect((await server.token(client)).status).toBe(200);

    process.kill(server.pid, signal);
    await isRefusing(server);
    running.finish();
    expect(await running.answer).toMatch(
      /HTTP\/1\.1 200 OK.*Connection: close.*"access_token":"writ_at_/is,
    );
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.stderr()).toBe('');
    expect(messages(server).slice(-1)).toEqual(['stopped']);
    expect(messages(server)).toEqual(expect.arrayContaining(['starting', 'listening', 'stopping']));
    const left = await readdir(env['DATA_DIR'] ?? '');
    expect(left).not.toContainEqual(expect.stringContaining('lock'));
  },
);

test('a server that npm started stops when the shell in between is gone: npm sends its signals only to that shell', async () => {
  const shell = await start(
    { npm_lifecycle_event: 'npx', npm_lifecycle_script: "'writ' serve" },
    'test/support/shell.js',
  );
  process.kill(shell.pid, 'SIGTERM');
  // Its output ends when the server is gone too.
  await shell.exited;
  expect(messages(shell).slice(-2)).toEqual(['stopping', 'stopped']);
});

/** A request that does not end was cut, the log has its number, and the rest was closed in order. */
async function expectCut(server: ServerProcess, answer: Promise<string>): Promise<void> {
  expect(await answer.catch(() => '')).not.toContain('access_token');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(server.log()).toContainEqual(expect.objectContaining({ level: 40, requests: 1 }));
  expect(messages(server).slice(-1)).toEqual(['stopped']);
}

test('a request that does not end in time is cut off, and the log says so', async () => {
  const server = await start({ SHUTDOWN_TIMEOUT_SECONDS: '0' });
  const { answer } = await beginRequest(server.origin, client);
  process.kill(server.pid, 'SIGTERM');
  await expectCut(server, answer);
});

test('a further signal does not wait for the running requests', async () => {
  const server = await start({ SHUTDOWN_TIMEOUT_SECONDS: '3600' });
  const { answer } = await beginRequest(server.origin, client);
  process.kill(server.pid, 'SIGTERM');
  await isRefusing(server);
  process.kill(server.pid, 'SIGTERM');
  await expectCut(server, answer);
});

test('a collector of OpenTelemetry that does not respond delays a stop for a few seconds at most', async () => {
  const collector = await startReceiver(() => {});
  const server = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '1',
  });
  expect((await server.token(client)).status).toBe(200);
  await until('the spans to be sent', async () => {
    if (collector.received.length === 0) throw new Error('not yet');
  });
  const began = performance.now();
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(8_000);
  expect(messages(server)).toContain('traces could not be exported');
  expect(messages(server).slice(-1)).toEqual(['stopped']);
  await collector.close();
});

test('the log tells what was started, and that SIGHUP is of no use to a single process', async () => {
  const server = await start({});
  process.kill(server.pid, 'SIGHUP');
  await until('the log to tell', async () => {
    if (!messages(server).some((message) => /^SIGHUP is ignored/.test(message)))
      throw new Error('it does not');
  });
  expect((await server.get('/readyz')).status).toBe(200);
  expect(server.log()).toContainEqual(
    expect.objectContaining({
      level: 30,
      msg: 'listening',
      issuer: `http://localhost:${template['PORT']}`,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      database: 'embedded',
      redis: false,
    }),
  );
});
