// What the guard costs an API: the requests per second of one process with it, beside those of the same API alone.
import { mkdirSync } from 'node:fs';
import * as path from 'node:path';
import { basic, type Credentials, createHttp } from '../support/http.ts';
import { freePort } from '../support/process.ts';
import { spawnServer } from '../support/server-process.ts';
import { openConnection } from './load/connection.ts';
import type { Options } from './options.ts';
import { startListener } from './programs.ts';
import { median } from './rounds.ts';
import { cpuOf } from './usage.ts';
import { operatorOf } from './writ.ts';

const resource = 'https://guarded.bench.test';
const modes = ['alone', 'offline', 'introspecting'] as const;
type Mode = (typeof modes)[number];

/** Different tokens, each of which is used again and again. */
const tokens = 200;

/** Requests per second and microseconds of CPU of each mode, and how many requests one request to Writ was enough for. */
export interface GuardCost {
  perSecond: Record<Mode, number>;
  cpu: Record<Mode, number>;
  callsPerIntrospection: number;
}

export async function measureGuard(
  directory: string,
  { rounds, seconds, connections }: Options,
  say: (text: string) => void,
): Promise<GuardCost> {
  mkdirSync(directory);
  const env = {
    DATA_DIR: path.join(directory, 'data'),
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
  };
  const writ = await spawnServer({ env });
  const stops: (() => Promise<unknown>)[] = [writ.stop];
  try {
    const { api } = operatorOf(writ.origin, env);
    const scopes = [{ name: 'things:read' }];
    await api.createResource({ identifier: resource, scopes, token_format: 'jwt' });
    const client = await api.createClient({ resources: [resource] });
    const server = await api.createClient({ resource_server_for: [resource] });
    const issuer = `http://localhost:${env.PORT}`;
    const values = await issue(writ.origin, client);
    const found: Record<Mode, number[]> = { alone: [], offline: [], introspecting: [] };
    const cpu: Record<Mode, number[]> = { alone: [], offline: [], introspecting: [] };
    const perIntrospection: number[] = [];
    for (let round = 0; round < rounds; round++)
      for (const mode of modes) {
        say(`The guard, round ${round + 1}: ${mode}`);
        const port = await freePort();
        const program = await startListener('api.ts', {
          MODE: mode,
          ISSUER: issuer,
          RESOURCE: resource,
          CLIENT_ID: server.id,
          CLIENT_SECRET: server.secret,
          PORT: String(port),
        });
        stops.push(program.stop);
        await load({ port, values, connections, seconds: 1 });
        const before = await program.ask();
        const used = cpuOf(program.pid);
        const calls = await load({ port, values, connections, seconds });
        const asked = Number(await program.ask()) - Number(before);
        cpu[mode].push((cpuOf(program.pid) - used) / calls);
        found[mode].push(calls / seconds);
        if (mode === 'introspecting') perIntrospection.push(calls / asked);
        await program.stop();
      }
    return {
      perSecond: mediansOf(found),
      cpu: mediansOf(cpu),
      callsPerIntrospection: median(perIntrospection),
    };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

const mediansOf = ({ alone, offline, introspecting }: Record<Mode, number[]>) => ({
  alone: median(alone),
  offline: median(offline),
  introspecting: median(introspecting),
});

async function issue(origin: string, client: Credentials): Promise<string[]> {
  const { request } = createHttp(origin);
  const one = async (): Promise<string> => {
    const { body } = await request('POST', '/connect/token', {
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'things:read' }),
      headers: { authorization: basic(client) },
    });
    return body.access_token;
  };
  return Promise.all(Array.from({ length: tokens }, one));
}

/** Asks on many connections for so many seconds; returns the number of responses. */
async function load({
  port,
  values,
  connections,
  seconds,
}: {
  port: number;
  values: readonly string[];
  connections: number;
  seconds: number;
}): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let answers = 0;
  await Promise.all(
    Array.from({ length: connections }, async (_none, index) => {
      const { exchange, close } = await openConnection(port);
      for (let next = index; performance.now() < until; next++) {
        const token = values[next % values.length];
        const { status } = await exchange(
          `GET /things HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`,
        );
        if (status !== 200) throw new Error(`the API responded with ${status}`);
        answers++;
      }
      close();
    }),
  );
  return answers;
}
