import type { Adapter, AdapterPayload } from 'oidc-provider';
import { authenticatesBySecret } from '../../../domain/clients/client-types.ts';
import type { ClientLookup } from '../../../domain/clients/lookup.ts';
import { currentScope } from '../request-scope.ts';

/** Reads clients for the engine. Only `domain/clients` writes them. */
export function clientAdapter(clients: ClientLookup): Adapter {
  return {
    async find(id) {
      // A request keeps its first reading: its tokens get the epochs of the client that authenticated.
      const known = currentScope()?.clients;
      const client = known?.get(id) ?? (await clients(id));
      if (!client) return undefined;
      if (known && !known.has(client.clientId)) known.set(client.clientId, client);
      return engineMetadata(client.clientId, client.metadata);
    },
    upsert: refuse,
    destroy: refuse,
    consume: refuse,
    revokeByGrantId: refuse,
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  };
}

/**
 * A client's metadata as the engine takes it. The engine requires a secret, although `compareClientSecret`
 * (patches/client-secret.ts) decides whether one matches; and it refuses scopes of resources in `scope`, which
 * it gets as `allowed_scope` instead.
 */
export function engineMetadata(
  clientId: string,
  { scope, ...metadata }: Record<string, unknown>,
): AdapterPayload {
  return {
    ...metadata,
    client_id: clientId,
    ...(scope !== undefined && { allowed_scope: scope }),
    ...(authenticatesBySecret(metadata) && { client_secret: 'kept as a digest' }),
  };
}

const refuse = async (): Promise<never> => {
  throw new Error('clients are written by the registry');
};
