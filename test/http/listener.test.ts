import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createListener, type Listener } from '../../src/http/listener.ts';
import { createLog, type Log } from '../../src/http/log.ts';

let listener: Listener | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener?.stop(Promise.resolve());
});

const start = async (
  handler: RequestListener,
  bounds: {
    maxConnections?: number;
    requestSeconds?: number;
    maxRequests?: number;
    log?: Log;
    trustProxy?: number;
  } = {},
) => {
  listener = createListener({
    port: 0,
    host: 'localhost',
    log: createLog('silent'),
    trustProxy: 0,
    maxConnections: 100,
    maxRequests: 100,
    requestSeconds: 1,
    shutdownTimeoutSeconds: 1,
    ...bounds,
  });
  await listener.open();
  listener.handle(handler, (request, response) => {
    if (request.url !== '/aside') return false;
    response.end('aside');
    return true;
  });
  return listener.origin;
};

const open = async (origin: string, sent: string): Promise<Socket> => {
  const socket = connect(Number(new URL(origin).port), 'localhost');
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(sent);
  return socket;
};

const halfSent = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf';

describe('a slow sender', () => {
  test.each([
    ['the body', halfSent],
    ['the headers', 'POST / HTTP/1.1\r\nHost: loc'],
    ['a chunk', 'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'],
  ])('%s gets 408 and is cut off', async (_what, sent) => {
    const origin = await start(() => {});
    const socket = await open(origin, sent);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('of nothing is cut off', async () => {
    const origin = await start(() => {});
    const socket = await open(origin, '');
    expect(await text(socket)).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });
});

test('one connection beyond the maximum is closed, and the next is accepted when one has ended', async () => {
  const origin = await start((_request, response) => response.end('served'), { maxConnections: 1 });
  const first = await open(origin, '');
  const second = await open(origin, '');
  await once(second.resume(), 'close');
  const ended = once(first, 'close');
  first.end();
  await ended;
  expect(await (await fetch(origin)).text()).toBe('served');
});

test.each([1, 8])(
  'the bound on connections counts those of all sockets: %d',
  async (maxConnections) => {
    const origin = await start((_request, response) => response.end('served'), {
      maxConnections,
      requestSeconds: 30,
    });
    const opened: Socket[] = [];
    for (let count = 0; count < maxConnections; count++) {
      const socket = await open(origin, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await once(socket, 'data');
      opened.push(socket);
    }
    const refused: Promise<unknown>[] = [];
    for (let count = 0; count < 20; count++) {
      const socket = connect(Number(new URL(origin).port), 'localhost').resume();
      sockets.push(socket);
      refused.push(once(socket, 'close'));
    }
    await Promise.all(refused);
    expect(opened.map(({ readyState }) => readyState)).toEqual(opened.map(() => 'open'));
  },
);

test('a busy process accepts the connections that waited many at a time', async () => {
  const callers = 64;
  const served = Promise.withResolvers<void>();
  let requests = 0;
  const origin = await start((_request, response) => {
    response.end();
    if (++requests === callers) served.resolve();
  });
  const sent = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { connect } = require('node:net');
     const { workerData: { port, callers, sent } } = require('node:worker_threads');
     for (let count = 0; count < callers; count++) {
       const socket = connect(port, 'localhost').on('error', () => {}).resume();
       socket.write('GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n', () => {
         Atomics.add(sent, 0, 1);
         Atomics.notify(sent, 0);
       });
     }`,
    { eval: true, workerData: { port: Number(new URL(origin).port), callers, sent } },
  );
  const exited = once(worker, 'exit');
  // The event loop of the server is busy until every connection waits.
  for (let count = 0; count < callers; count = Atomics.load(sent, 0)) Atomics.wait(sent, 0, count);
  let turns = 0;
  const countTurns = () => {
    turns++;
    if (requests < callers) setImmediate(countTurns);
  };
  countTurns();
  await served.promise;
  expect(turns).toBeLessThan(callers / 2);
  await exited;
});

describe('requests in progress are bounded', () => {
  test('one more is refused at once, a probe is answered, and the next one takes the place of a finished one', async () => {
    const held: (() => void)[] = [];
    let hold = true;
    const origin = await start(
      (_request, response) => {
        const answer = () => response.end('served');
        if (hold) held.push(answer);
        else answer();
      },
      { maxRequests: 2 },
    );
    const answers = [fetch(origin), fetch(origin), fetch(origin)];
    const refused = await Promise.race(answers);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await refused.json()).toMatchObject({ error: 'temporarily_unavailable' });
    expect(await (await fetch(`${origin}/aside`)).text()).toBe('aside');
    const page = await fetch(origin, { headers: { 'sec-fetch-dest': 'document' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    for (const answer of held.splice(0)) answer();
    expect((await Promise.all(answers)).filter(({ status }) => status === 200)).toHaveLength(2);
    hold = false;
    expect((await fetch(origin)).status).toBe(200);
  });

  test('half-sent requests take no place, and beyond a limit of their own the oldest is cut off', async () => {
    const began = Promise.withResolvers<void>();
    let begun = 0;
    const origin = await start(
      (request, response) => {
        if (++begun === 5) began.resolve();
        if (request.method === 'GET') response.end('served');
      },
      { maxRequests: 1 },
    );
    for (let count = 0; count < 5; count++) await open(origin, halfSent);
    await began.promise;
    const [oldest, ...others] = sockets;
    const closed = once((oldest as Socket).resume(), 'close');
    expect((await fetch(origin)).status).toBe(200);
    await closed;
    expect(others.map(({ readyState }) => readyState)).toEqual(others.map(() => 'open'));
  });

  test('a client that does not read its response takes no place', async () => {
    const ended = Promise.withResolvers<void>();
    let begun = 0;
    const origin = await start(
      (request, response) => {
        const isLarge = request.url === '/large';
        response.end(isLarge ? Buffer.alloc(32 * 1024 * 1024) : 'served');
        if (isLarge && ++begun === 2) ended.resolve();
      },
      { maxRequests: 1 },
    );
    for (let count = 0; count < 2; count++)
      (await open(origin, 'GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n')).pause();
    await ended.promise;
    expect((await fetch(origin)).status).toBe(200);
  });
});

describe('a request that names a proxy', () => {
  /** The warnings after requests with these headers, each sent twice. */
  const warnings = async (trustProxy: number, ...headers: Record<string, string>[]) => {
    const lines: { level: string; header?: string; msg: string }[] = [];
    const log = createLog('warn', {
      destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
    });
    const origin = await start((_request, response) => response.end(), { log, trustProxy });
    for (const header of [...headers, ...headers]) await fetch(origin, { headers: header });
    return lines;
  };

  test.each(['x-forwarded-for', 'forwarded'])(
    'is reported once by a process that trusts none: %s',
    async (header) => {
      const found = await warnings(0, { [header]: 'for=192.0.2.1' });
      expect(found).toMatchObject([{ header, msg: expect.stringContaining('TRUST_PROXY') }]);
    },
  );

  test('is normal if one is trusted, and so is a request that names none', async () => {
    expect(await warnings(1, { 'x-forwarded-for': '192.0.2.1' })).toEqual([]);
    await listener?.stop(Promise.resolve());
    expect(await warnings(0, {})).toEqual([]);
  });
});
