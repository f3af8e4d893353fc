/** The composition root: the only place where the parts are made and handed to each other. */
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Settings } from '../config/settings.ts';
import { openRedis } from '../db/redis.ts';
import { createAuthenticate } from './api/authenticate.ts';
import { createApi } from './api/index.ts';
import { createApp } from './app.ts';
import { createPostgresArtifacts } from './domain/artifacts/postgres.ts';
import { createRedisArtifacts } from './domain/artifacts/redis.ts';
import { createDomain } from './domain/index.ts';
import { apiResource, ensureInstallation, refuseSampleCredentials } from './domain/installation.ts';
import { openSealedKeys } from './domain/keys/sealed-keys.ts';
import { openSigningKeys } from './domain/keys/signing-keys.ts';
import { ensureSample, type Sample } from './domain/sample.ts';
import { createJwtVerifier } from './domain/tokens/jwt.ts';
import { createHealth } from './health.ts';
import { createLog, type Log } from './http/log.ts';
import { createIntrospection } from './introspection/index.ts';
import { startJobs } from './jobs/index.ts';
import { clientMetadataValidator } from './provider/client-metadata.ts';
import { createProvider } from './provider/index.ts';
import { ensureOperatorFile, type Foundation, openFoundation, type Progress } from './setup.ts';

export interface Server {
  /** The origin it answers at. */
  origin: string;
  issuer: string;
  /** Made by the first embedded start alone. */
  sample: Sample | undefined;
  /** Lets running requests finish, then closes everything in the reverse order of its making. */
  close(): Promise<void>;
}

export interface ServerOptions {
  log?: Log;
  progress?: Progress;
  /** A foundation that is open already; it is closed with the server. */
  foundation?: Foundation;
}

/** Starts a server. Whatever was made before something failed is closed again. */
export async function startServer(
  settings: Settings,
  options: ServerOptions = {},
): Promise<Server> {
  const log = options.log ?? createLog(settings.LOG_LEVEL);
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await assemble(settings, { ...options, log }, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(
  settings: Settings,
  { log, progress = () => {}, foundation }: ServerOptions & { log: Log },
  closers: (() => unknown)[],
): Promise<Omit<Server, 'close'>> {
  const onIdleError = (error: Error) =>
    log.warn({ err: error }, 'a connection to the database broke');
  const { database, keyring, directory, close } =
    foundation ?? (await openFoundation(settings, { progress, onIdleError }));
  closers.push(close);

  // Listens before the rest is there: where the port is free to choose, the issuer has to name it.
  let handle: http.RequestListener = notReady;
  const running = new Set<http.ServerResponse>();
  const server = http.createServer((request, response) => {
    running.add(response);
    response.once('close', () => running.delete(response));
    if (!server.listening) response.shouldKeepAlive = false;
    handle(request, response);
  });
  server.listen(settings.PORT, settings.HOST ?? (settings.embedded ? 'localhost' : undefined));
  await once(server, 'listening');
  let stopped: Promise<void> | undefined;
  const stopServer = () => (stopped ??= stop(server, running));
  closers.push(stopServer);
  const { port } = server.address() as AddressInfo;
  const origin = `http://localhost:${port}`;
  const issuer = settings.ISSUER ?? origin;

  const created = await ensureInstallation(database, { issuer, keyring });
  if (created) progress('Made the signing keys');
  if (!settings.embedded && new URL(issuer).protocol === 'https:')
    await refuseSampleCredentials(database.kysely);
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'last uses could not be written down');
  const domain = await createDomain({ database, keyring, onError });
  closers.push(() => domain.lastUsed.close().catch(onError));
  if (created) progress('Making the shelves for tokens');
  await domain.shelves.makeAhead();

  const durable = createPostgresArtifacts({ database });
  const redis = settings.REDIS_URL
    ? openRedis(
        settings.REDIS_URL,
        rarely((error) => log.warn({ err: error }, 'Redis cannot be reached')),
      )
    : undefined;
  if (redis) closers.push(() => redis.disconnect());

  const signingKeys = await openSigningKeys(database.kysely, keyring);
  const cookieKeys = await openSealedKeys(database.kysely, keyring, 'cookies');
  const verifyJwt = await createJwtVerifier({ issuer, keys: signingKeys });
  const audience = apiResource(issuer);
  const provider = createProvider({
    ...domain,
    issuer,
    settings,
    keyring,
    durable,
    ephemeral: redis ? createRedisArtifacts({ redis }) : durable,
    apiResource: audience,
    signingKeys,
    cookieKeys: cookieKeys.map(({ key }) => key.toString('base64url')),
  });
  const app = createApp({
    log,
    issuer,
    trustProxy: settings.TRUST_PROXY,
    provider,
    clients: domain.clients,
    health: createHealth({ database, isStopping: () => !server.listening }),
    introspection: createIntrospection({ ...domain, issuer, verifyJwt }),
    api: createApi({
      ...domain,
      database,
      clients: domain.registry,
      authenticate: createAuthenticate({ ...domain, verifyJwt, audience }),
      apiResource: audience,
      validateMetadata: clientMetadataValidator(provider),
    }),
  });

  const sample = settings.embedded
    ? await ensureSample({
        database,
        resources: domain.resources,
        roles: domain.roles,
        clients: domain.registry,
      })
    : undefined;
  if (settings.embedded) await ensureOperatorFile({ directory, domain, issuer });
  const jobs = startJobs({
    database,
    shelves: domain.shelves,
    log,
    changeRetentionDays: settings.CHANGE_RETENTION_DAYS,
  });
  closers.push(() => jobs.close());
  handle = app.callback();
  // Closed first, so that running requests still find all that they need.
  closers.push(stopServer);
  return { origin, issuer, sample };
}

const notReady: http.RequestListener = (_request, response) => {
  response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' });
  response.end(
    JSON.stringify({
      error: 'temporarily_unavailable',
      error_description: 'The server is starting; try again in a moment.',
    }),
  );
};

/** Takes no new connections and waits for the running requests, a few seconds at most. */
async function stop(server: http.Server, running: Set<http.ServerResponse>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // Their answers are the last on their connections; kept alive, those would hold up the end.
  for (const response of running) response.shouldKeepAlive = false;
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), 5_000).unref();
  await closed;
  clearTimeout(deadline);
}

/** An outage is told once in ten seconds, and not at every attempt to connect. */
function rarely(tell: (error: Error) => void): (error: Error) => void {
  let next = 0;
  return (error) => {
    if (performance.now() < next) return;
    next = performance.now() + 10_000;
    tell(error);
  };
}
