/**
 * The lifecycle of a signing key: announced → signing → retired → removed. Verifiers cache the JWK Set for its
 * max-age, so a key is published for longer than that before it signs, and stays published until the last token
 * signed with it has expired. Other processes follow within seconds (`key-set.ts`).
 */
import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { partitionTable } from '../tokens/partitions.ts';
import { keepPublished } from './algorithms.ts';
import {
  generateSigningKey,
  type SigningAlg,
  signingAlgs,
  storeSigningKey,
} from './signing-keys.ts';

/** A signing key as operators see it. */
export interface SigningKeyDescription {
  kid: string;
  alg: string;
  state: 'announced' | 'signing' | 'retired';
  created_at: Date;
  signing_since: Date | null;
  retired_at: Date | null;
  /** When an announced key may begin to sign, because every verifier knows it; null in the other states. */
  ready_at: Date | null;
}

interface Dependencies {
  database: Database;
  keyring: Keyring;
  /** The `max-age` of the JWK Set, in seconds. */
  jwksMaxAge: number;
  /** Days after which a signing key is rotated automatically; 0 turns that off. */
  rotationDays: number;
}

/** Seconds until every process publishes a key that one of them announced. */
const propagationDelay = 5;
/**
 * How long a retired key stays published at least. Other processes may sign with it for a few seconds, and ID tokens
 * are not stored, so their expiry is not known.
 */
const minRetirement = '1 day';

/** The operations and scheduled steps that move signing keys through their lifecycle. */
export function createKeyRotation({ database, keyring, jwksMaxAge, rotationDays }: Dependencies) {
  const { kysely } = database;
  const readyAfter = jwksMaxAge + propagationDelay;
  const readyAt = sql<Date>`created_at + ${sql.lit(readyAfter)} * interval '1 second'`;

  /** Serializes state changes across processes: they read states and then write them. */
  const exclusively = <Result>(run: (transaction: Connection) => Promise<Result>) =>
    kysely.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext('writ signing keys'))`.execute(transaction);
      return run(transaction);
    });

  /** Creates an announced key for each algorithm that has none. */
  const announce = async (): Promise<void> => {
    const announced = await kysely
      .selectFrom('signing_key')
      .select('alg')
      .where('state', '=', 'announced')
      .execute();
    for (const alg of signingAlgs) {
      if (announced.some((key) => key.alg === alg)) continue;
      const key = await generateSigningKey(alg);
      await kysely.transaction().execute(async (transaction) => {
        if (await storeSigningKey(transaction, keyring, key, 'announced'))
          await recordEvent(transaction, {
            action: 'key.announced',
            target: { kind: 'key', id: String(key.kid) },
            details: { alg },
          });
      });
    }
  };

  const announcedKey = (transaction: Connection, alg: string) =>
    transaction
      .selectFrom('signing_key')
      .select(['kid', readyAt.as('ready_at'), sql<boolean>`${readyAt} <= now()`.as('ready')])
      .where('alg', '=', alg)
      .where('state', '=', 'announced')
      .executeTakeFirst();

  /** Makes the announced key the signing key and retires the previous one, unless that has been revoked. */
  const promote = async (transaction: Connection, alg: string, kid: string) => {
    await transaction
      .updateTable('signing_key')
      .set({ state: 'retired', retired_at: sql<Date>`now()` })
      .where('alg', '=', alg)
      .where('state', '=', 'signing')
      .execute();
    await transaction
      .updateTable('signing_key')
      .set({ state: 'signing', signing_since: sql<Date>`now()` })
      .where('kid', '=', kid)
      .execute();
    await recordEvent(transaction, {
      action: 'key.rotated',
      target: { kind: 'key', id: kid },
      details: { alg },
    });
  };

  /** Searches one partition at a time, latest expiry first: `kid` has no index, and live tokens are likeliest there. */
  const hasLiveTokens = async (kid: string): Promise<boolean> => {
    const partitions = await kysely
      .selectFrom('shelf')
      .select('shelf as partition')
      .where('detached_at', 'is', null)
      .orderBy('shelf', 'desc')
      .execute();
    for (const { partition } of partitions) {
      const { rows } = await sql`
        select from ${sql.table(partitionTable(partition))} where kid = ${kid} and revoked_at is null
          and (expires_at is null or expires_at > now()) limit 1`.execute(kysely);
      if (rows.length > 0) return true;
    }
    return false;
  };

  const list = (): Promise<SigningKeyDescription[]> =>
    kysely
      .selectFrom('signing_key')
      .select([
        'kid',
        'alg',
        'state',
        'created_at',
        'signing_since',
        'retired_at',
        sql<Date | null>`case when state = 'announced' then ${readyAt} end`.as('ready_at'),
      ])
      .orderBy('alg')
      .orderBy('created_at', 'desc')
      .execute();

  return {
    announce,

    /** All signing keys, by algorithm, newest first. */
    list,

    /**
     * Promotes the announced keys, of one algorithm or of all. Throws `conflict` if one is so new that verifiers may
     * not know it yet.
     */
    async rotate(alg?: SigningAlg): Promise<void> {
      await announce();
      await exclusively(async (transaction) => {
        for (const each of alg ? [alg] : signingAlgs) {
          const next = await announcedKey(transaction, each);
          if (!next?.ready)
            throw new OAuthError(
              'conflict',
              next
                ? `The next ${each} key was announced too recently: verifiers may not know it before ${next.ready_at.toISOString()}. Rotate after that time. If the current key was stolen, revoke it instead.`
                : `The next ${each} key is being created. Try again in a few minutes.`,
            );
          await promote(transaction, each, next.kid);
        }
      });
      await announce();
    },

    /** Rotates the keys that have signed for `rotationDays`. Returns their algorithms. */
    async rotateDue(): Promise<string[]> {
      if (rotationDays === 0) return [];
      const rotated = await exclusively(async (transaction) => {
        const due = await transaction
          .selectFrom('signing_key')
          .select('alg')
          .where('state', '=', 'signing')
          .where(
            'signing_since',
            '<',
            sql<Date>`now() - ${sql.lit(rotationDays)} * interval '1 day'`,
          )
          .execute();
        const done: string[] = [];
        for (const { alg } of due) {
          const next = await announcedKey(transaction, alg);
          if (!next?.ready) continue;
          await promote(transaction, alg, next.kid);
          done.push(alg);
        }
        return done;
      });
      if (rotated.length > 0) await announce();
      return rotated;
    },

    /** Removes retired keys whose tokens have all expired or been revoked. Returns their key IDs. */
    async removeRetired(): Promise<string[]> {
      const { rows: retired } = await sql<{ kid: string }>`
        select kid from signing_key where state = 'retired' and retired_at < now() - ${sql.lit(minRetirement)}::interval`.execute(
        kysely,
      );
      const removed: string[] = [];
      for (const { kid } of retired) {
        if (await hasLiveTokens(kid)) continue;
        await kysely.transaction().execute(async (transaction) => {
          await transaction.deleteFrom('signing_key').where('kid', '=', kid).execute();
          await recordEvent(transaction, {
            action: 'key.removed',
            target: { kind: 'key', id: kid },
          });
        });
        removed.push(kid);
      }
      return removed;
    },

    /**
     * Keeps the keys of an algorithm published that no client or resource uses any longer, but live tokens do. To be
     * called more often than once in a few days.
     */
    async keepUsed(): Promise<void> {
      const { rows } = await sql<{ kid: string; alg: string }>`
        select kid, alg from signing_key where used_at < now() - interval '1 day' and state <> 'announced'`.execute(
        kysely,
      );
      const used = new Set<string>();
      for (const { kid, alg } of rows)
        if (!used.has(alg) && (await hasLiveTokens(kid))) used.add(alg);
      await keepPublished(kysely, [...used]);
    },

    /**
     * Removes a stolen key at once; every token signed with it becomes inactive. If it was a signing key, the announced
     * key takes over, even if verifiers may not know it yet. Returns false if the key does not exist.
     */
    async revoke(kid: string): Promise<boolean> {
      const existing = await kysely
        .selectFrom('signing_key')
        .select('alg')
        .where('kid', '=', kid)
        .executeTakeFirst();
      if (!existing) return false;
      // Generated before the lock, because it is slow. Used if no key is announced by then.
      const spare = await generateSigningKey(existing.alg as SigningAlg);
      const revoked = await exclusively(async (transaction) => {
        const key = await transaction
          .deleteFrom('signing_key')
          .where('kid', '=', kid)
          .returning(['alg', 'state'])
          .executeTakeFirst();
        if (!key) return false;
        if (key.state === 'signing') {
          await storeSigningKey(transaction, keyring, spare, 'announced');
          const next = await announcedKey(transaction, key.alg);
          await promote(transaction, key.alg, next?.kid ?? String(spare.kid));
        }
        await recordEvent(transaction, {
          action: 'key.revoked',
          target: { kind: 'key', id: kid },
          details: key,
        });
        await recordChange(transaction, { kind: 'key.revoked', kid });
        return true;
      });
      if (revoked) await announce();
      return revoked;
    },
  };
}

export type KeyRotation = ReturnType<typeof createKeyRotation>;
