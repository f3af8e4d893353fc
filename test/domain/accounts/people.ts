import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe } from '@jest/globals';
import { Redis } from 'ioredis';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../../db/database.ts';
import type { RedisConnection } from '../../../db/redis.ts';
import {
  type HashLane,
  type PasswordHasher,
  passwordHasher,
  QueueFullError,
} from '../../../src/crypto/password.ts';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { createAccounts } from '../../../src/domain/accounts/accounts.ts';
import { createAuthenticators } from '../../../src/domain/accounts/authenticator.ts';
import { createEmailChange } from '../../../src/domain/accounts/email-change.ts';
import {
  createFactorPolicy,
  type InstallationFactorPolicy,
} from '../../../src/domain/accounts/factor-policy.ts';
import { createFactorStep } from '../../../src/domain/accounts/factor-step.ts';
import { createInvitations } from '../../../src/domain/accounts/invitations.ts';
import { createKnownBrowsers } from '../../../src/domain/accounts/known-browsers.ts';
import { laneOfPerson } from '../../../src/domain/accounts/password-hashing.ts';
import { createPasswordResets } from '../../../src/domain/accounts/password-resets.ts';
import { createPasswords } from '../../../src/domain/accounts/passwords.ts';
import { createPendingSignIns } from '../../../src/domain/accounts/pending-sign-in.ts';
import { createRecoveryCodes } from '../../../src/domain/accounts/recovery-codes.ts';
import { createRememberedBrowsers } from '../../../src/domain/accounts/remembered-browsers.ts';
import { createSessions } from '../../../src/domain/accounts/sessions.ts';
import { createSetPassword } from '../../../src/domain/accounts/set-password.ts';
import { createSignIn, type SignInRequest } from '../../../src/domain/accounts/sign-in.ts';
import { createSignInCompletion } from '../../../src/domain/accounts/sign-in-completion.ts';
import { createLimits } from '../../../src/domain/limits/rate-limits.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import {
  embeddedDatabase,
  onAllStacks,
  postgresDatabase,
  postgresUrl,
} from '../../support/databases.ts';
import { unique } from '../../support/stacks.ts';

const redisUrl = process.env['TEST_REDIS_URL'];

/** The stores of accounts and of their limits. */
export interface Store {
  database: Database;
  redis: RedisConnection | undefined;
  /** Expires all counts, as if their periods had ended. */
  runOut(): Promise<void>;
}

const redisKeys = (redis: Redis) =>
  redis
    .keys(`${redis.options.keyPrefix}*`)
    .then((keys) => keys.map((key) => key.slice(String(redis.options.keyPrefix).length)));

async function openStore(database: Database, redis: Redis | undefined): Promise<Store> {
  if (redis?.status === 'connecting') await new Promise((resolve) => redis.once('ready', resolve));
  return {
    database,
    redis,
    async runOut() {
      await sql`update rate_limit set expire = 1`.execute(database.kysely);
      if (redis) for (const key of await redisKeys(redis)) await redis.del(key);
    },
  };
}

/** A connection with a key prefix of its own. */
export const ownRedis = (url: string): Redis =>
  new Redis(url, { keyPrefix: `${randomUUID()}:`, commandTimeout: 2_000, maxRetriesPerRequest: 1 });

type Define = (store: () => Store) => void;

/** The combinations of stores: whether this machine has the services for each, and how to open it. */
const kinds: Record<string, { present: boolean; open: () => Promise<Store> }> = {
  PGlite: { present: true, open: async () => openStore(await embeddedDatabase(), undefined) },
  Postgres: {
    present: Boolean(postgresUrl),
    open: async () => openStore(await openDatabase(await postgresDatabase()), undefined),
  },
  'Postgres and Redis': {
    present: Boolean(postgresUrl && redisUrl),
    open: async () =>
      openStore(await openDatabase(await postgresDatabase()), ownRedis(String(redisUrl))),
  },
};

/** Defines the same tests over each combination of stores, each with one store for all of them. */
export function onEveryStore(define: Define): void {
  for (const name of Object.keys(kinds)) describeOn(name, define);
}

/**
 * Defines tests of rules that do not depend on the store, over Postgres and Redis. A machine without Redis runs
 * them over Postgres, one without Postgres over PGlite. With `--all-stacks` it is `onEveryStore`.
 */
export function onStore(define: Define): void {
  if (onAllStacks) onEveryStore(define);
  else {
    const preferred = ['Postgres and Redis', 'Postgres'].find((name) => kinds[name]?.present);
    describeOn(preferred ?? 'PGlite', define);
  }
}

function describeOn(name: string, define: Define): void {
  const { present, open } = kinds[name] as (typeof kinds)[string];
  (present ? describe : describe.skip)(`on ${name}`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await open();
    });
    beforeEach(() => store.runOut());
    afterAll(async () => {
      store.redis?.disconnect();
      await store.database.close();
    });
    define(() => store);
  });
}

/** A hasher that records its calls, and runs a hook first if a test sets one. */
export function watchedHasher(hasher: PasswordHasher = passwordHasher) {
  const verified: string[] = [];
  const hashed: string[] = [];
  const watch = {
    /** Hashes that passwords were verified against. */
    verified,
    hashed,
    before: undefined as (() => unknown) | undefined,
    /** The lane is full. */
    busy: false,
    /** Lane and keys of each call. */
    lanes: [] as HashLane[],
    hash: async (password: string, lane: HashLane) => {
      hashed.push(password);
      watch.lanes.push(lane);
      if (watch.busy) throw new QueueFullError();
      return hasher.hash(password, lane);
    },
    verify: async (hash: string, password: string, lane: HashLane) => {
      verified.push(hash);
      watch.lanes.push(lane);
      if (watch.busy) throw new QueueFullError();
      await watch.before?.();
      return hasher.verify(hash, password, lane);
    },
    needsRehash: hasher.needsRehash,
  };
  return watch;
}

/** A hasher without cost, for tests that only count. */
export const quickHasher: PasswordHasher = {
  hash: async (password) => `quick ${Buffer.from(password).toString('hex')}`,
  verify: async (hash, password) => hash === `quick ${Buffer.from(password).toString('hex')}`,
  needsRehash: () => false,
};

export const goodPassword = 'nine lemons in a hat';
export const here = '192.0.2.1';

let addresses = 0;
/** An IP address that no other attempt has used. */
export const anotherAddress = (): string =>
  `10.${(++addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;

/** The operations on accounts over a store, as one process has them. */
export function openPeople(
  { database, redis }: Pick<Store, 'database' | 'redis'>,
  {
    hasher = watchedHasher(),
    keys = [createSecretKey(randomBytes(32))],
    keyring = createKeyring([randomBytes(32).toString('hex')]),
    sendsEmails = false,
    now = Date.now,
    secondFactor = { who: 'optional', days: 0 },
  }: {
    hasher?: ReturnType<typeof watchedHasher>;
    keys?: ReturnType<typeof createSecretKey>[];
    keyring?: ReturnType<typeof createKeyring>;
    sendsEmails?: boolean;
    /** The clock for codes of authenticator apps, in milliseconds. */
    now?: () => number;
    secondFactor?: InstallationFactorPolicy;
  } = {},
) {
  const product = { brand: 'Writ', issuer: 'http://localhost' };
  const waits: number[] = [];
  const limits = createLimits({ database, redis });
  const knownBrowsers = createKnownBrowsers(keys);
  const accounts = createAccounts({ database });
  const factorPolicy = createFactorPolicy(secondFactor);
  const sessions = createSessions({ database, factorPolicy });
  const completion = createSignInCompletion({
    database,
    sessions,
    knownBrowsers,
    pendingSignIns: createPendingSignIns(keyring),
    factorPolicy,
  });
  const recoveryCodes = createRecoveryCodes({ database, key: createSecretKey(randomBytes(32)) });
  const authenticators = createAuthenticators({
    ...{ database, keyring, limits, recoveryCodes, factorPolicy, now },
  });
  const factorStep = createFactorStep({
    database,
    limits,
    knownBrowsers,
    authenticators,
    recoveryCodes,
    completion,
    rememberedBrowserDays: 30,
  });
  const signIn = createSignIn({
    database,
    completion,
    limits,
    knownBrowsers,
    hasher,
    delay: async (milliseconds) => waits.push(milliseconds),
  });
  const setPassword = createSetPassword({ database, product, limits, hasher });
  const { kysely } = database;
  const people = {
    database,
    hasher,
    /** Delay of each slowed attempt, in milliseconds. */
    waits,
    limits,
    sessions,
    accounts,
    knownBrowsers,
    keyring,
    completion,
    invitations: createInvitations({
      database,
      keyring,
      product,
      setPassword,
      sendsEmails,
    }),
    passwordResets: createPasswordResets({
      database,
      keyring,
      limits,
      product,
      setPassword,
      sendsEmails: true,
    }),
    emailChange: createEmailChange({ database, keyring, limits, sendsEmails: true }),
    recoveryCodes,
    authenticators,
    factorStep,
    rememberedBrowsers: createRememberedBrowsers({ database }),
    logIn: signIn.logIn,
    passwords: createPasswords({ database, limits, product, knownBrowsers, hasher }),
    /** Signs in by password, as far as that gets. */
    firstStep: (request: Partial<SignInRequest> & Pick<SignInRequest, 'email'>) =>
      signIn.signIn({ password: goodPassword, ip: here, userAgent: 'a test', ...request }),
    async signIn(request: Partial<SignInRequest> & Pick<SignInRequest, 'email'>) {
      const outcome = await people.firstStep(request);
      if (outcome.outcome === 'more') throw new Error(`${outcome.next} is missing`);
      return outcome;
    },

    /** A person with the good password, or with the given hash. */
    async person({ hash, name = 'Ada Lovelace' }: { hash?: string | null; name?: string } = {}) {
      const email = `${unique('ada')}@example.com`;
      const { id } = await accounts.create(serverActor, { name, email });
      const password_hash =
        hash === undefined ? await hasher.hash(goodPassword, laneOfPerson(id, here)) : hash;
      hasher.hashed.splice(0);
      hasher.lanes.splice(0);
      await kysely
        .updateTable('account')
        .set({ password_hash, ...(password_hash !== null && { password_changed_at: sql`now()` }) })
        .where('id', '=', id)
        .execute();
      return { id, email };
    },

    /** Tries wrong passwords, one after another. */
    async wrong(count: number, request: Partial<SignInRequest> & Pick<SignInRequest, 'email'>) {
      for (let i = 0; i < count; i++)
        await people.signIn({ password: 'not this one', ...request }).catch(() => {});
    },

    /** The kinds of emails that an account gets. */
    mails: async (accountId: string) =>
      (
        await kysely
          .selectFrom('mail')
          .select('kind')
          .where('account_id', '=', accountId)
          .orderBy('created_at')
          .orderBy('kind')
          .execute()
      ).map(({ kind }) => kind),

    /** Audit events of an account. */
    events: async (accountId: string) =>
      kysely
        .selectFrom('audit_event')
        .select(['action', 'actor_kind', 'actor_id', 'target_kind', 'target_id', 'ip', 'details'])
        .where((eb) => eb.or([eb('target_id', '=', accountId), eb('actor_id', '=', accountId)]))
        .orderBy('id')
        .execute(),
  };
  return people;
}

/** Outcome of each attempt: `in`, or the reason of the refusal. */
export const outcomes = (attempts: Promise<unknown>[]): Promise<string[]> =>
  Promise.all(
    attempts.map((attempt) =>
      attempt.then(
        () => 'in',
        (error) => String(error.reason ?? error.code ?? error.name),
      ),
    ),
  );

/** Counts equal texts. */
export const tally = (texts: string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
};
