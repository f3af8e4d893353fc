/**
 * The life of a signing key: announced → signing → retired → gone. Verifiers keep the JWK Set for its
 * max-age, so a key stands in it for longer than that before it signs, and stays in it until the last
 * token that it signed has expired. What a process does here the others take over within seconds
 * (`key-set.ts`).
 */
import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { partitionTable } from '../tokens/partitions.ts';
import {
  generateSigningKey,
  type SigningAlg,
  signingAlgs,
  storeSigningKey,
} from './signing-keys.ts';

/** A signing key as its operator sees it. */
export interface SigningKeyDescription {
  kid: string;
  alg: string;
  state: 'announced' | 'signing' | 'retired';
  created_at: Date;
  signing_since: Date | null;
  retired_at: Date | null;
  /** From when on an announced key can sign: every verifier knows it by then. */
  ready_at: Date | null;
}

interface Dependencies {
  database: Database;
  keyring: Keyring;
  /** Seconds that verifiers may keep the JWK Set. */
  jwksMaxAge: number;
  /** Days that a key signs before it is rotated by itself; 0: never. */
  rotationDays: number;
}

/** Seconds beside the max-age: until every process publishes a key that one of them announced. */
const spreading = 5;
/** A retired key is kept this long at least: a process may sign with it for some seconds more, and ID tokens are not stored. */
const keptAtLeast = '1 day';

export function createKeyRotation({ database, keyring, jwksMaxAge, rotationDays }: Dependencies) {
  const { kysely } = database;
  const readyAfter = jwksMaxAge + spreading;
  const readyAt = sql<Date>`created_at + ${sql.lit(readyAfter)} * interval '1 second'`;

  /** One at a time, whichever process: states are read and then changed. */
  const exclusively = <Result>(run: (transaction: Connection) => Promise<Result>) =>
    kysely.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext('writ signing keys'))`.execute(transaction);
      return run(transaction);
    });

  /** Makes the announced key of each algorithm that has none. */
  const announce = async (): Promise<void> => {
    const there = await kysely
      .selectFrom('signing_key')
      .select('alg')
      .where('state', '=', 'announced')
      .execute();
    for (const alg of signingAlgs) {
      if (there.some((key) => key.alg === alg)) continue;
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

  /** The announced key signs from now on; the one that signed is retired, where it is still there. */
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

  /** Partition by partition, those that expire last first: no index knows keys, and a table may be long. */
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

    /** By algorithm, the newest first. */
    list,

    /**
     * Lets the announced keys sign, of one algorithm or of all. Throws `conflict` where one is so new
     * that verifiers may not know it yet.
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
                ? `The next ${each} key was announced just now; verifiers know it from ${next.ready_at.toISOString()} on. Rotate then, or revoke a key that was stolen.`
                : `The next ${each} key is being made at this moment; rotate in some minutes.`,
            );
          await promote(transaction, each, next.kid);
        }
      });
      await announce();
    },

    /** Rotates what has signed for long enough. Gives the algorithms. */
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

    /** Removes retired keys whose tokens have all expired or been revoked. Gives their names. */
    async removeRetired(): Promise<string[]> {
      const { rows: retired } = await sql<{ kid: string }>`
        select kid from signing_key where state = 'retired' and retired_at < now() - ${sql.lit(keptAtLeast)}::interval`.execute(
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
     * Takes a key out at once, and ends every token that it signed: for one that was stolen. Where it
     * signed, the announced key takes over, known to verifiers or not. False where there is no such key.
     */
    async revoke(kid: string): Promise<boolean> {
      const stolen = await kysely
        .selectFrom('signing_key')
        .select('alg')
        .where('kid', '=', kid)
        .executeTakeFirst();
      if (!stolen) return false;
      // Whatever others do to the announced one meanwhile, something can sign afterwards.
      const spare = await generateSigningKey(stolen.alg as SigningAlg);
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
