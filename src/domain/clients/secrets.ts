import { sql } from 'kysely';
import { appLimits } from '../../../config/apps.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { equal, keyedDigest } from '../../crypto/digest.ts';
import { importedHashes } from '../../crypto/hash-bounds.ts';
import {
  type HashTurn,
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
import { endIssuedTokens } from './issued-tokens.ts';
import type { Client } from './lookup.ts';

/** What may be known of a secret once it was shown. */
export interface SecretDescription {
  id: string;
  hint: string | null;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  /** Null where no person did, and for secrets of before this was kept. */
  created_by: Creator | null;
}

/** How many live secrets a client has at most: each is tried when it authenticates. Those of apps have fewer. */
export const maxSecrets = 20;

const shown = [
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
 * Client secrets. Generated ones hold 256 bits, so a keyed digest is right for them; argon2 there
 * would only cap how many tokens can be issued. What a person chose, or another system hashed, is
 * checked slowly and a few at a time.
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

  const slow = async <Result>(check: () => Promise<Result>): Promise<Result> => {
    try {
      return await check();
    } catch (cause) {
      if (!(cause instanceof QueueFullError)) throw cause;
      throw new OAuthError(
        'temporarily_unavailable',
        'Too many secrets are being checked; try again in a few seconds.',
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
          .returning(shown)
          .executeTakeFirstOrThrow(),
      );
      await recordEvent(transaction, {
        action: 'client_secret.created',
        target: await ownerOf(transaction, client),
        details: { secret_id: secret.id, hint: secret.hint, expires_at: secret.expires_at },
      });
      return secret;
    });

  return {
    /** Stores a secret that was generated: one in Writ's own format, or `value`. It is given this once. */
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
     * Takes over a secret from elsewhere: an argon2 or bcrypt hash, or the secret itself, which is
     * hashed unless it looks generated.
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
            `The hash is neither a bcrypt one of a cost up to ${importedHashes.maxBcryptCost} nor a PHC argon2 string of up to ${importedHashes.maxArgon2Memory / 1024} MiB, ${importedHashes.maxArgon2Passes} passes and ${importedHashes.maxArgon2Lanes} lanes (${importedHashes.maxArgon2Work / 1024} MiB in all passes together).`,
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
          digest: await slow(() => hashPassword(given.value, turnOf(client))),
          hint: null,
        },
        expiresAt,
      );
    },

    list: async (connection: Connection, client: string): Promise<SecretDescription[]> => {
      const rows = await connection
        .selectFrom('client_secret')
        .select(shown)
        .where('client_id', '=', client)
        .orderBy('created_at')
        .execute();
      return rows.map(describe);
    },

    /**
     * Live ones by their values, with their clients. Only generated ones can be found so: what people chose is
     * hashed with a salt.
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
     * Ends a secret, and with `endTokens` what was got with it: the access and refresh tokens of the client. A
     * leaked one always ends them; one that is replaced does not, or every change of a secret would log
     * people out. False where the client has no such secret.
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
          target: await ownerOf(transaction, client),
          details: { secret_id: id, hint: revoked.hint },
        });
        if (endTokens) await endIssuedTokens(transaction, client, `a secret was ${because}`);
        return true;
      });
    },

    /**
     * Whether a presented secret is one of the client's. Wrong ones are counted by client and network, before
     * a slow hash is computed; a generated one that is right costs nothing and is never refused. `ip` is
     * called for secrets that are not: where there is no request context, it says where the request came
     * from. Throws LimitReached, and `temporarily_unavailable` where too many slow checks wait.
     */
    async matches(
      client: Client,
      presented: string,
      ip: () => string | undefined = () => currentRequest()?.ip,
    ): Promise<boolean> {
      for (const { id, kind, keyId, digest } of client.secrets) {
        const key = kind === 'keyed' && keyId ? keys.find(keyId) : undefined;
        if (key && equal(keyedDigest(key, presented), Buffer.from(digest, 'base64'))) {
          lastUsed.touchSecret(id);
          return true;
        }
      }
      const caller = { client: client.id, ip: ip() };
      await requestLimits.count('client_authentication.client', caller);
      if (client.secrets.some(({ kind }) => kind !== 'keyed'))
        await requestLimits.check('client_authentication.network', caller);
      const giveBack = () => requestLimits.giveBack('client_authentication.client', caller);
      const turn = turnOf(client.id, caller.ip);
      for (const { id, kind, digest } of client.secrets) {
        if (kind === 'keyed') continue;
        let isMatch: boolean;
        try {
          isMatch = await slow(() => verifyPassword(digest, presented, turn));
        } catch (error) {
          await giveBack();
          throw error;
        }
        if (!isMatch) continue;
        lastUsed.touchSecret(id);
        await giveBack();
        // Whatever it looks like: the digest is keyed, and what is checked fast holds nobody up. A match that bcrypt
        // may have cut short is not known to be the secret.
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
            .catch(onError); // it matched, and can be stored in the better way next time
        return true;
      }
      return false;
    },
  };
}

/** The place of a client's slow hashes among those of others. */
const turnOf = (client: string, ip: string | undefined = currentRequest()?.ip): HashTurn => ({
  lane: 'clients',
  client,
  network: networkOf(ip),
});

/**
 * Throws `conflict` where the client has as many live secrets as it can, in all or of those that are slow to check.
 * Others who add one wait.
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
  const most = app_id === null ? maxSecrets : appLimits.secrets;
  const { live, slow } = await transaction
    .selectFrom('client_secret')
    .select([
      sql<number>`count(*)::integer`.as('live'),
      sql<number>`(count(*) filter (where kind <> 'keyed'))::integer`.as('slow'),
    ])
    .where('client_id', '=', client)
    .where(sql<boolean>`(expires_at is null or expires_at > now())`)
    .executeTakeFirstOrThrow();
  if (live >= most)
    throw new OAuthError(
      'conflict',
      `${app_id === null ? 'A client' : 'A client of an app'} has at most ${most} secrets: delete one that it no longer uses.`,
    );
  if (isSlow && slow >= importedHashes.maxOfClient)
    throw new OAuthError(
      'conflict',
      `A client has at most ${importedHashes.maxOfClient} secrets that were imported as a hash and not used since, or chosen: delete one.`,
    );
}

/** Events name clients as people do. */
const ownerOf = async (connection: Connection, id: string): Promise<AuditTarget> => {
  const { client_id } = await connection
    .selectFrom('client')
    .select('client_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return { kind: 'client', id: client_id };
};

export type ClientSecrets = ReturnType<typeof createClientSecrets>;

/** At least 128 bits by length and alphabet, and letters and digits mixed as no phrase has them. */
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
