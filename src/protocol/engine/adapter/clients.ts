import type { Adapter, AdapterPayload } from 'oidc-provider';
import {
  authenticatesByIssuer,
  authenticatesBySecret,
} from '../../../domain/clients/client-types.ts';
import type { ClientLookup } from '../../../domain/clients/lookup.ts';
import { candidateOf } from '../candidates.ts';
import { currentScope } from '../request-scope.ts';

/** Reads clients for the engine, which never writes them; only `domain/clients` does. */
export function clientAdapter(clients: ClientLookup): Adapter {
  return {
    async find(id) {
      const candidate = candidateOf(id);
      if (candidate) return candidate;
      // A request keeps the client that it read first: its tokens carry the epochs of the client that authenticated.
      const known = currentScope()?.clients;
      const client = known?.get(id) ?? (await clients(id));
      if (!client) return undefined;
      if (known && !known.has(client.clientId)) known.set(client.clientId, client);
      return engineMetadata(client.clientId, client.metadata, isOfWorkload(client.clientId));
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
 * Converts a client's metadata for the engine. The engine requires a secret, although `compareClientSecret`
 * (patches/client-secret.ts) verifies secrets. It also rejects the scopes of resources in `scope`, so it gets them as
 * `allowed_scope`, and `authorization_details_types`, which Writ checks itself, as `allowed_details_types`. Every logout
 * token has the `sid`, so that a client without `backchannel_logout_session_required` does not end the person's sessions in
 * other browsers too.
 */
export function engineMetadata(
  clientId: string,
  { scope, authorization_details_types: types, ...given }: Record<string, unknown>,
  isWorkload = false,
): AdapterPayload {
  const metadata = isWorkload || authenticatesByIssuer(given) ? bySecret(given) : given;
  return {
    ...metadata,
    client_id: clientId,
    ...(scope !== undefined && { allowed_scope: scope }),
    ...(types !== undefined && { allowed_details_types: types }),
    ...(metadata['backchannel_logout_uri'] !== undefined && {
      backchannel_logout_session_required: true,
    }),
    ...(authenticatesBySecret(metadata) && { client_secret: 'kept as a digest' }),
  };
}

/** The metadata of a client that a workload is: the engine gets a secret from the gate (protocol/workload-identity.ts). */
const bySecret = ({
  token_endpoint_auth_signing_alg: _alg,
  ...metadata
}: Record<string, unknown>): Record<string, unknown> => ({
  ...metadata,
  token_endpoint_auth_method: 'client_secret_post',
});

const isOfWorkload = (clientId: string): boolean =>
  currentScope()?.workload?.workload.clientId === clientId;

const refuse = async (): Promise<never> => {
  throw new Error('the engine must not write clients');
};
