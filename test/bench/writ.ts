// Writ itself, as an operator starts it, with what the workloads need.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { endpoints } from '../../src/oauth/paths.ts';
import { apiClient } from '../support/http.ts';
import { freePort } from '../support/process.ts';
import { type ProcessEnvironment, runWrit, spawnServer } from '../support/server-process.ts';
import { issuerKey, podClaims } from '../support/trusted-issuer.ts';
import type { Options } from './options.ts';
import type { LoadMaker } from './programs.ts';
import { warmUpSeconds } from './rounds.ts';
import {
  clientCredentials,
  deviceAuthorization,
  deviceCodes,
  devicePoll,
  exchange,
  introspection,
  jwtBearer,
  type Request,
  refresh,
  revocation,
  scope,
  type Target,
} from './scenario.ts';
import { seed } from './seed.ts';
import type { Stores } from './stores.ts';

const resource = 'https://api.bench.test';
const jwtResource = 'https://jwt.bench.test';
const role = 'bench';

/** JWTs that introspection chooses from: the server signs each. */
const jwts = 2_000;

/** Revocations in a second of a round, at most: the tokens for them are stored before. */
const mostRevocations = 6_000;

/** What an embedded database stores in some seconds. */
const mostEmbeddedTokens = 100_000;

/** On Postgres and Redis, set up by hand once. */
export async function startWrit(
  directory: string,
  stores: Stores,
  load: LoadMaker,
  options: Options,
): Promise<Target> {
  return {
    ...(await start(await setUp(directory, stores), load, options)),
    name: 'writ',
    storeCpu: () => stores.postgresCpu() + stores.redisCpu(),
  };
}

/** Sets Writ up over Postgres and Redis, and gives what its processes are started with. */
export async function setUp(
  directory: string,
  { postgresUrl, redisUrl }: Pick<Stores, 'postgresUrl' | 'redisUrl'>,
): Promise<ProcessEnvironment> {
  const env = {
    ...(await environment(directory)),
    DATABASE_URL: postgresUrl,
    REDIS_URL: redisUrl,
    SECRET_KEYS: randomBytes(32).toString('hex'),
  };
  const { code, stderr } = await runWrit(['setup'], env);
  if (code !== 0) throw new Error(`writ setup failed: ${stderr}`);
  return env;
}

/** The operator's API, with its key. */
export function operatorOf(origin: string, env: ProcessEnvironment) {
  const operatorFile = path.join(env['DATA_DIR'] ?? '', 'operator.json');
  const key: string = JSON.parse(readFileSync(operatorFile, 'utf8')).api_key;
  return { key, api: apiClient(origin, key) };
}

/** Alone, with Postgres inside its process. */
export async function startEmbeddedWrit(
  directory: string,
  load: LoadMaker,
  options: Options,
): Promise<Target> {
  const tokens = Math.min(options.tokens, mostEmbeddedTokens);
  // It would take minutes to start as many device flows as the others have.
  const parts = options.parts.filter((part) => part !== 'device poll');
  return {
    ...(await start(await environment(directory), load, { ...options, tokens, parts })),
    name: 'writ embedded',
    storeCpu: () => 0,
  };
}

export async function environment(directory: string): Promise<ProcessEnvironment> {
  mkdirSync(directory);
  return {
    DATA_DIR: path.join(directory, 'data'),
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    // One machine starts all device flows of the bench.
    LIMITS: 'device_authorization.network=off,device_authorization.client=off',
  };
}

/** Started twice: tokens are stored while no server is there, which an embedded database asks for. */
export async function start(
  env: ProcessEnvironment,
  load: LoadMaker,
  { tokens, connections, parts, rounds, seconds }: Options,
) {
  const first = await spawnServer({ env, file: 'bin/writ.js' });
  const { machine, jwtMachine, app, agent, assertion } = await makeClients(first.origin, env);
  await first.stop();

  const file = (name: string) => path.join(env['DATA_DIR'] ?? '', `../${name}`);
  const accessTokens = file('access-tokens');
  const refreshTokens = file('refresh-tokens');
  const jwtTokens = file('jwts');
  const [revocable, codes] = [file('revocable'), file('device-codes')];
  const revocations = Math.min(
    (rounds * seconds + warmUpSeconds) * mostRevocations,
    mostEmbeddedTokens * 2,
  );
  const [personalTokens, apiTokens] = [file('personal-access-tokens'), file('api-tokens')];
  await seed(env, {
    resource,
    machine: { clientId: machine.id, tokens, file: accessTokens },
    revocable: { tokens: parts.includes('revocation') ? revocations : 0, file: revocable },
    owned: { role, personal: personalTokens, api: apiTokens },
    app: { clientId: app.id, logins: connections, file: refreshTokens },
  });

  const server = await spawnServer({ env, file: 'bin/writ.js' });
  const port = Number(env['PORT']);
  const { token, introspection: introspect, revocation: revoke } = endpoints;
  const fill = async (request: Request, keep: string, answers: number) => {
    const order = { ...request, port, connections, until: { answers }, keep };
    const { errors, firstError } = await load.run(order);
    if (errors > 0) throw new Error(`${keep} could not be filled: ${firstError}`);
  };
  if (parts.includes('introspection of JWTs'))
    await fill(clientCredentials(token, jwtMachine), jwtTokens, jwts);
  if (parts.includes('device poll'))
    await fill(deviceAuthorization(endpoints.device_authorization, app), codes, deviceCodes);
  return {
    pid: server.pid,
    port,
    requests: {
      client_credentials: clientCredentials(token, machine),
      'client_credentials, JWT': clientCredentials(token, jwtMachine),
      'jwt-bearer': jwtBearer(token, assertion),
      introspection: introspection(introspect, machine, accessTokens),
      'introspection of JWTs': introspection(introspect, jwtMachine, jwtTokens),
      'introspection of personal access tokens': introspection(introspect, machine, personalTokens),
      'introspection of API tokens': introspection(introspect, machine, apiTokens),
      revocation: revocation(revoke, machine, revocable),
      refresh: refresh(token, app, refreshTokens),
      ...(parts.includes('device poll') && { 'device poll': devicePoll(token, app, codes) }),
      'token exchange': exchange(token, agent, personalTokens),
    },
    stop: server.stop,
  };
}

/** A machine with one role, another one whose tokens are JWTs, and a confidential client that rotates its refresh tokens. */
async function makeClients(origin: string, env: ProcessEnvironment) {
  const { api } = operatorOf(origin, env);
  await api.createResource({ identifier: resource, scopes: [{ name: scope }], default: true });
  await api.createResource({
    identifier: jwtResource,
    scopes: [{ name: scope }],
    token_format: 'jwt',
  });
  await api.setRole(role, ['things.read']);
  const method = { token_endpoint_auth_method: 'client_secret_post' };
  const machine = await api.createClient({
    ...method,
    roles: [role],
    resources: [resource],
    resource_server_for: [resource],
  });
  const key = await issuerKey();
  const issuer = 'https://cluster.bench.test';
  await api.call('POST', '/trusted-issuers', {
    id: 'cluster',
    preset: 'kubernetes',
    issuer,
    jwks: { keys: [key.jwk] },
    audiences: ['writ'],
    rules: [{ name: 'all', claims: { sub: ['system:serviceaccount:prod:*'] }, client: machine.id }],
  });
  return {
    machine,
    assertion: await key.sign(podClaims(issuer, 'writ', ['prod', 'api'])),
    jwtMachine: await api.createClient({ ...method, roles: [role], resources: [jwtResource] }),
    agent: await api.createClient({
      ...method,
      resources: [resource],
      grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
    }),
    app: await api.createClient({
      ...method,
      grant_types: [
        'authorization_code',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
      response_types: ['code'],
      redirect_uris: ['https://app.test/cb'],
      rotate_refresh_tokens: true,
    }),
  };
}
