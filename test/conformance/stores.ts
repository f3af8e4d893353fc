import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Adapter, Provider } from 'oidc-provider';
import { type Database, openDatabase } from '../../db/database.ts';
import { openRedis, type RedisConnection } from '../../db/redis.ts';
import { sha256 } from '../../src/crypto/digest.ts';
import { createKeyring } from '../../src/crypto/sealing.ts';
import { createDeviceRequests } from '../../src/domain/grants/device/requests.ts';
import type { DeviceRequests } from '../../src/domain/grants/device/types.ts';
import { createDomain, type Domain } from '../../src/domain/index.ts';
import { ensureInstallation } from '../../src/domain/installation/installation.ts';
import { createAccountOfSubject } from '../../src/domain/issuers/subjects.ts';
import { createVerifyIssued } from '../../src/domain/issuers/verify.ts';
import { createWorkloads } from '../../src/domain/issuers/workloads.ts';
import { openSigningKeys } from '../../src/domain/keys/signing-keys.ts';
import { createPostgresEphemeralStore } from '../../src/domain/short-lived/postgres.ts';
import { createRedisEphemeralStore } from '../../src/domain/short-lived/redis.ts';
import type { EphemeralStore } from '../../src/domain/short-lived/store.ts';
import { noCertificates } from '../../src/http/client-certificate.ts';
import { adapterFactory } from '../../src/protocol/engine/adapter/index.ts';
import { createProvider } from '../../src/protocol/engine/provider.ts';
import { inRequestScope } from '../../src/protocol/engine/request-scope.ts';
import { createSignJwt } from '../../src/protocol/sign-jwt.ts';
import { createIssuerKeys } from '../../src/upstream/issuer-keys.ts';
import { embeddedDatabase, postgresDatabase } from '../support/databases.ts';
import { createHttp, type Http } from '../support/http.ts';

const issuer = 'https://writ.example';

/** The engine on one combination of stores, with access to what is stored. */
export interface Stores extends Http {
  database: Database;
  domain: Domain;
  redis: RedisConnection | undefined;
  provider: Provider;
  /** Decisions of people about devices. */
  deviceRequests: DeviceRequests;
  /** The engine's adapter of one kind, outside of any request. */
  adapter: (kind: string) => Adapter;
  /** The store of short-lived state. */
  ephemeral: EphemeralStore;
  /** Sends a request several times, so that the engine starts all of them in one tick. */
  atOnce<Result>(count: number, ask: () => Promise<Result>): Promise<Result[]>;
  close(): Promise<void>;
}

/** Opens the engine on a database and, with a URL, Redis for short-lived state. */
export async function openStores(
  kind: 'pglite' | 'postgres',
  redisUrl?: () => Promise<string>,
): Promise<Stores> {
  const database =
    kind === 'pglite' ? await embeddedDatabase() : await openDatabase(await postgresDatabase());
  const keyring = createKeyring(['a key that seals what the adapter tests store']);
  await ensureInstallation(database, { issuer, keyring });
  const onError = (error: unknown) => {
    throw error;
  };
  const redis = redisUrl ? openRedis(await redisUrl()) : undefined;
  const domain = await createDomain({
    database,
    product: { brand: 'Writ', issuer: 'http://localhost' },
    keyring,
    redis,
    validateMetadata: () => {},
    onError,
  });
  const stores = {
    ...domain,
    keyring,
    ephemeral: redis
      ? createRedisEphemeralStore({ redis })
      : createPostgresEphemeralStore({ database }),
  };
  const apiResource = `${issuer}/api/v1`;
  const verifyIssued = createVerifyIssued({
    issuer,
    issuers: domain.trustedIssuers,
    keys: createIssuerKeys(),
  });
  const workloads = createWorkloads({
    issuers: domain.trustedIssuers,
    verify: verifyIssued,
    uses: domain.issuerUses,
  });
  const signingKeys = await openSigningKeys(database.kysely, keyring);
  const provider = createProvider({
    showProblem: async () => {},
    showLeaving: async () => {},
    showResponseForm: async () => {},
    browserSession: async () => undefined,
    ...stores,
    workloads,
    verifyIssued,
    certificateOf: noCertificates,
    isTrusted: () => false,
    accountOfSubject: createAccountOfSubject(domain),
    issuer,
    apiResource,
    settings: {
      REFRESH_TOKEN_DAYS: 365,
      REFRESH_TOKEN_IDLE_DAYS: 0,
      TRUST_PROXY: 0,
      JWKS_MAX_AGE_SECONDS: 300,
      DIALECTS: [],
      DPOP_NONCE: 'off',
      PRIVATE_CLIENT_URLS: 'off',
      CLIENT_METADATA_DOCUMENTS: 'off',
      LANGUAGES: ['en'],
      CLIENT_REGISTRATION: 'off',
      REGISTRATION: 'off',
    },
    signingKeys,
    signJwt: createSignJwt(() => signingKeys),
    cookieKeys: ['a key for cookies'],
    dpopKey: undefined,
  });
  const { server, atOnce } = serve(provider);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...createHttp(`http://127.0.0.1:${port}`),
    database,
    domain,
    redis,
    provider,
    deviceRequests: createDeviceRequests({ ...stores, apiResource }),
    adapter: adapterFactory(stores) as (kind: string) => Adapter,
    ephemeral: stores.ephemeral,
    atOnce,
    async close() {
      server.closeAllConnections();
      server.close();
      await domain.lastUsed.close();
      redis?.disconnect();
      await database.close();
    },
  };
}

function serve(provider: Provider) {
  const engine = provider.callback();
  const held: (() => unknown)[] = [];
  let awaited = 0;
  const server = http
    .createServer((request, response) => {
      held.push(() => inRequestScope(() => engine(request, response)));
      if (held.length < awaited) return;
      awaited = 0;
      for (const begin of held.splice(0)) begin();
    })
    .listen(0, '127.0.0.1');
  const atOnce = <Result>(count: number, ask: () => Promise<Result>): Promise<Result[]> => {
    awaited = count;
    return Promise.all(Array.from({ length: count }, ask));
  };
  return { server, atOnce };
}

/** The servers of a Redis connection: one, or the masters of a Cluster. */
export const nodesOf = (redis: RedisConnection) =>
  'nodes' in redis ? redis.nodes('master') : [redis];

/** The Redis key of a record. */
export const keyInRedis = (kind: string, id: string) =>
  `writ:artifact:${kind}:${sha256(id).toString('hex')}`;

/** Seconds until the store forgets a record; undefined if it does not have it. */
export async function lifetimeOf(
  { database, redis }: Stores,
  kind: string,
  id: string,
): Promise<number | undefined> {
  if (redis) {
    const left = await redis.pttl(keyInRedis(kind, id));
    return left < 0 ? undefined : left / 1000;
  }
  const [row] = await database.query<{ left: number }>(
    {
      name: 'test-lifetime',
      text: `select extract(epoch from expires_at - now())::float8 as left from artifact where kind = $1 and id = $2::bytea`,
    },
    [kind, sha256(id)],
  );
  return row?.left;
}

/** Makes a record expire, by the clock of its store. */
export async function runOut({ database, redis }: Stores, kind: string, id: string): Promise<void> {
  if (redis) await redis.pexpireat(keyInRedis(kind, id), 1);
  else
    await database.kysely
      .updateTable('artifact')
      .set({ expires_at: new Date(Date.now() - 1000) })
      .where('kind', '=', kind)
      .where('id', '=', sha256(id))
      .execute();
}
