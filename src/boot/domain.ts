import type { Settings } from '../../config/settings.ts';
import type { Database } from '../../db/database.ts';
import type { RedisConnection } from '../../db/redis.ts';
import type { PasswordHasher } from '../crypto/password.ts';
import type { Keyring } from '../crypto/sealing.ts';
import { describeDetail, suitsResource } from '../dialects/index.ts';
import type { RegistrationRules } from '../domain/accounts/registration/registration.ts';
import type { FetchDocument } from '../domain/clients/documents/document.ts';
import type { ValidateMetadata } from '../domain/clients/merge-patch.ts';
import type { VerifySector } from '../domain/clients/subjects.ts';
import { createDomain, type Domain } from '../domain/index.ts';
import {
  ensureInstallation,
  refuseSampleCredentials,
} from '../domain/installation/installation.ts';
import { createFallbackStore } from '../domain/short-lived/fallback.ts';
import { createPostgresEphemeralStore } from '../domain/short-lived/postgres.ts';
import { createRedisEphemeralStore } from '../domain/short-lived/redis.ts';
import type { EphemeralStore } from '../domain/short-lived/store.ts';
import type { Log } from '../http/log.ts';
import { throttledReport } from '../http/throttled-report.ts';
import type { Progress } from './setup.ts';

/** How the settings let people register; undefined if they cannot. */
const registrationRules = (settings: Settings): RegistrationRules | undefined =>
  settings.REGISTRATION === 'off'
    ? undefined
    : {
        mode: settings.REGISTRATION,
        domains: settings.REGISTRATION_DOMAINS,
        roles: settings.REGISTRATION_ROLES,
        termsUrl: settings.TERMS_URL,
        privacyUrl: settings.PRIVACY_URL,
      };

/** The domain over its stores. */
export interface OpenedDomain {
  domain: Domain;
  redis: RedisConnection | undefined;
  ephemeral: EphemeralStore;
}

interface Options {
  settings: Settings;
  database: Database;
  keyring: Keyring;
  issuer: string;
  log: Log;
  progress: Progress;
  /** Checks the metadata of a client before it is stored, with the rules of the engine. */
  validateMetadata: ValidateMetadata;
  verifySector: VerifySector;
  fetchDocument: FetchDocument;
  hasher: PasswordHasher | undefined;
  /** Receives what closes each opened part; to be called in reverse order. */
  onClose: (closer: () => unknown) => void;
}

/**
 * Opens the domain over the database and, if there is one, Redis. A new database gets its installation and its
 * partitions. Throws if another issuer is stored, or if the issuer is https and the database has sample credentials.
 */
export async function openDomain({
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
}: Options): Promise<OpenedDomain> {
  const created = await ensureInstallation(database, {
    issuer,
    keyring,
    brand: settings.BRAND_NAME,
  });
  if (created) progress('Created the signing keys');
  if (!settings.embedded && new URL(issuer).protocol === 'https:')
    await refuseSampleCredentials(database.kysely);
  // Loaded only if it is used: a start without it is faster.
  const redis = settings.REDIS_URL
    ? (await import('../../db/redis.ts')).openRedis(
        settings.REDIS_URL,
        throttledReport((error) => log.warn({ err: error }, 'Redis cannot be reached')),
      )
    : undefined;
  if (redis) onClose(() => redis.disconnect());
  const postgres = createPostgresEphemeralStore({ database });
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'last uses could not be written down');
  const domain = await createDomain({
    database,
    keyring,
    redis,
    limits: settings.LIMITS,
    sessionsPerAccount: settings.SESSIONS_PER_ACCOUNT,
    secondFactor: { who: settings.SECOND_FACTOR, days: settings.SECOND_FACTOR_DAYS },
    factorResetHours: settings.FACTOR_RESET_HOURS,
    passkeyOrigins: settings.PASSKEY_ORIGINS,
    rememberedBrowserDays: settings.REMEMBERED_BROWSER_DAYS,
    peopleCreateApps: settings.APPS === 'on',
    sendsEmails: settings.SMTP_URL !== undefined,
    signInChallenge: settings.SIGN_IN_CHALLENGE,
    registration: registrationRules(settings),
    product: { brand: settings.BRAND_NAME, issuer },
    validateMetadata,
    verifySector,
    describeDetail,
    suitsResource,
    clientDocuments: {
      policy: settings.CLIENT_METADATA_DOCUMENTS,
      fetchDocument,
      onProblem: (url, problem) =>
        log.info(
          { client: url, reason: problem.message, cause: describeCause(problem) },
          'a client metadata document cannot be used',
        ),
    },
    clientRegistration: settings.CLIENT_REGISTRATION,
    pushesPrivately: settings.PRIVATE_CLIENT_URLS === 'on',
    hasher,
    onError,
  });
  onClose(() => domain.lastUsed.close().catch(onError));
  onClose(domain.figures.observe());
  onClose(domain.clientRefusals.observe());
  onClose(() => domain.bulkRevocations.close());
  onClose(() => domain.audit.close().catch(onError));
  onClose(() => domain.issuerUses.close().catch(onError));
  await domain.partitions.createAhead();
  await domain.auditPartitions.createAhead();
  return {
    domain,
    redis,
    ephemeral: redis
      ? createFallbackStore({
          redis: createRedisEphemeralStore({ redis }),
          postgres,
          onRefusal: throttledReport((error) =>
            log.warn({ err: error }, 'Redis refuses writes: Postgres holds what lives for minutes'),
          ),
        })
      : postgres,
  };
}

const describeCause = ({ cause }: Error): string | undefined =>
  cause instanceof Error ? cause.message : undefined;
