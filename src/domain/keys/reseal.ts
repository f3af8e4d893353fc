import type { Database } from '../../../db/database.ts';
import { withWaitBudget } from '../../../db/deadline.ts';
import type { Keyring, Place } from '../../crypto/sealing.ts';
import { recordEvent } from '../audit/events.ts';
import { ephemeralPlace } from '../short-lived/sealing.ts';
import { sealedKeyPlace } from './sealed-keys.ts';
import { signingKeyPlace } from './signing-keys.ts';

/** Rows that are read at once. */
const batchSize = 500;

/** A row that something is sealed in. */
interface SealedRow {
  /** What finds it again: its primary key, as text. */
  key: string[];
  place: Place;
  sealed: Buffer;
}

/** A table that holds something sealed. */
interface SealedTable {
  /** Rows that the newest key has not sealed; `header` is what all begin with that it has. */
  select: string;
  /** Writes $1 where $2 still stands, in the row that $3 and following name. */
  update: string;
  read: (row: SealedColumns) => SealedRow;
}

/** The columns that any of the tables has. */
interface SealedColumns {
  kid: string;
  id: string | Buffer;
  kind: string;
  purpose: string;
  sealed: Buffer;
}

const tables: SealedTable[] = [
  {
    select: `select kid, sealed_private_jwk as sealed from signing_key
      where substring(sealed_private_jwk from 1 for 5) <> $1::bytea limit ${batchSize}`,
    update:
      'update signing_key set sealed_private_jwk = $1::bytea where sealed_private_jwk = $2::bytea and kid = $3',
    read: ({ kid, sealed }) => ({ key: [kid], place: signingKeyPlace(kid), sealed }),
  },
  {
    select: `select id, purpose, sealed from sealed_key where substring(sealed from 1 for 5) <> $1::bytea limit ${batchSize}`,
    update: 'update sealed_key set sealed = $1::bytea where sealed = $2::bytea and id = $3',
    read: ({ id, purpose, sealed }) => ({
      key: [String(id)],
      place: sealedKeyPlace(String(id), purpose),
      sealed,
    }),
  },
  {
    // A mark of a replay has nothing to seal.
    select: `select kind, id, sealed from artifact
      where length(sealed) > 0 and expires_at > now() and substring(sealed from 1 for 5) <> $1::bytea limit ${batchSize}`,
    update: `update artifact set sealed = $1::bytea where sealed = $2::bytea and kind = $3 and id = decode($4, 'hex')`,
    read: ({ kind, id, sealed }) => ({
      key: [kind, (id as Buffer).toString('hex')],
      place: ephemeralPlace(kind, id as Buffer),
      sealed,
    }),
  },
];

/**
 * Seals under the newest of SECRET_KEYS what older ones have sealed, so that those can be taken away.
 * Row by row, each only where it still is what was read: nothing that is written meanwhile is lost,
 * and one that breaks off can be done again.
 */
export function createReseal({ database, keyring }: { database: Database; keyring: Keyring }) {
  // Each statement is a wait of its own: one gets on after another, however many there are.
  const older = ({ select }: SealedTable, name: string) =>
    withWaitBudget(() =>
      database.query<SealedColumns>({ name, text: select }, [keyring.newestHeader]),
    );

  return {
    /** Gives the number of rows. Throws SealError where SECRET_KEYS lacks the key that sealed one. */
    async reseal(): Promise<number> {
      let count = 0;
      for (const [index, table] of tables.entries())
        for (
          let rows = await older(table, `sealed-${index}`);
          rows.length > 0;
          rows = await older(table, `sealed-${index}`)
        ) {
          for (const { key, place, sealed } of rows.map(table.read))
            await withWaitBudget(() =>
              database.query({ name: `reseal-${index}`, text: table.update }, [
                keyring.seal(place, keyring.open(place, sealed)),
                sealed,
                ...key,
              ]),
            );
          count += rows.length;
        }
      await recordEvent(database.kysely, { action: 'key.resealed', details: { rows: count } });
      return count;
    },

    /** Whether SECRET_KEYS is still needed for more than its newest key. */
    async isPending(): Promise<boolean> {
      for (const [index, table] of tables.entries())
        if ((await older(table, `sealed-${index}`)).length > 0) return true;
      return false;
    },
  };
}

export type Reseal = ReturnType<typeof createReseal>;
