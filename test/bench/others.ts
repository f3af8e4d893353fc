// What Writ is measured against.
import * as path from 'node:path';
import { freePort } from '../support/process.ts';
import type { Options } from './options.ts';
import { type LoadMaker, startListener } from './programs.ts';
import {
  clientCredentials,
  deviceAuthorization,
  deviceCodes,
  devicePoll,
  introspection,
  type Request,
  refresh,
  scope,
  type Target,
} from './scenario.ts';
import type { Stores } from './stores.ts';

/** `node:http` and one read from Redis: the limit of what introspection can reach. */
export async function startBare({ redisUrl, redisCpu }: Stores): Promise<Target> {
  const port = await freePort();
  const server = await startListener('bare.ts', { PORT: String(port), REDIS_URL: redisUrl });
  return {
    ...server,
    name: 'bare',
    port,
    requests: {
      introspection: {
        path: '/',
        form: { client_id: 'bare', client_secret: 'secret', token: 'x'.repeat(50) },
        expects: '"active":true',
      },
    },
    storeCpu: redisCpu,
  };
}

/** It issues a few thousand a second, and Redis takes as long for one of many as for one of few. */
const mostStockTokens = 20_000;

/** oidc-provider over Redis. It issues the tokens itself that it is asked about later. */
export async function startStock(
  directory: string,
  { redisUrl, redisCpu }: Stores,
  load: LoadMaker,
  { tokens, connections, parts }: Options,
): Promise<Target> {
  const port = await freePort();
  const client = { id: 'stock', secret: 'a secret that stands in the configuration' };
  const refreshTokens = path.join(directory, 'stock-refresh-tokens');
  const server = await startListener('stock.ts', {
    PORT: String(port),
    REDIS_URL: redisUrl,
    CLIENT_ID: client.id,
    CLIENT_SECRET: client.secret,
    SCOPE: scope,
    LOGINS: String(connections),
    REFRESH_TOKENS: refreshTokens,
  });
  const issue = clientCredentials('/token', client);
  const file = path.join(directory, 'stock-tokens');
  const fill = async (request: Request, keep: string, answers: number) => {
    const order = { ...request, port, connections, until: { answers }, keep };
    const { errors, firstError } = await load.run(order);
    if (errors > 0) throw new Error(`stock could not be filled: ${firstError}`);
  };
  if (parts.includes('introspection')) await fill(issue, file, Math.min(tokens, mostStockTokens));
  const codes = path.join(directory, 'stock-device-codes');
  if (parts.includes('device poll'))
    await fill(deviceAuthorization('/device/auth', client), codes, deviceCodes);
  return {
    ...server,
    name: 'stock',
    port,
    requests: {
      client_credentials: issue,
      introspection: introspection('/token/introspection', client, file),
      refresh: refresh('/token', client, refreshTokens),
      'device poll': devicePoll('/token', client, codes),
    },
    storeCpu: redisCpu,
  };
}
