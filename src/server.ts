/** The composition root: the only place where the parts are made and handed to each other. */
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { firstAdministrator } from '../config/administrator.ts';
import type { Settings } from '../config/settings.ts';
import { createAuthenticate } from './api/framework/authenticate.ts';
import { createApi } from './api/index.ts';
import { createApp } from './app.ts';
import { createDiagnostics } from './boot/diagnostics.ts';
import { createHealth } from './boot/health.ts';
import {
  type Bootstrap,
  ensureAdministrator,
  ensureOperatorFile,
  openBootstrap,
  type PendingAdministrator,
  type Progress,
} from './boot/setup.ts';
import { version } from './boot/version.ts';
import { currentRequest } from './domain/audit/request-context.ts';
import { createConsentRequests } from './domain/grants/consent/requests.ts';
import { createDeviceRequests } from './domain/grants/device/requests.ts';
import { createDomain } from './domain/index.ts';
import {
  apiResource,
  ensureInstallation,
  refuseSampleCredentials,
} from './domain/installation/installation.ts';
import {
  type Sample,
  sampleResource,
  sampleRoles,
  seedSampleData,
} from './domain/installation/sample.ts';
import { createKeys } from './domain/keys/index.ts';
import { openKeySet } from './domain/keys/key-set.ts';
import { createReseal } from './domain/keys/reseal.ts';
import { createKeyRotation } from './domain/keys/rotation.ts';
import { createPostgresEphemeralStore } from './domain/short-lived/postgres.ts';
import { createRedisEphemeralStore } from './domain/short-lived/redis.ts';
import { createExampleApi, examplePath } from './example/index.ts';
import { recordAccess } from './http/access-log.ts';
import { createAuthFailureLog } from './http/auth-failure-log.ts';
import { type Log, openLog } from './http/log.ts';
import { requestIdOf } from './http/request-id.ts';
import { stopServer } from './http/stop.ts';
import { startJobs } from './jobs/index.ts';
import { openMailing } from './jobs/mail/index.ts';
import { remoteKeysOf } from './protocol/engine/client-keys.ts';
import { clientMetadataValidator } from './protocol/engine/client-metadata.ts';
import { createProvider } from './protocol/engine/provider.ts';
import { createIntrospection } from './protocol/introspection.ts';
import { createTrialTokens } from './protocol/trial-token.ts';
import { createAssets } from './web/brand/assets.ts';
import { loadBrand } from './web/brand/brand.ts';
import { createWeb } from './web/index.ts';

export interface Server {
  /** The origin it answers at. */
  origin: string;
  issuer: string;
  /** Made by the first embedded start alone. */
  sample: Sample | undefined;
  /** Until an administrator has chosen a password. */
  administrator: PendingAdministrator | undefined;
  /** From now on `/readyz` answers 503; requests are still taken. */
  announceStop(): void;
  /**
   * Takes no more requests, lets the running ones finish (for SHUTDOWN_TIMEOUT_SECONDS, or until
   * `hurry`), then closes everything in the reverse order of its making.
   */
  close(hurry?: Promise<unknown>): Promise<void>;
}

export interface ServerOptions {
  log?: Log;
  progress?: Progress;
  /** A bootstrap that is open already; it is closed with the server. */
  bootstrap?: Bootstrap;
}

/** Starts a server. Whatever was made before something failed is closed again. */
export async function startServer(
  settings: Settings,
  options: ServerOptions = {},
): Promise<Server> {
  const log = options.log ?? (await openLog(settings, { request: currentRequest }));
  const closers: Closer[] = [];
  const close = async (hurry?: Promise<unknown>) => {
    for (const closer of closers.splice(0).reverse()) await closer(hurry);
  };
  try {
    log.info({ version }, 'starting');
    const server = await assemble(settings, { ...options, log }, closers);
    return {
      ...server,
      async close(hurry) {
        server.announceStop();
        await close(hurry);
        log.info('stopped');
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Closer = (hurry?: Promise<unknown>) => unknown;

async function assemble(
  settings: Settings,
  { log, progress = () => {}, bootstrap }: ServerOptions & { log: Log },
  closers: Closer[],
): Promise<Omit<Server, 'close'>> {
  const brand = await loadBrand(settings);
  const onIdleError = (error: Error) =>
    log.warn({ err: error }, 'a connection to the database broke');
  const { database, keyring, directory, close } =
    bootstrap ?? (await openBootstrap(settings, { progress, onIdleError }));
  closers.push(close);

  // Listens before the rest is there: where the port is free to choose, the issuer has to name it.
  let handle: http.RequestListener = notReady;
  const running = new Set<http.ServerResponse>();
  const tellWhenFinished = recordAccess(log, settings.TRUST_PROXY);
  const server = http.createServer((request, response) => {
    running.add(response);
    response.once('close', () => running.delete(response));
    if (!server.listening) response.shouldKeepAlive = false;
    tellWhenFinished?.(request, response);
    handle(request, response);
  });
  // Longer than proxies keep a connection that nobody uses (Caddy: two minutes): who closes it first
  // must be the one who sends, or a request is lost that was on its way.
  server.keepAliveTimeout = 125_000;
  server.listen(settings.PORT, settings.HOST ?? (settings.embedded ? 'localhost' : undefined));
  await once(server, 'listening');
  let stopped: Promise<void> | undefined;
  const seconds = settings.SHUTDOWN_TIMEOUT_SECONDS;
  const stop: Closer = (hurry) =>
    (stopped ??= stopServer(server, running, { seconds, log, hurry }));
  closers.push(stop);
  const { port } = server.address() as AddressInfo;
  const origin = `http://localhost:${port}`;
  const issuer = settings.ISSUER ?? origin;

  const created = await ensureInstallation(database, { issuer, keyring });
  if (created) progress('Made the signing keys');
  if (!settings.embedded && new URL(issuer).protocol === 'https:')
    await refuseSampleCredentials(database.kysely);
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'last uses could not be written down');
  // Loaded where it is used: without it a start is shorter.
  const redis = settings.REDIS_URL
    ? (await import('../db/redis.ts')).openRedis(
        settings.REDIS_URL,
        rarely((error) => log.warn({ err: error }, 'Redis cannot be reached')),
      )
    : undefined;
  if (redis) closers.push(() => redis.disconnect());
  const domain = await createDomain({ database, keyring, redis, onError });
  closers.push(() => domain.lastUsed.close().catch(onError));
  if (created) progress('Making the partitions for tokens');
  await domain.partitions.makeAhead();
  await domain.audit.makeAhead();

  const keySet = await openKeySet({
    database,
    keyring,
    onError: rarely((error) => log.warn({ err: error }, 'the signing keys could not be read')),
  });
  closers.push(() => keySet.close());
  const rotation = createKeyRotation({
    database,
    keyring,
    jwksMaxAge: settings.JWKS_MAX_AGE_SECONDS,
    rotationDays: settings.SIGNING_KEY_ROTATION_DAYS,
  });
  const reseal = createReseal({ database, keyring });
  const mailing = await openMailing(settings, issuer);
  if (!mailing) log.info('nobody is written to: SMTP_URL names no server that takes mails');
  const audience = apiResource(issuer);
  const ephemeral = redis
    ? createRedisEphemeralStore({ redis })
    : createPostgresEphemeralStore({ database });
  const deviceRequests = createDeviceRequests({
    ...domain,
    keyring,
    ephemeral,
    apiResource: audience,
  });
  const consentRequests = createConsentRequests({
    ...domain,
    keyring,
    ephemeral,
    apiResource: audience,
  });
  const refusals = createAuthFailureLog(log);
  closers.push(refusals.close);
  let stopping = false;
  const introspection = createIntrospection({
    ...domain,
    issuer,
    ephemeral,
    remoteKeys: remoteKeysOf(() => provider),
  });
  const issueTrialToken = createTrialTokens({
    ...domain,
    provider: () => provider,
    apiResource: audience,
    describe: introspection.describe,
  });
  const web = createWeb({
    ...domain,
    issuer,
    issueTrialToken,
    exampleApi: settings.embedded ? `${issuer}${examplePath}` : undefined,
    exampleResource: settings.embedded ? sampleResource : undefined,
    log,
    assets: await createAssets({ brand }),
    deviceRequests,
    consentRequests,
    recordAuthFailure: refusals.note,
  });
  const makeProvider = () =>
    createProvider({
      ...domain,
      issuer,
      settings,
      keyring,
      ephemeral,
      apiResource: audience,
      signingKeys: keySet.current(),
      showProblem: web.showProblem,
      cookieKeys: domain.cookieKeys.map((key) => key.toString('base64url')),
    });
  let provider = makeProvider();
  const parts = {
    log,
    refusals,
    issuer,
    trustProxy: settings.TRUST_PROXY,
    health: createHealth({
      database,
      isStopping: () => stopping || !server.listening,
      keysLoaded: () => keySet.current().length > 0,
    }),
    introspection: introspection.middleware,
    api: createApi({
      issuer,
      ...domain,
      database,
      clients: domain.registry,
      keys: createKeys({ rotation, keySet, reseal }),
      diagnose: createDiagnostics({
        database,
        redis,
        mail: mailing?.transport,
        isResealPending: reseal.isPending,
      }),
      authenticate: createAuthenticate({ ...domain, audience }),
      apiResource: audience,
      validateMetadata: clientMetadataValidator(provider),
    }),
    web: settings.embedded
      ? [
          createExampleApi({ ...domain, resource: sampleResource, apiResource: audience }),
          ...web.middleware,
        ]
      : web.middleware,
    showAbsent: web.showAbsent,
  };

  const sample = settings.embedded
    ? await seedSampleData({
        database,
        resources: domain.resources,
        roles: domain.roles,
        clients: domain.registry,
      })
    : undefined;
  const administrator = await ensureAdministrator(
    domain,
    issuer,
    settings.embedded && { ...firstAdministrator, roles: await sampleRoles(domain.roles) },
  );
  if (settings.embedded) await ensureOperatorFile({ directory, domain, issuer });
  const jobs = startJobs({
    database,
    partitions: domain.partitions,
    log,
    audit: domain.audit,
    rotation,
    mailing,
    changeRetentionDays: settings.CHANGE_RETENTION_DAYS,
    auditRetentionDays: settings.AUDIT_RETENTION_DAYS,
  });
  closers.push(() => jobs.close());
  const listener = (): http.RequestListener =>
    introspection.direct(createApp({ ...parts, provider }).callback());
  handle = listener();
  // The engine's keys are fixed when it is made, so others take an engine of their own; requests that
  // are under way end on the one they began with.
  keySet.onChange(() => {
    provider = makeProvider();
    handle = listener();
    log.info('the signing keys have changed');
  });
  // Closed first, so that running requests still find all that they need.
  closers.push(stop);
  log.info(
    {
      issuer,
      origin,
      version,
      database: settings.embedded ? 'embedded' : 'postgres',
      redis: redis !== undefined,
    },
    'listening',
  );
  const announceStop = () => {
    if (!stopping) log.info('stopping');
    stopping = true;
  };
  return { origin, issuer, sample, administrator, announceStop };
}

const notReady: http.RequestListener = (req, response) => {
  response.writeHead(503, {
    'content-type': 'application/json',
    'retry-after': '1',
    'x-request-id': requestIdOf({ req, res: response, app: { proxy: false } }),
  });
  response.end(
    JSON.stringify({
      error: 'temporarily_unavailable',
      error_description: 'The server is starting; try again in a moment.',
    }),
  );
};

/** An outage is told once in ten seconds, and not at every attempt to connect. */
function rarely(tell: (error: unknown) => void): (error: unknown) => void {
  let next = 0;
  return (error) => {
    if (performance.now() < next) return;
    next = performance.now() + 10_000;
    tell(error);
  };
}
