// What a token costs by a dialect, beside the request for the same token at Writ's own endpoint: the CPU of the server
// for each answer, in turns. The bench asks itself: both sides pay the same for that, and the server's CPU is its own.
import { type ProcessEnvironment, spawnServer } from '../support/server-process.ts';
import { type Asked, askAgain } from './load/ask-again.ts';
import type { Options } from './options.ts';
import { makePeople, type Person } from './people.ts';
import { median } from './rounds.ts';
import { startStores } from './stores.ts';
import { cpuOf } from './usage.ts';
import { operatorOf, setUp } from './writ.ts';

/** Callers at once. */
const callers = 32;

/** How many times its native request a token by a dialect may cost. */
export const dialectBar = 1.15;

/** What a pair of requests cost: microseconds of the server's CPU for each answer, medians of the rounds. */
export interface DialectRow {
  dialect: string;
  request: string;
  native: number;
  byDialect: number;
  errors: number;
}

interface Pair {
  dialect: string;
  request: string;
  native: Asked;
  byDialect: Asked;
}

/** Starts Postgres, Redis and Writ with every dialect, and measures each pair in turns. */
export async function measureDialects(
  directory: string,
  { seconds, rounds }: Options,
  say: (text: string) => void,
): Promise<DialectRow[]> {
  const stores = await startStores();
  try {
    const env: ProcessEnvironment = {
      ...(await setUp(directory, stores)),
      DIALECTS: 'all',
      DATASETTE_DEVICE_FLOW: 'on',
      LIMITS: 'device_authorization.network=off,device_authorization.client=off',
    };
    const [person] = await makePeople(env, 1);
    const server = await spawnServer({ env });
    try {
      const port = Number(env['PORT']);
      const pairs = await preparePairs(server.origin, port, env, person as Person);
      const rows: DialectRow[] = [];
      for (const { dialect, request, ...sides } of pairs) {
        say(`A token by ${dialect}, in turns with Writ's own request`);
        const found = { native: [] as number[], byDialect: [] as number[] };
        let errors = 0;
        for (let round = 0; round <= rounds; round++)
          for (const side of ['native', 'byDialect'] as const) {
            const measured = await ask(server.pid, port, sides[side], seconds);
            if (measured.firstError) say(`${dialect}, ${side}: ${measured.firstError}`);
            errors += measured.errors;
            // The first round warms up.
            if (round > 0) found[side].push(measured.cpu);
          }
        rows.push({
          dialect,
          request,
          native: median(found.native),
          byDialect: median(found.byDialect),
          errors,
        });
      }
      return rows;
    } finally {
      await server.stop();
    }
  } finally {
    await stores.stop();
  }
}

async function preparePairs(
  origin: string,
  port: number,
  env: ProcessEnvironment,
  { email, password }: Person,
): Promise<Pair[]> {
  const { api } = operatorOf(origin, env);
  const squidex = 'scp:squidex-api';
  const sqliteCloud = 'https://sqlitecloud.io';
  const bloq = 'https://api.bloq.cloud';
  const datasette = 'https://datasette.io';
  const post = (
    path: string,
    body: string,
    type: string,
    { expects, token }: { expects: string; token?: string },
  ): Asked => ({
    text: `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: ${type}\r\n${
      token ? `Authorization: Bearer ${token}\r\n` : ''
    }Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    expects,
  });
  const form = (path: string, fields: Record<string, string>): Asked =>
    post(path, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded', {
      expects: '"access_token":"',
    });
  const device = (path: string, fields: Record<string, string>): Asked =>
    post(path, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded', {
      expects: '"device_code":"',
    });
  const json = (path: string, body: unknown, expects: string, token?: string): Asked =>
    post(path, JSON.stringify(body), 'application/json', { expects, ...(token && { token }) });
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    authorization?: string,
    // biome-ignore lint/suspicious/noExplicitAny: each answer has a shape of its own
  ): Promise<any> => {
    const response = await fetch(origin + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(authorization && { authorization }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  };

  const client = await api.createClient({
    token_endpoint_auth_method: 'client_secret_post',
    resources: [squidex, sqliteCloud],
  });
  const made = await api.call('POST', `/clients/${client.id}/api-keys`, { name: 'backend' });
  const machine = await api.createClient({
    token_endpoint_auth_method: 'client_secret_post',
    resources: [bloq],
  });

  const { accessToken } = await call(
    'POST',
    '/auth',
    undefined,
    `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`,
  );
  const keys = await call('POST', '/users/me/client-keys', undefined, `Bearer ${accessToken}`);
  const { refreshToken } = await call('POST', '/auth/token', {
    grantType: 'clientCredentials',
    clientId: keys.clientId,
    clientSecret: keys.clientSecret,
  });

  const credentials = (of: { id: string; secret: string | undefined }) => ({
    grant_type: 'client_credentials',
    client_id: of.id,
    client_secret: of.secret ?? '',
  });
  const apiKey: string = made.body.api_key;
  return [
    {
      dialect: 'squidex',
      request: 'client_credentials, a JWT',
      native: form('/connect/token', {
        ...credentials(client),
        scope: 'squidex-api',
        resource: squidex,
      }),
      byDialect: form('/identity-server/connect/token', {
        ...credentials(client),
        scope: 'squidex-api',
      }),
    },
    {
      dialect: 'sqlitecloud',
      request: 'an API token by an API key',
      native: json(
        '/api/v1/tokens',
        { name: 'bench', subject: { type: 'user', id: 'bench' }, resource: sqliteCloud },
        '"token":"',
        apiKey,
      ),
      byDialect: json('/v2/tokens', { name: 'bench', userId: 'bench' }, '"token":"', apiKey),
    },
    {
      dialect: 'bloq',
      request: 'a JWT by a refresh token, beside client_credentials',
      native: form('/connect/token', { ...credentials(machine), resource: bloq }),
      byDialect: json(
        '/auth/token',
        { grantType: 'refreshToken', refreshToken },
        '"accessToken":"',
      ),
    },
    {
      dialect: 'datasette',
      request: 'a device code with scopes',
      native: device('/connect/deviceauthorization', {
        client_id: 'writ-datasette',
        resource: datasette,
        authorization_details: JSON.stringify([
          { type: 'datasette_database', identifier: 'db1', actions: ['view-table'] },
        ]),
      }),
      byDialect: device('/-/oauth/device', { scope: '[["view-table", "db1"]]' }),
    },
  ];
}

/** Asks for some seconds. Gives microseconds of the server's CPU for each answer. */
async function ask(
  pid: number,
  port: number,
  asked: Asked,
  seconds: number,
): Promise<{ cpu: number; errors: number; firstError: string | undefined }> {
  const began = cpuOf(pid);
  const { latencies, errors, firstError } = await askAgain(port, () => asked, { callers, seconds });
  return { cpu: (cpuOf(pid) - began) / latencies.length, errors, firstError };
}
