// Several processes that serve one port (WEB_CONCURRENCY), over real sockets.
import { writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { beginRequest } from '../boot/slow-request.ts';
import { postgresDatabase, postgresUrl } from '../support/databases.ts';
import { type ApiClient, basic, type Credentials } from '../support/http.ts';
import { until } from '../support/process.ts';
import { beginServer, type ServerProcess } from '../support/server-process.ts';
import { type Installation, install } from './installation.ts';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
const count = 2;

(postgresUrl && redisUrl ? describe : describe.skip)('two workers at one port', () => {
  let installation: Installation;
  let server: ServerProcess;
  let operator: ApiClient;
  let client: Credentials;
  let style: string;
  let atFirst: Series;

  beforeAll(async () => {
    installation = await install({ DATABASE_URL: await postgresDatabase(), REDIS_URL: redisUrl });
    style = path.join(installation.env['DATA_DIR'] ?? '', 'style.css');
    await writeFile(style, '/* one */');
    server = await installation.start({
      env: {
        WEB_CONCURRENCY: String(count),
        METRICS_PORT: '0',
        BRAND_STYLE: style,
        // A connection that is kept alive has that long to be used once more.
        SHUTDOWN_DELAY_SECONDS: '2',
      },
    });
    await areReady();
    operator = await installation.operator(server);
    await operator.createResource({ identifier: 'https://api.example.com', default: true });
    client = await operator.createClient({});
    await until('the jobs to run', async () => {
      atFirst = await scrape();
      if (atFirst.sum('writ_job_runs_total', 'job="keys"') === 0) throw new Error('they do not');
    });
  });
  afterAll(() => installation?.remove());

  interface Series {
    /** Of the series of this name with this label, of each worker that has any. */
    byWorker(name: string, label: string): Map<string, number>;
    sum(name: string, label: string): number;
  }

  /** What Prometheus reads: the series of all workers, from one port. */
  async function scrape(): Promise<Series> {
    const url = server.log().find(({ msg }) => msg === 'metrics are served')?.url;
    const text = await (await fetch(url)).text();
    const byWorker = (name: string, label: string) => {
      const values = new Map<string, number>();
      for (const line of text.split('\n')) {
        const [, found, labels = '', value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
        const worker = /worker="(\d+)"/.exec(labels)?.[1] ?? '';
        if (found === name && labels.includes(label))
          values.set(worker, (values.get(worker) ?? 0) + Number(value));
      }
      return values;
    };
    return {
      byWorker,
      sum: (name, label) => [...byWorker(name, label).values()].reduce((one, two) => one + two, 0),
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: lines of the log
  const said = (msg: string): any[] => server.log().filter((line) => line.msg === msg);

  /** The process of each worker, the first one first. */
  const pids = () => {
    const latest = new Map<number, number>(
      said('a worker is ready').map(({ worker, pid }) => [worker, pid]),
    );
    return [...latest.entries()].toSorted(([one], [two]) => one - two).map(([, pid]) => pid);
  };

  const areReady = () =>
    until('all workers to be ready', async () => {
      const ready = (await scrape()).sum('writ_workers', 'state="ready"');
      if (ready !== count) throw new Error(`${ready} are`);
    });

  /** The status of a token request. Rejects if the connection breaks. */
  function ask(agent?: http.Agent): Promise<number | undefined> {
    const body = 'grant_type=client_credentials';
    return new Promise((resolve, reject) => {
      const request = http.request(
        `${server.origin}/connect/token`,
        {
          method: 'POST',
          agent: agent ?? false,
          headers: {
            Authorization: basic(client),
            'Content-Type': 'application/x-www-form-urlencoded',
            'Content-Length': body.length,
          },
        },
        (response) => response.resume().on('end', () => resolve(response.statusCode)),
      );
      request.on('error', reject).end(body);
    });
  }

  /** Asks all the time, on connections that are kept and on new ones, until `work` is done. */
  async function whileAsking(work: () => Promise<unknown>) {
    let isDone = false;
    const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
    const outcomes = new Map<unknown, number>();
    const loop = async (own?: http.Agent) => {
      while (!isDone) {
        const outcome = await ask(own).catch((error) => error.code);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    const callers = [agent, agent, agent, agent, undefined, undefined, undefined].map(loop);
    await work();
    isDone = true;
    await Promise.all(callers);
    agent.destroy();
    return outcomes;
  }

  test('both serve requests, and their counters add up to what was asked', async () => {
    const name = 'writ_http_requests_total';
    const label = 'endpoint="/connect/token",method="POST",status="200"';
    const before = await scrape();
    await until('both to have served', async () => {
      for (const status of await Promise.all(Array.from({ length: 20 }, () => ask())))
        expect(status).toBe(200);
      if ((await scrape()).byWorker(name, label).size < count) throw new Error('one has not');
    });
    const asked = 60;
    const between = await scrape();
    await Promise.all(Array.from({ length: asked }, () => ask()));
    const after = await scrape();
    expect(after.sum(name, label) - between.sum(name, label)).toBe(asked);
    expect(between.sum(name, label)).toBeGreaterThan(before.sum(name, label));
  });

  test('one of them runs the jobs, and the stores are described once', async () => {
    expect(atFirst.byWorker('writ_job_runs_total', 'job="keys",outcome="succeeded"').size).toBe(1);
    expect(atFirst.byWorker('writ_token_partitions', 'state="attached"').size).toBe(1);
  });

  test('the log is one stream, in which each line of a worker has its number', () => {
    expect(new Set(said('listening').map(({ worker }) => worker))).toEqual(new Set([1, 2]));
    expect(server.stdout().match(/^Listening on /gm)).toHaveLength(1);
  });

  test('SIGHUP replaces both while no request is lost; the new ones read their files anew', async () => {
    const before = pids();
    const replaced = said('all workers have been replaced').length;
    await writeFile(style, '/* two */');
    const outcomes = await whileAsking(async () => {
      process.kill(server.pid, 'SIGHUP');
      await until('both to be replaced', async () => {
        if (said('all workers have been replaced').length === replaced) throw new Error('not yet');
      });
    });
    expect([...outcomes.keys()]).toEqual([200]);
    expect(outcomes.get(200)).toBeGreaterThan(50);
    const after = pids();
    expect(after).toHaveLength(count);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    expect((await server.get('/readyz')).status).toBe(200);
    const page = await (await fetch(`${server.origin}/sign-in`)).text();
    const styles = [...page.matchAll(/href="([^"]*\.css[^"]*)"/g)].map(([, href]) => href);
    const texts = await Promise.all(
      styles.map(async (href) => (await fetch(new URL(href ?? '', server.origin))).text()),
    );
    expect(texts.join('')).toContain('/* two */');
  });

  test('a worker that cannot take the place of another one leaves that in service', async () => {
    const before = pids();
    await writeFile(style, 'x'.repeat(300 * 1024));
    process.kill(server.pid, 'SIGHUP');
    await until('the failure', async () => {
      const [line] = said('workers are not replaced any further: the new one cannot start');
      if (!line) throw new Error('not yet');
    });
    await writeFile(style, '/* three */');
    expect(server.stderr()).toMatch(/BRAND_STYLE: /);
    expect(pids()).toEqual(before);
    expect(await ask()).toBe(200);
  });

  test('a killed worker is replaced, and others serve new requests meanwhile', async () => {
    const [first, second] = pids();
    process.kill(second ?? 0, 'SIGKILL');
    await until('its end to be noticed', async () => {
      if (!said('a worker ended and is replaced').some(({ pid }) => pid === second))
        throw new Error('not yet');
    });
    const outcomes = await whileAsking(() =>
      until('another one to be ready', async () => {
        if (pids()[1] === second) throw new Error('not yet');
      }),
    );
    expect([...outcomes.keys()]).toEqual([200]);
    expect(pids()[0]).toBe(first);
    expect((await scrape()).sum('writ_worker_ends_total', 'reason="failed"')).toBeGreaterThan(0);
    const { body } = await operator.call('GET', '/diagnostics');
    expect(body.checks).toContainEqual(
      expect.objectContaining({
        name: 'processes',
        status: 'warning',
        message: expect.stringMatching(
          /^All 2 processes at this port serve requests, but \d ended/,
        ),
      }),
    );
  });

  test('SIGTERM lets both finish their requests, also if the system sends it to all processes', async () => {
    const other = await installation.start({
      env: { WEB_CONCURRENCY: String(count), SHUTDOWN_DELAY_SECONDS: '0' },
    });
    const running = await Promise.all(
      Array.from({ length: 8 }, () => beginRequest(other.origin, client)),
    );
    await until('both workers', async () => {
      if (other.log().filter(({ msg }) => msg === 'a worker is ready').length < count)
        throw new Error('not yet');
    });
    const workers = other.log().filter(({ msg }) => msg === 'a worker is ready');
    for (const pid of [other.pid, ...workers.map((line) => line.pid)]) process.kill(pid, 'SIGTERM');
    await until('it to take no more connections', async () => {
      const taken = await fetch(`${other.origin}/healthz`).catch(() => undefined);
      if (taken) throw new Error('it does');
    });
    for (const { finish } of running) finish();
    for (const { answer } of running) expect(await answer).toMatch(/"access_token":"writ_at_/);
    expect(await other.exited).toEqual({ code: 0, signal: null });
    expect(other.stderr()).toBe('');
    expect(other.log().at(-1)).toMatchObject({ msg: 'stopped' });
  });

  test('workers finish their requests and end if the process that supervises them is killed', async () => {
    const other = await installation.start({ env: { WEB_CONCURRENCY: String(count) } });
    const running = await beginRequest(other.origin, client);
    process.kill(other.pid, 'SIGKILL');
    await until('it to take no more connections', async () => {
      const taken = await fetch(`${other.origin}/healthz`).catch(() => undefined);
      if (taken) throw new Error('it does');
    });
    running.finish();
    expect(await running.answer).toMatch(/"access_token":"writ_at_/);
    // Its output ends when the workers are gone too.
    await other.exited;
  });

  test('a start that fails says why once, and ends with the code of the worker', async () => {
    const failing = beginServer({
      env: { ...installation.env, WEB_CONCURRENCY: '2', ISSUER: 'http://localhost:4000' },
    });
    expect(await failing.exited).toEqual({ code: 1, signal: null });
    expect(failing.stderr()).toMatch(/^writ: The server cannot start:\n {2}ISSUER: .*\n$/);
  });
});
