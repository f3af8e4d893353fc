import { sql } from 'kysely';
import { appLimits } from '../../../config/apps.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { equal, keyedDigest } from '../../crypto/digest.ts';
import { importedHashes } from '../../crypto/hash-bounds.ts';
import {
  type HashLane,
  hashPassword,
  isArgon2,
  isBcrypt,
  mayBeTruncated,
  QueueFullError,
  verifyPassword,
} from '../../crypto/password.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Creator, creatorOf } from '../accounts/creator.ts';
import { actingAccount } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import { currentRequest } from '../audit/request-context.ts';
import type { AuditTarget } from '../audit/types.ts';
import { isUuid } from '../database/text-checks.ts';
import { networkOf } from '../limits/ip-address.ts';
import type { RequestLimitCounter } from '../limits/request-limits.ts';
import type { LastUsed } from '../tokens/last-used.ts';
import { hintOf, mintClientSecret } from '../tokens/value.ts';
import type { DigestKeys } from './digest-keys.ts';
import { revokeIssuedTokens } from './issued-tokens.ts';
import type { Client } from './lookup.ts';

/** A secret without its value, which is only shown when it is created. */
export interface SecretDescription {
  id: string;
  hint: string | null;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  /** Null if no person created it, or it predates this field. */
  created_by: Creator | null;
}

/** Maximum valid secrets of a client, since authentication tries each one. Clients of apps can have fewer. */
export const maxSecrets = 20;

const columns = [
  'client_secret.id',
  'hint',
  'client_secret.created_at',
  'expires_at',
  'last_used_at',
  'created_by',
  sql<string | null>`(select name from account where id = created_by)`.as('creator_name'),
] as const;

const describe = ({
  created_by,
  creator_name,
  ...secret
}: Omit<SecretDescription, 'created_by'> & {
  created_by: string | null;
  creator_name: string | null;
}): SecretDescription => ({ ...secret, created_by: creatorOf(created_by, creator_name) });

/**
 * Client secrets. A generated secret has 256 bits of entropy, so a keyed digest is sufficient, and argon2 would
 * only limit the rate of token requests. Secrets that a person chose or another system hashed are verified slowly,
 * a few at a time.
 */
export function createClientSecrets({
  database,
  keys,
  lastUsed,
  requestLimits,
  onError,
}: {
  database: Database;
  keys: DigestKeys;
  lastUsed: LastUsed;
  requestLimits: RequestLimitCounter;
  onError: (error: unknown) => void;
}) {
  const keyed = (secret: string) => ({
    kind: 'keyed' as const,
    key_id: keys.newest.id,
    digest: keyedDigest(keys.newest.key, secret).toString('base64'),
  });

  const inSlowLane = async <Result>(check: () => Promise<Result>): Promise<Result> => {
    try {
      return await check();
    } catch (cause) {
      if (!(cause instanceof QueueFullError)) throw cause;
      throw new OAuthError(
        'temporarily_unavailable',
        'Too many secrets are being checked at the moment. Try again in a few seconds.',
        { cause },
      );
    }
  };

  const insert = async (
    connection: Connection,
    client: string,
    row: {
      kind: 'keyed' | 'argon2' | 'bcrypt';
      key_id: string | null;
      digest: string;
      hint: string | null;
    },
    expiresAt?: Date,
  ): Promise<SecretDescription> =>
    inTransaction(connection, async (transaction) => {
      await assertBelowLimit(transaction, client, row.kind !== 'keyed');
      const secret = describe(
        await transaction
          .insertInto('client_secret')
          .values({
            ...row,
            client_id: client,
            expires_at: expiresAt ?? null,
            last_used_at: null,
            created_by: actingAccount(),
          })
          .returning(columns)
          .executeTakeFirstOrThrow(),
      );
      await recordEvent(transaction, {
        action: 'client_secret.created',
        target: await auditTargetOf(transaction, client),
        details: { secret_id: secret.id, hint: secret.hint, expires_at: secret.expires_at },
      });
      return secret;
    });

  const matchesGenerated = (client: Client, presented: string): boolean => {
    for (const { id, kind, keyId, digest } of client.secrets) {
      const key = kind === 'keyed' && keyId ? keys.find(keyId) : undefined;
      if (key && equal(keyedDigest(key, presented), Buffer.from(digest, 'base64'))) {
        lastUsed.touchSecret(id);
        return true;
      }
    }
    return false;
  };

  return {
    /** Whether this is one of the client's generated secrets. Counts nothing. */
    matchesGenerated,

    /** Stores a generated secret: one in Writ's own format, or `value`. The value is only returned here. */
    async generate(
      connection: Connection,
      client: string,
      expiresAt?: Date,
      value = mintClientSecret(),
    ): Promise<SecretDescription & { value: string }> {
      return {
        ...(await insert(connection, client, { ...keyed(value), hint: hintOf(value) }, expiresAt)),
        value,
      };
    },

    /**
     * Imports a secret: an argon2 or bcrypt hash, or the value, which is hashed with argon2 unless it looks
     * generated.
     */
    async import(
      connection: Connection,
      client: string,
      given: { hash: string } | { value: string },
      expiresAt?: Date,
    ): Promise<SecretDescription> {
      if ('hash' in given) {
        const kind = isBcrypt(given.hash) ? 'bcrypt' : isArgon2(given.hash) ? 'argon2' : undefined;
        if (!kind)
          throw new OAuthError(
            'invalid_request',
            `The hash is not supported. Send a bcrypt hash with a cost of at most ${importedHashes.maxBcryptCost}, or a PHC argon2 string with at most ${importedHashes.maxArgon2Memory / 1024} MiB, ${importedHashes.maxArgon2Passes} passes and ${importedHashes.maxArgon2Lanes} lanes (${importedHashes.maxArgon2Work / 1024} MiB over all passes).`,
            { parameter: 'hash' },
          );
        return insert(
          connection,
          client,
          { kind, key_id: null, digest: given.hash, hint: null },
          expiresAt,
        );
      }
      if (looksGenerated(given.value))
        return insert(
          connection,
          client,
          { ...keyed(given.value), hint: hintOf(given.value) },
          expiresAt,
        );
      return insert(
        connection,
        client,
        {
          kind: 'argon2',
          key_id: null,
          digest: await inSlowLane(() => hashPassword(given.value, laneOf(client))),
          hint: null,
        },
        expiresAt,
      );
    },

    list: async (connection: Connection, client: string): Promise<SecretDescription[]> => {
      const rows = await connection
        .selectFrom('client_secret')
        .select(columns)
        .where('client_id', '=', client)
        .orderBy('created_at')
        .execute();
      return rows.map(describe);
    },

    /**
     * Finds valid secrets by their values, with their clients. Only generated secrets can be found, because others
     * are hashed with a salt.
     */
    async find(
      values: readonly string[],
    ): Promise<{ id: string; client: string; clientId: string; value: string }[]> {
      const digests = new Map(
        values.flatMap((value) =>
          keys.all.map(({ key }) => [keyedDigest(key, value).toString('base64'), value] as const),
        ),
      );
      const rows = await database.kysely
        .selectFrom('client_secret')
        .innerJoin('client', 'client.id', 'client_secret.client_id')
        .select(['client_secret.id', 'digest', 'client.id as client', 'client.client_id'])
        .where('digest', '=', sql<string>`any (${[...digests.keys()]}::text[])`)
        .where('kind', '=', 'keyed')
        .where('client.deleted_at', 'is', null)
        .where(sql<boolean>`(expires_at is null or expires_at > now())`)
        .execute();
      return rows.map(({ id, client, client_id, digest }) => ({
        id,
        client,
        clientId: client_id,
        value: digests.get(digest) ?? '',
      }));
    },

    /**
     * Revokes a secret and, with `endTokens`, the access and refresh tokens of the client. A leaked secret always
     * revokes them. A replaced one does not, or every rotation would log people out. False if the client has no
     * such secret.
     */
    async revoke(
      connection: Connection,
      client: string,
      id: string,
      {
        because = 'revoked',
        endTokens = because === 'leaked',
      }: { because?: 'revoked' | 'leaked'; endTokens?: boolean } = {},
    ): Promise<boolean> {
      if (!isUuid(id)) return false;
      return inTransaction(connection, async (transaction) => {
        const revoked = await transaction
          .deleteFrom('client_secret')
          .where('client_id', '=', client)
          .where('id', '=', id)
          .returning('hint')
          .executeTakeFirst();
        if (!revoked) return false;
        await recordEvent(transaction, {
          action: `client_secret.${because}`,
          target: await auditTargetOf(transaction, client),
          details: { secret_id: id, hint: revoked.hint },
        });
        if (endTokens) await revokeIssuedTokens(transaction, client, `a secret was ${because}`);
        return true;
      });
    },

    /**
     * Verifies a presented secret. Wrong ones are counted by client and network before a slow hash is computed; a
     * correct generated secret is neither counted nor refused. `ip` provides the network if there is no request
     * context, and is only called when needed. Throws LimitReached, and `temporarily_unavailable` if too many slow
     * checks are queued.
     */
    async matches(
      client: Client,
      presented: string,
      ip: () => string | undefined = () => currentRequest()?.ip,
    ): Promise<boolean> {
      if (matchesGenerated(client, presented)) return true;
      const caller = { client: client.id, ip: ip() };
      await requestLimits.count('client_authentication.client', caller);
      if (client.secrets.some(({ kind }) => kind !== 'keyed'))
        await requestLimits.check('client_authentication.network', caller);
      const giveBack = () => requestLimits.giveBack('client_authentication.client', caller);
      const lane = laneOf(client.id, caller.ip);
      for (const { id, kind, digest } of client.secrets) {
        if (kind === 'keyed') continue;
        let isMatch: boolean;
        try {
          isMatch = await inSlowLane(() => verifyPassword(digest, presented, lane));
        } catch (error) {
          await giveBack();
          throw error;
        }
        if (!isMatch) continue;
        lastUsed.touchSecret(id);
        await giveBack();
        // Upgrade to a keyed digest, which is verified fast. Not if bcrypt may have compared only the beginning:
        // then the presented value may not be the secret.
        if (!mayBeTruncated(digest, presented))
          await database.kysely
            .updateTable('client_secret')
            .set({
              ...keyed(presented),
              hint: looksGenerated(presented) ? hintOf(presented) : null,
            })
            .where('id', '=', id)
            .where('digest', '=', digest)
            .execute()
            .catch(onError); // the secret matched; the next use tries the upgrade again
        return true;
      }
      return false;
    },
  };
}

/** Lane of a client's slow hashes. */
const laneOf = (client: string, ip: string | undefined = currentRequest()?.ip): HashLane => ({
  lane: 'clients',
  client,
  network: networkOf(ip),
});

/**
 * Throws `conflict` if the client has the maximum number of valid secrets, or of slow ones. Locks the client, so
 * that concurrent additions wait.
 */
async function assertBelowLimit(
  transaction: Connection,
  client: string,
  isSlow: boolean,
): Promise<void> {
  const { app_id } = await transaction
    .selectFrom('client')
    .select('app_id')
    .where('id', '=', client)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const max = app_id === null ? maxSecrets : appLimits.secrets;
  const { live, slow } = await transaction
    .selectFrom('client_secret')
    .select([
      sql<number>`count(*)::integer`.as('live'),
      sql<number>`(count(*) filter (where kind <> 'keyed'))::integer`.as('slow'),
    ])
    .where('client_id', '=', client)
    .where(sql<boolean>`(expires_at is null or expires_at > now())`)
    .executeTakeFirstOrThrow();
  if (live >= max)
    throw new OAuthError(
      'conflict',
      `${app_id === null ? 'A client' : 'A client of an app'} can have at most ${max} secrets. Delete one that is no longer used.`,
    );
  if (isSlow && slow >= importedHashes.maxOfClient)
    throw new OAuthError(
      'conflict',
      `A client can have at most ${importedHashes.maxOfClient} secrets that were chosen, or imported as a hash and not used since. Delete one first.`,
    );
}

/** Audit events name clients by their `client_id`. */
const auditTargetOf = async (connection: Connection, id: string): Promise<AuditTarget> => {
  const { client_id } = await connection
    .selectFrom('client')
    .select('client_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return { kind: 'client', id: client_id };
};

export type ClientSecrets = ReturnType<typeof createClientSecrets>;

/**
 * Whether a secret looks randomly generated: at least 128 bits by length and alphabet, with letters and digits
 * mixed.
 */
export function looksGenerated(secret: string): boolean {
  if (!/^[\w+/=.~-]+$/.test(secret) || !/\d/.test(secret) || !/[a-z]/i.test(secret)) return false;
  if (new Set(secret).size < 10) return false;
  const alphabets: [RegExp, number][] = [
    [/^[\da-f]+$/, 16],
    [/^[\dA-F]+$/, 16],
    [/^[\da-z]+$/, 36],
    [/^[\dA-Z]+$/, 36],
    [/./, 62],
  ];
  const size = alphabets.find(([pattern]) => pattern.test(secret))?.[1] ?? 62;
  return secret.length * Math.log2(size) >= 128;
}
