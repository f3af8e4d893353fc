import { apiKeyScopes } from '../../../../config/scopes.ts';
import { apiKeyTtl, tokenLimits } from '../../../../config/tokens.ts';
import type { Connection } from '../../../../db/schema.ts';
import { inTransaction } from '../../../../db/transaction.ts';
import { checkEach } from '../../../oauth/check-each.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { orUnavailable } from '../../database/retry.ts';
import { readApiResource } from '../../installation/installation.ts';
import { publicId } from '../value.ts';
import { recordNamedTokenEvent } from './events.ts';
import {
  assertBelowListLimit,
  createShown,
  findNamedToken,
  listActive,
  listNamedTokens,
} from './find.ts';
import { insertNamedToken } from './insert.ts';
import { revokeNamedToken } from './revoke.ts';
import { requireChangeable, rotateNamedToken } from './rotate.ts';
import { requireExpiry, requireName } from './rules.ts';
import type { ApiKeys, NewApiKey } from './types.ts';
import { updateNamedToken } from './update.ts';

const kind = 'api_key';

/** API keys of clients. A key authenticates at the token API, for the tokens of its client only. */
export function createApiKeys(): ApiKeys {
  return {
    list: (connection, clientId) =>
      orUnavailable(() => listNamedTokens(connection, kind, { clientId })),

    find: (connection, clientId, id) =>
      orUnavailable(() => findNamedToken(connection, kind, { clientId }, id)),

    create: (connection, clientId, given, idempotency) =>
      withLockedClient(connection, clientId, (transaction) =>
        createShown(transaction, kind, { clientId }, idempotency, async () => {
          await assertBelowListLimit(transaction, kind, { clientId });
          await assertBelowLimit(transaction, clientId);
          const checked = await checkEach({
            name: () => requireName(given.name),
            scopes: () => requireScopes(given.scope),
            expiresAt: () => expiryOf(given),
          });
          return issueApiKey(transaction, { clientId, ...checked });
        }),
      ),

    update: (connection, clientId, id, { name, expiresAt }, precondition = () => {}) =>
      withLockedClient(connection, clientId, async (transaction) => {
        const before = await findNamedToken(transaction, kind, { clientId }, id, { lock: true });
        precondition(before);
        requireChangeable(before);
        const changes = await checkEach({
          name: () => (name === undefined ? undefined : requireName(name, before.name)),
          expiresAt: () => (expiresAt === undefined ? undefined : requireExpiry(expiresAt, null)),
        });
        await updateNamedToken(transaction, before, changes);
        return findNamedToken(transaction, kind, { clientId }, id);
      }),

    regenerate: (connection, clientId, id, rotation, idempotency) =>
      withLockedClient(connection, clientId, async (transaction) => {
        const before = await findNamedToken(transaction, kind, { clientId }, id, { lock: true });
        return createShown(transaction, kind, { clientId }, idempotency, async () => {
          await assertBelowListLimit(transaction, kind, { clientId });
          if (rotation.overlap > 0) await assertBelowLimit(transaction, clientId);
          return rotateNamedToken(transaction, before, rotation, null);
        });
      }),

    delete: (connection, clientId, id, precondition = () => {}) =>
      withLockedClient(connection, clientId, async (transaction) => {
        const key = await findNamedToken(transaction, kind, { clientId }, id, { lock: true });
        precondition(key);
        await revokeNamedToken(transaction, key);
      }),
  };
}

/**
 * Creates an API key and returns its value. It does not expire unless `expiresAt` is set. Checks no limits or rights.
 */
export const issueApiKey = (
  connection: Connection,
  {
    clientId,
    name,
    scopes,
    expiresAt,
  }: {
    clientId: string;
    name: string;
    scopes: readonly string[];
    expiresAt?: Date | null | undefined;
  },
): Promise<{ id: string; value: string }> =>
  inTransaction(connection, async (transaction) => {
    const resource = await readApiResource(transaction);
    const { id, value } = await insertNamedToken(transaction, {
      kind,
      clientId,
      name,
      scope: scopes,
      resource,
      expiresAt,
    });
    await recordNamedTokenEvent(
      transaction,
      'created',
      { kind, id },
      { name, client_id: clientId, scope: scopes.join(' '), expires_at: expiresAt ?? null },
    );
    return { id: publicId(id), value };
  });

/**
 * Runs in a transaction that locks the client, so that concurrent calls cannot exceed its limits. Throws `not_found`.
 */
const withLockedClient = <Result>(
  connection: Connection,
  clientId: string,
  run: (transaction: Connection) => Promise<Result>,
): Promise<Result> =>
  orUnavailable(() =>
    inTransaction(connection, async (transaction) => {
      const client = await transaction
        .selectFrom('client')
        .select('id')
        .where('client_id', '=', clientId)
        .where('deleted_at', 'is', null)
        .forNoKeyUpdate()
        .executeTakeFirst();
      if (!client) throw new OAuthError('not_found', `There is no client ${clientId}.`);
      return run(transaction);
    }),
  );

/** The default is finite: a key that never expires must be requested explicitly, with null. */
const expiryOf = ({ expiresAt }: NewApiKey): Date | null =>
  expiresAt === undefined
    ? new Date(Date.now() + apiKeyTtl.default * 1000)
    : requireExpiry(expiresAt, null);

async function assertBelowLimit(transaction: Connection, clientId: string): Promise<void> {
  if ((await listActive(transaction, kind, { clientId })).length >= tokenLimits.apiKeys)
    throw new OAuthError(
      'conflict',
      `The client already has ${tokenLimits.apiKeys} API keys, which is the maximum. Delete one that is not used.`,
    );
}

/** Validates scopes and sorts them as `apiKeyScopes`. */
function requireScopes(wanted: readonly string[] = apiKeyScopes): string[] {
  const names: readonly string[] = apiKeyScopes;
  const other = wanted.find((name) => !names.includes(name));
  if (other !== undefined || wanted.length === 0)
    throw new OAuthError(
      'invalid_scope',
      `An API key must have at least one of these scopes, and no others: ${names.join(' ')}`,
      { parameter: 'scope' },
    );
  return names.filter((name) => wanted.includes(name));
}
