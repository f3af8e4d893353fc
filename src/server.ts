/** The composition root: the only place where the parts are created and passed to each other. */
import { createIsInNetworks } from '../config/client-certificates.ts';
import { unchosenResources } from '../config/dialects.ts';
import type { Settings } from '../config/settings.ts';
import { openDatabase } from '../db/database.ts';
import { redisState } from '../db/redis-state.ts';
import { createApp } from './app.ts';
import { loadCertificateAuthorities } from './boot/certificate-authorities.ts';
import { watchClock } from './boot/clock-watch.ts';
import { configuredIssuer } from './boot/database-problems.ts';
import { createDiagnostics } from './boot/diagnostics.ts';
import { ensureDialects } from './boot/dialects.ts';
import { openDomain } from './boot/domain.ts';
import { type PendingAdministrator, prepareFirstStart } from './boot/first-start.ts';
import { createHealth } from './boot/health.ts';
import { requireDistinctIssuerPath } from './boot/issuer-path.ts';
import { openKeys } from './boot/keys.ts';
import { type Bootstrap, openBootstrap, type Progress } from './boot/setup.ts';
import { openTelemetry } from './boot/telemetry.ts';
import { version } from './boot/version.ts';
import type { PasswordHasher } from './crypto/password.ts';
import { currentRequest } from './domain/audit/request-context.ts';
import { createIsTrusted } from './domain/clients/certificates.ts';
import type { Sample } from './domain/installation/sample.ts';
import { createVerifyIssued } from './domain/issuers/verify.ts';
import { createWorkloads } from './domain/issuers/workloads.ts';
import { createKeys } from './domain/keys/index.ts';
import { createReplayMarks } from './domain/short-lived/replay-marks.ts';
import { createSignalPolls } from './domain/signals/polls.ts';
import { createCertificates, noCertificates } from './http/client-certificate.ts';
import { atConsolePort } from './http/console-port.ts';
import { createListener } from './http/listener.ts';
import { type Log, openLog } from './http/log.ts';
import { createRefusalLog } from './http/refusal-log.ts';
import { securityHeaders } from './http/security-headers.ts';
import { startAuditLog } from './jobs/audit-log/index.ts';
import { openAuditDestination } from './jobs/audit-log/open.ts';
import { startJobs } from './jobs/index.ts';
import { createLogoutJob } from './jobs/logout.ts';
import { createMailJob, mailSender, openMailing } from './jobs/mail/index.ts';
import { createReadOutbox } from './jobs/mail/outbox.ts';
import { createMailWriting } from './jobs/mail/writing.ts';
import { createSignalJob } from './jobs/signals.ts';
import type { Metrics } from './metrics/index.ts';
import { basePathOf } from './oauth/issuer.ts';
import { clientMetadataValidator } from './protocol/engine/client-metadata.ts';
import { createSectorVerifier } from './protocol/engine/sectors.ts';
import { createSignJwt } from './protocol/sign-jwt.ts';
import { createSignSignal } from './protocol/signal-tokens.ts';
import { createDocumentFetch } from './upstream/client-documents.ts';
import { createUpstream } from './upstream/index.ts';
import { createIssuerKeys } from './upstream/issuer-keys.ts';
import { createPushSignal } from './upstream/signal-push.ts';
import { createAssets } from './web/brand/assets.ts';
import { loadBrand } from './web/brand/brand.ts';
import { wireApi } from './wiring/api.ts';
import { wireDialects } from './wiring/dialects.ts';
import { wireProtocol } from './wiring/protocol.ts';
import { wireExample, wireWeb } from './wiring/web.ts';
import type { WorkerStates } from './workers/messages.ts';
import type { Place } from './workers/worker.ts';

export interface Server {
  /** The origin at which it listens. */
  origin: string;
  issuer: string;
  /** Created only by the first embedded start. */
  sample: Sample | undefined;
  /** Until an administrator has chosen a password. */
  administrator: PendingAdministrator | undefined;
  /** What is measured, if it is (METRICS_PORT). */
  metrics: Pick<Metrics, 'text'> | undefined;
  /** Logs that SIGHUP does nothing here. */
  noteIgnoredHangup(): void;
  /** From now on `/readyz` responds 503; requests are still served. */
  announceStop(): void;
  /**
   * Leaves the port to other workers: accepts no more connections, and closes each open one with its next response.
   * Resolves when none is left, after so many seconds, or when `hurry` resolves; then it is time to close the server.
   */
  retire(seconds: number, hurry: Promise<unknown>): Promise<void>;
  /**
   * Accepts no more requests, waits for the running ones (for SHUTDOWN_TIMEOUT_SECONDS, or until `hurry`), then closes
   * all parts in the reverse order of their creation.
   */
  close(hurry?: Promise<unknown>): Promise<void>;
}

export interface ServerOptions {
  log?: Log;
  /** If this process is one of several that serve one port (WEB_CONCURRENCY). */
  worker?: WorkerPlace | undefined;
  progress?: Progress;
  /** An open bootstrap; it is closed with the server. */
  bootstrap?: Bootstrap;
  /** Hashes the passwords of people; tests use a faster one. */
  hasher?: PasswordHasher;
  /** The variables of OpenTelemetry. Without them nothing is exported. */
  environment?: Readonly<Record<string, string | undefined>>;
}

/** The place of a process among those that serve one port. */
export interface WorkerPlace extends Place {
  /** The states of all of them. */
  states(): WorkerStates | undefined;
}

/** Starts a server. If a part fails, those that were created before are closed. */
export async function startServer(
  settings: Settings,
  options: ServerOptions = {},
): Promise<Server> {
  const log =
    options.log ??
    (await openLog(settings, { request: currentRequest, worker: options.worker?.number }));
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

/** Milliseconds that a health check waits for the database. */
const maxProbeWait = 2_000;

type Closer = (hurry?: Promise<unknown>) => unknown;

async function assemble(
  settings: Settings,
  {
    log,
    progress = () => {},
    bootstrap,
    hasher,
    environment = {},
    worker,
  }: ServerOptions & { log: Log },
  closers: Closer[],
): Promise<Omit<Server, 'close'>> {
  requireDistinctIssuerPath(settings);
  const brand = await loadBrand(settings);
  const authorities = await loadCertificateAuthorities(settings);
  const isTrusted = createIsTrusted(authorities);
  const auditDestination = await openAuditDestination(settings);
  const onIdleError = (error: Error) =>
    log.warn({ err: error }, 'a connection to the database broke');
  const { database, keyring, directory, close } =
    bootstrap ??
    (await openBootstrap(settings, { progress, onIdleError, issuer: configuredIssuer(settings) }));
  closers.push(close);

  const bounds = {
    log,
    issuer: settings.ISSUER,
    trustProxy: settings.TRUST_PROXY,
    maxConnections: settings.MAX_CONNECTIONS,
    maxRequests: settings.MAX_REQUESTS,
    requestSeconds: settings.REQUEST_TIMEOUT_SECONDS,
    shutdownTimeoutSeconds: settings.SHUTDOWN_TIMEOUT_SECONDS,
    isShared: worker !== undefined,
  };
  const listener = createListener({
    ...bounds,
    port: settings.PORT,
    host: settings.HOST ?? (settings.embedded ? 'localhost' : undefined),
  });
  const consoleListener =
    settings.ADMIN_PORT === undefined
      ? undefined
      : createListener({ ...bounds, port: settings.ADMIN_PORT, host: settings.ADMIN_HOST });
  const listeners = consoleListener ? [listener, consoleListener] : [listener];
  closers.push(...listeners.map(({ stop }) => stop));
  const open = async () => {
    for (const { open } of listeners) await open();
  };
  if (!worker?.joins) await open();
  const origin = worker?.joins ?? listener.origin;
  const issuer = settings.ISSUER ?? origin;

  const onClose = (closer: Closer) => closers.push(closer);
  const validateMetadata = clientMetadataValidator(() => engine, settings);
  const verifySector = createSectorVerifier(() => engine);
  const fetchDocument = createDocumentFetch({
    allowPrivate: settings.PRIVATE_CLIENT_URLS === 'on',
  });
  const stores = {
    settings,
    database,
    keyring,
    issuer,
    log,
    progress,
    validateMetadata,
    verifySector,
    fetchDocument,
    hasher,
    onClose,
  };
  const { domain, redis, ephemeral } = await openDomain(stores);
  await watchClock({ clock: domain.clock, log, onClose });
  const { keySet, rotation, reseal } = await openKeys({
    settings,
    database,
    keyring,
    log,
    onClose,
  });
  const mailing = await openMailing(settings, issuer);
  if (!mailing) log.info('no email is sent: SMTP_URL is unset');
  const refusals = createRefusalLog(log);
  closers.push(refusals.close);
  let stopping = false;

  const headers = securityHeaders({ issuer, hstsSeconds: settings.HSTS_MAX_AGE_SECONDS });
  const probe = settings.embedded
    ? database
    : await openDatabase(settings.DATABASE_URL, {
        poolSize: 1,
        maxWait: maxProbeWait,
        onIdleError,
      });
  if (probe !== database) closers.push(() => probe.close());
  const isStopping = () => stopping || listener.isStopping();
  const health = createHealth({
    database: probe,
    redis: redis && (() => redisState(redis)),
    isStopping,
    keysLoaded: () => keySet.current().length > 0,
    headers,
  });

  const certificates = settings.CLIENT_CERTIFICATE_HEADER
    ? createCertificates({
        header: settings.CLIENT_CERTIFICATE_HEADER,
        isProxy: createIsInNetworks(settings.CLIENT_CERTIFICATE_PROXIES ?? []),
        log,
      })
    : undefined;
  const certificateOf = certificates?.of ?? noCertificates;
  const shared = { issuer, settings, keyring, ephemeral, headers };
  const upstream = createUpstream({
    issuer,
    secretOf: domain.providers.secretOf,
    isFirstUse: createReplayMarks({ ephemeral }),
  });
  const issuerKeys = createIssuerKeys();
  const verifyIssued = createVerifyIssued({
    issuer,
    issuers: domain.trustedIssuers,
    keys: issuerKeys,
  });
  const workloads = createWorkloads({
    issuers: domain.trustedIssuers,
    verify: verifyIssued,
    uses: domain.issuerUses,
  });
  const signJwt = createSignJwt(keySet.current);
  const signSignal = createSignSignal({ issuer, signJwt });
  const signalPolls = createSignalPolls({
    streams: domain.signalStreams,
    outbox: domain.signalOutbox,
    sign: signSignal,
  });
  const signals = createSignalJob({
    database,
    keyring,
    outbox: domain.signalOutbox,
    sign: signSignal,
    push: createPushSignal({ allowPrivate: settings.PRIVATE_CLIENT_URLS === 'on' }),
    log,
  });
  const signingKeys = createKeys({ rotation, keySet, reseal });
  const diagnose = createDiagnostics({
    database,
    redis,
    mail: mailing?.transport,
    isResealPending: reseal.isPending,
    sawUntrustedProxy: listener.sawUntrustedProxy,
    certificates: {
      isOn: certificates !== undefined,
      authorities,
      sawUntrusted: certificates?.sawUntrusted ?? (() => false),
    },
    dialects: settings.DIALECTS,
    registration: settings,
    providers: domain.providers,
    upstream,
    trustedIssuers: domain.trustedIssuers,
    issuerKeys,
    unusedResources: unchosenResources(settings.chosenDialects),
    workers: worker?.states,
  });
  const api = wireApi(domain, {
    signalPolls,
    signalsChanged: signals.notify,
    issuer,
    settings,
    certificateOf,
    ephemeral,
    upstream,
    issuerKeys,
    verifyIssued,
    // The endpoints are created later, because they need the pages.
    authenticateClient: async (ctx) => (await authenticateBasic(ctx)).clientId,
    appPages: settings.APPS === 'on',
    database,
    keys: signingKeys,
    diagnose,
  });
  const {
    introspection,
    revocation,
    plainRequests,
    guard,
    authenticateBasic,
    clientRegistration,
    issueTrialToken,
    issueForPerson,
    issueCode,
    sendLogout,
    createEndSession,
    createEngine,
    readWorkload,
  } = wireProtocol(domain, {
    ...shared,
    workloads,
    verifyIssued,
    certificateOf,
    isTrusted,
    signJwt,
    confirm: () => database.confirm(),
    engine: () => engine,
  });
  const web = wireWeb(domain, {
    ...shared,
    upstream,
    issuerKeys,
    verifyIssued,
    signingKeys,
    issueTrialToken,
    diagnose,
    readDocument: api.readDocument,
    assets: await createAssets({ brand }),
    readOutbox:
      settings.embedded && !mailing
        ? createReadOutbox({
            database,
            writing: createMailWriting({
              database,
              keyring,
              sender: mailSender(settings, issuer),
            }),
          })
        : undefined,
    log,
    noteRefusal: refusals.note,
  });
  const logout = createLogoutJob({ database, send: sendLogout, log });
  const mail = createMailJob({
    database,
    keyring,
    log,
    mailing,
    passwordResets: domain.passwordResets,
  });
  let engine = createEngine({ ...web, signingKeys: keySet.current() });
  const parts = {
    log,
    refusals,
    issuer,
    trustProxy: settings.TRUST_PROXY,
    notifyClients: logout.notify,
    sendMails: mail.notify,
    confirm: () => database.confirm(),
    headers,
    introspection: introspection.middleware,
    revocation: revocation.middleware,
    plainRequests: plainRequests.middleware,
    guard,
    clientRegistration,
    endSession: createEndSession({ ...web, noteRefusal: refusals.note }),
    api: api.middleware,
    web: settings.embedded ? [wireExample(domain, issuer), ...web.middleware] : web.middleware,
    dialects: wireDialects(domain, {
      ...shared,
      issueForPerson,
      issueCode,
      noteRefusal: refusals.note,
      sessionOf: web.sessionOf,
    }),
    requestLimits: domain.requestLimits,
    readWorkload,
    showError: web.showError,
    showAbsent: web.showAbsent,
    showProblem: web.showProblem,
  };

  if (auditDestination) {
    const auditLog = await startAuditLog({ database, log, destination: auditDestination });
    closers.push(auditLog.close);
  }
  const firstStart = await prepareFirstStart({
    settings,
    database,
    directory,
    domain,
    issuer,
    origin,
    log,
  });
  await ensureDialects(settings, domain);
  const jobs = startJobs({
    database,
    partitions: domain.partitions,
    log,
    auditPartitions: domain.auditPartitions,
    factorResets: domain.factorResets,
    unusedClients: domain.unusedClients,
    bulkRevocations: domain.bulkRevocations,
    rotation,
    jobRuns: domain.jobRuns,
    logout,
    mail,
    signals,
    changeRetentionDays: settings.CHANGE_RETENTION_DAYS,
    auditRetentionDays: settings.AUDIT_RETENTION_DAYS,
  });
  closers.push(() => jobs.close(), logout.close, mail.close, signals.close);
  const telemetry = await openTelemetry({
    settings,
    environment,
    version,
    database,
    load: listener.load,
    isOurs: (server) => listener.isOwn(server) || consoleListener?.isOwn(server) === true,
    isStopping,
    countStreams: domain.revocationStreams.count,
    apiPaths: api.paths,
    kysely: database.kysely,
    listKeys: rotation.list,
    countPartitions: domain.partitions.count,
    worker: worker?.number,
    log,
    onClose,
  });
  const handle = () => {
    const app = createApp({ ...parts, provider: engine }).callback();
    const beforeKoa = plainRequests.fastPath(revocation.fastPath(app));
    listener.handle(telemetry.trace(introspection.fastPath(beforeKoa)), health);
    consoleListener?.handle(telemetry.trace(atConsolePort(app)), health);
  };
  handle();
  // Running requests finish on the engine that they started with.
  keySet.onChange(() => {
    engine = createEngine({ ...web, signingKeys: keySet.current() });
    handle();
    log.info('the signing keys have changed');
  });
  // Closed first: running requests still need the other parts.
  closers.push(...listeners.map(({ stop }) => stop));
  // A stream would end only when its reader leaves.
  closers.push(domain.revocationStreams.close, signalPolls.close);
  if (worker?.joins) await open();
  log.info(
    {
      issuer,
      origin,
      ...(consoleListener && { console: `${consoleListener.origin}${basePathOf(issuer)}/admin` }),
      version,
      database: settings.embedded ? 'embedded' : 'postgres',
      redis: redis !== undefined,
      dialects: settings.DIALECTS,
    },
    'listening',
  );
  const announceStop = () => {
    if (!stopping) log.info('stopping');
    stopping = true;
  };
  const noteIgnoredHangup = () =>
    log.warn('SIGHUP is ignored: it replaces the processes of WEB_CONCURRENCY, and there is one');
  const retire = async (seconds: number, hurry: Promise<unknown>) => {
    log.info('leaving the port to other workers');
    await Promise.all(listeners.map((one) => one.retire(seconds, hurry)));
  };
  const { metrics } = telemetry;
  return { origin, issuer, metrics, ...firstStart, noteIgnoredHangup, announceStop, retire };
}
