import { apiKeyScopes } from '../../../config/scopes.ts';
import type { Connection } from '../../../db/schema.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { Idempotency } from '../database/idempotency.ts';
import type { Precondition } from '../database/precondition.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import type {
  ApiKeyChanges,
  ApiKeys,
  CreatedToken,
  NewApiKey,
  Rotation,
  ShownToken,
} from '../tokens/named/types.ts';
import {
  clientNotFound,
  requireConfidential,
  requireNotKeyPair,
  requireNotReserved,
  requireOutsideApps,
  requireOwnKeyScopes,
} from './rules.ts';
import type { ClientDescription, ClientStore } from './store.ts';

/**
 * API keys of clients that belong to no app; those of apps are in `domain/apps`. Every operation throws `not_found`
 * if the client or key does not exist; changes throw `access_denied` and `conflict` if the actor is not allowed to
 * make them.
 */
export function createClientApiKeys({
  kysely,
  clients,
  apiKeys,
}: {
  kysely: Connection;
  clients: Pick<ClientStore, 'find'>;
  apiKeys: ApiKeys;
}) {
  const find = async (clientId: string): Promise<ClientDescription> => {
    const client = await clients.find(clientId);
    if (!client) throw clientNotFound(clientId);
    return client;
  };

  const findManaged = async (
    actor: ManagementActor,
    clientId: string,
  ): Promise<ClientDescription> => {
    requireNotReserved(actor, clientId);
    const client = await find(clientId);
    requireOutsideApps(actor, client, '/api-keys');
    requireNotKeyPair(actor, client);
    return client;
  };

  return {
    /** Lists the keys of a client, newest first, including expired and revoked ones. */
    list: async (clientId: string): Promise<ShownToken[]> => {
      await find(clientId);
      return apiKeys.list(kysely, clientId);
    },

    find: async (clientId: string, id: string): Promise<ShownToken> => {
      await find(clientId);
      return apiKeys.find(kysely, clientId, id);
    },

    /** Creates a key. Also throws `invalid_request` for a public client. */
    create: async (
      actor: ManagementActor,
      clientId: string,
      { scope = [...apiKeyScopes], ...given }: NewApiKey,
      idempotency?: Idempotency,
    ): Promise<CreatedToken> => {
      requireConfidential(await findManaged(actor, clientId));
      requireOwnKeyScopes(actor, scope);
      return apiKeys.create(kysely, clientId, { ...given, scope }, idempotency);
    },

    update: async (
      actor: ManagementActor,
      clientId: string,
      id: string,
      changes: ApiKeyChanges,
      precondition?: Precondition<ShownToken>,
    ): Promise<ShownToken> => {
      await findManaged(actor, clientId);
      return apiKeys.update(kysely, clientId, id, changes, precondition);
    },

    /**
     * Replaces a key by a new one with another value and id. Throws `conflict` if the key is expired, revoked or
     * already replaced.
     */
    regenerate: async (
      actor: ManagementActor,
      clientId: string,
      id: string,
      rotation: Rotation,
      idempotency?: Idempotency,
    ): Promise<CreatedToken> => {
      await findManaged(actor, clientId);
      const { scope } = await apiKeys.find(kysely, clientId, id);
      requireOwnKeyScopes(actor, scopeTokens(scope));
      return apiKeys.regenerate(kysely, clientId, id, rotation, idempotency);
    },

    delete: async (
      actor: ManagementActor,
      clientId: string,
      id: string,
      precondition?: Precondition<ShownToken>,
    ): Promise<void> => {
      await findManaged(actor, clientId);
      return apiKeys.delete(kysely, clientId, id, precondition);
    },
  };
}

export type ClientApiKeys = ReturnType<typeof createClientApiKeys>;
