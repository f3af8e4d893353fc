import type { Connection } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import type { Idempotency } from '../database/idempotency.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { authenticatesBySecret } from './client-types.ts';
import {
  clientNotFound,
  requireNotReserved,
  requireOfNoApp,
  requireOfNoPerson,
  requireOwnScopes,
} from './rules.ts';
import type { ClientSecrets, SecretDescription } from './secrets.ts';
import type { ClientStore } from './store.ts';

/** A secret that a client has already, or nothing where one is to be generated. */
export interface NewSecret {
  value?: string | undefined;
  /** Its argon2 (PHC string) or bcrypt hash. */
  hash?: string | undefined;
  expiresAt?: Date | undefined;
}

/**
 * The secrets of clients of no app, within the rules. Every operation throws `not_found` where there is no
 * such client.
 */
export function createManagedSecrets({
  kysely,
  clients,
  secrets,
  apiResource,
}: {
  kysely: Connection;
  clients: Pick<ClientStore, 'find'>;
  secrets: Pick<ClientSecrets, 'list' | 'generate' | 'import' | 'revoke'>;
  /** The resource that Writ's own API is. */
  apiResource: string;
}) {
  const find = async (clientId: string) => {
    const client = await clients.find(clientId);
    if (!client) throw clientNotFound(clientId);
    return client;
  };

  return {
    list: async (clientId: string): Promise<SecretDescription[]> =>
      secrets.list(kysely, (await find(clientId)).id),

    /**
     * Adds a secret. The answer has its `value` only where it was generated. The client's scopes at Writ's
     * own API must be the actor's: who knows a secret has what its client may have. Throws
     * `access_denied`, `conflict` and `invalid_request`.
     */
    add: async (
      actor: ManagementActor,
      clientId: string,
      { value, hash, expiresAt }: NewSecret,
      idempotency?: Idempotency,
    ): Promise<SecretDescription & { value?: string }> => {
      requireNotReserved(actor, clientId);
      if (value !== undefined && hash !== undefined)
        throw new OAuthError('invalid_request', 'Give the secret or its hash, not both.', {
          parameter: 'hash',
        });
      if (expiresAt && expiresAt.getTime() <= Date.now())
        throw parameterError('invalid_request', 'expires_at', 'is over already.');
      const client = await find(clientId);
      requireOfNoApp(actor, client, '/secrets');
      requireOfNoPerson(actor, client);
      const { id, resources, metadata } = client;
      requireOwnScopes(actor, apiResource, { resources, scope: metadata['scope'] });
      if (!authenticatesBySecret(metadata))
        throw new OAuthError('invalid_request', 'This client does not authenticate by a secret.');
      const add = (connection: Connection): Promise<SecretDescription & { value?: string }> => {
        if (value !== undefined) return secrets.import(connection, id, { value }, expiresAt);
        if (hash !== undefined) return secrets.import(connection, id, { hash }, expiresAt);
        return secrets.generate(connection, id, expiresAt);
      };
      if (!idempotency) return add(kysely);
      return inTransaction(kysely, (transaction) =>
        idempotency(transaction, () => add(transaction)),
      );
    },

    /**
     * Deletes a secret; the tokens that were issued to its client stay unless `endTokens` says that it may be
     * known to others. Throws `not_found` where there is none. It gives nothing, so it asks neither for the client's scopes nor whether the client belongs to an app.
     */
    delete: async (
      actor: ManagementActor,
      clientId: string,
      secretId: string,
      { endTokens = false }: { endTokens?: boolean } = {},
    ): Promise<void> => {
      requireNotReserved(actor, clientId);
      const { id } = await find(clientId);
      if (!(await secrets.revoke(kysely, id, secretId, { endTokens })))
        throw new OAuthError('not_found', 'The client has no such secret.');
    },
  };
}

export type ManagedSecrets = ReturnType<typeof createManagedSecrets>;
