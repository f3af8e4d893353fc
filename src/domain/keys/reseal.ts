import type { Database } from '../../../db/database.ts';
import { withWaitBudget } from '../../../db/deadline.ts';
import type { Keyring, Place } from '../../crypto/sealing.ts';
import { authenticatorPlace } from '../accounts/totp.ts';
import { recordEvent } from '../audit/events.ts';
import { mailPlace } from '../mail/outbox.ts';
import { providerSecretPlace } from '../providers/secret.ts';
import { ephemeralPlace } from '../short-lived/sealing.ts';
import { authorizationPlace } from '../signals/authorization.ts';
import { sealedKeyPlace } from './sealed-keys.ts';
import { signingKeyPlace } from './signing-keys.ts';

/** Rows read by one statement. */
const batchSize = 500;

/** A row with a sealed column. */
interface SealedRow {
  /** The primary key, as text. */
  key: string[];
  place: Place;
  sealed: Buffer;
}

/** A table with a sealed column. */
interface SealedTable {
  /** Selects rows that are not sealed under the newest key. $1 is the header that its sealed values begin with. */
  select: string;
  /** Replaces the sealed value $2 by $1 in the row with the primary key $3, … */
  update: string;
  read: (row: SealedColumns) => SealedRow;
}

/** The union of the columns of all tables. */
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
    select: `select id, sealed_secret as sealed from identity_provider
      where substring(sealed_secret from 1 for 5) <> $1::bytea limit ${batchSize}`,
    update:
      'update identity_provider set sealed_secret = $1::bytea where sealed_secret = $2::bytea and id = $3',
    read: ({ id, sealed }) => ({
      key: [String(id)],
      place: providerSecretPlace(String(id)),
      sealed,
    }),
  },
  {
    select: `select account_id::text as id, secret as sealed from authenticator
      where substring(secret from 1 for 5) <> $1::bytea limit ${batchSize}`,
    update:
      'update authenticator set secret = $1::bytea where secret = $2::bytea and account_id = $3::uuid',
    read: ({ id, sealed }) => ({
      key: [String(id)],
      place: authenticatorPlace(String(id)),
      sealed,
    }),
  },
  {
    select: `select id, sealed_authorization as sealed from signal_stream
      where substring(sealed_authorization from 1 for 5) <> $1::bytea limit ${batchSize}`,
    update:
      'update signal_stream set sealed_authorization = $1::bytea where sealed_authorization = $2::bytea and id = $3',
    read: ({ id, sealed }) => ({
      key: [String(id)],
      place: authorizationPlace(String(id)),
      sealed,
    }),
  },
  {
    // Replay marks have an empty payload.
    select: `select kind, id, sealed from artifact
      where length(sealed) > 0 and expires_at > now() and substring(sealed from 1 for 5) <> $1::bytea limit ${batchSize}`,
    update: `update artifact set sealed = $1::bytea where sealed = $2::bytea and kind = $3 and id = decode($4, 'hex')`,
    read: ({ kind, id, sealed }) => ({
      key: [kind, (id as Buffer).toString('hex')],
      place: ephemeralPlace(kind, id as Buffer),
      sealed,
    }),
  },
  {
    // Links and codes of emails that wait, or that administrators read.
    select: `select kind, id, secret as sealed from mail
      where secret is not null and substring(secret from 1 for 5) <> $1::bytea limit ${batchSize}`,
    update:
      'update mail set secret = $1::bytea where secret = $2::bytea and kind = $3 and id = $4::uuid',
    read: ({ kind, id, sealed }) => ({
      key: [kind, String(id)],
      place: mailPlace({ id: String(id), kind }),
      sealed,
    }),
  },
];

/**
 * Reseals everything under the newest of SECRET_KEYS, after which the older ones can be removed. Each row is updated
 * only if it still has the value that was read, so concurrent writes win, and an interrupted run can be repeated.
 */
export function createReseal({ database, keyring }: { database: Database; keyring: Keyring }) {
  // A wait budget per statement, since the number of rows is not bounded.
  const selectStale = ({ select }: SealedTable, name: string) =>
    withWaitBudget(() =>
      database.query<SealedColumns>({ name, text: select }, [keyring.newestHeader]),
    );

  return {
    /** Returns the number of resealed rows. Throws SealError if SECRET_KEYS lacks the key of one. */
    async reseal(): Promise<number> {
      let count = 0;
      for (const [index, table] of tables.entries())
        for (
          let rows = await selectStale(table, `sealed-${index}`);
          rows.length > 0;
          rows = await selectStale(table, `sealed-${index}`)
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

    /** Whether anything is still sealed under an older key. */
    async isPending(): Promise<boolean> {
      for (const [index, table] of tables.entries())
        if ((await selectStale(table, `sealed-${index}`)).length > 0) return true;
      return false;
    },
  };
}

export type Reseal = ReturnType<typeof createReseal>;
