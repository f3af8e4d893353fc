import type { ApiKeys } from '../tokens/named/types.ts';
import { type AppAccess, requireManages } from './access.ts';
import { type ChangeClient, findClient, requireConfidentialKind } from './client-access.ts';
import type { AppApiKeys } from './types.ts';

/**
 * API keys of clients of apps. The role of an actor that changes one must cover the client's role, since it could
 * use the key.
 */
export function createAppApiKeys({
  access,
  changeClient,
  apiKeys,
}: {
  access: AppAccess;
  changeClient: ChangeClient;
  apiKeys: ApiKeys;
}): AppApiKeys {
  return {
    list: (actor, appName, name) =>
      access.read(actor, appName, async ({ app, rights }, connection) => {
        requireManages(rights, 'clients');
        const { clientId } = await findClient(connection, app, name);
        return apiKeys.list(connection, clientId);
      }),

    find: (actor, appName, name, id) =>
      access.read(actor, appName, async ({ app, rights }, connection) => {
        requireManages(rights, 'clients');
        const { clientId } = await findClient(connection, app, name);
        return apiKeys.find(connection, clientId, id);
      }),

    create: (actor, appName, name, given, idempotency) =>
      changeClient(actor, appName, name, (client, transaction) => {
        requireConfidentialKind(client);
        return apiKeys.create(transaction, client.clientId, given, idempotency);
      }),

    update: (actor, appName, name, id, changes, precondition) =>
      changeClient(actor, appName, name, ({ clientId }, transaction) =>
        apiKeys.update(transaction, clientId, id, changes, precondition),
      ),

    regenerate: (actor, appName, name, id, rotation, idempotency) =>
      changeClient(actor, appName, name, ({ clientId }, transaction) =>
        apiKeys.regenerate(transaction, clientId, id, rotation, idempotency),
      ),

    delete: (actor, appName, name, id, precondition) =>
      changeClient(actor, appName, name, ({ clientId }, transaction) =>
        apiKeys.delete(transaction, clientId, id, precondition),
      ),
  };
}
