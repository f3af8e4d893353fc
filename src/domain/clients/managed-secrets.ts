import type { Connection } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import type { Idempotency } from '../database/idempotency.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { authenticatesBySecret } from './client-types.ts';
import {
  clientNotFound,
  requireNotKeyPair,
  requireNotReserved,
  requireOutsideApps,
  requireOwnScopes,
} from './rules.ts';
import type { ClientSecrets, SecretDescription } from './secrets.ts';
import type { ClientStore } from './store.ts';

/** An existing secret to import; without `value` and `hash`, one is generated. */
export interface NewSecret {
  value?: string | undefined;
  /** argon2 (PHC string) or bcrypt hash of the secret. */
  hash?: string | undefined;
  expiresAt?: Date | undefined;
}

/** Secrets of clients that belong to no app. Every operation throws `not_found` if the client does not exist. */
export function createManagedSecrets({
  kysely,
  clients,
  secrets,
  apiResource,
}: {
  kysely: Connection;
  clients: Pick<ClientStore, 'find'>;
  secrets: Pick<ClientSecrets, 'list' | 'generate' | 'import' | 'revoke'>;
  /** Identifier of Writ's own API. */
  apiResource: string;
}) {
  const find = async (clientId: string) => {
    const client = await clients.find(clientId);
    if (!client) throw clientNotFound(clientId);
    return client;
  };

  return {
    /** Lists the secrets of a client, oldest first. */
    list: async (clientId: string): Promise<SecretDescription[]> =>
      secrets.list(kysely, (await find(clientId)).id),

    /**
     * Adds a secret. The result contains its `value` only if it was generated. The actor must have the client's
     * scopes at Writ's own API, since anyone who knows a secret can use them. Throws `access_denied`, `conflict`
     * and `invalid_request`.
     */
    add: async (
      actor: ManagementActor,
      clientId: string,
      { value, hash, expiresAt }: NewSecret,
      idempotency?: Idempotency,
    ): Promise<SecretDescription & { value?: string }> => {
      requireNotReserved(actor, clientId);
      if (value !== undefined && hash !== undefined)
        throw new OAuthError('invalid_request', 'Send either the secret or its hash, not both.', {
          parameter: 'hash',
        });
      if (expiresAt && expiresAt.getTime() <= Date.now())
        throw parameterError('invalid_request', 'expires_at', 'is in the past.');
      const client = await find(clientId);
      requireOutsideApps(actor, client, '/secrets');
      requireNotKeyPair(actor, client);
      const { id, resources, metadata } = client;
      requireOwnScopes(actor, apiResource, { resources, scope: metadata['scope'] });
      if (!authenticatesBySecret(metadata))
        throw new OAuthError('invalid_request', 'This client does not authenticate with a secret.');
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
     * Deletes a secret. Tokens stay valid unless `endTokens` is set, for a secret that others may know. Revoking
     * grants nothing, so it requires neither the client's scopes nor a client outside apps. Throws `not_found` if
     * the secret does not exist.
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
        throw new OAuthError('not_found', 'This client has no secret with that id.');
    },
  };
}

export type ManagedSecrets = ReturnType<typeof createManagedSecrets>;
