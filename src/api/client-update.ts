import type * as z from 'zod';
import type { ClientDescription, ClientRegistry } from '../domain/clients/registry.ts';
import { OAuthError } from '../oauth/errors.ts';
import type { Principal } from './authenticate.ts';
import { type clientUpdate, describeClient } from './client-metadata.ts';
import {
  noClient,
  requireOwnScopes,
  requireSameCredentials,
  withStandards,
} from './client-rules.ts';
import { etagOf, type Precondition } from './etag.ts';

interface Update {
  clients: Pick<ClientRegistry, 'find' | 'update'>;
  apiResource: string;
  validateMetadata: (clientId: string, metadata: Record<string, unknown>) => void;
  principal: Principal;
  clientId: string;
  changes: z.output<typeof clientUpdate>;
  precondition: Precondition<ClientDescription>;
}

/** Changes that others make meanwhile are merged with as often as this. */
const attempts = 5;

/** Between reading a client and writing it, somebody else wrote. */
class Stale extends Error {}

/**
 * Applies a merge patch (RFC 7396). All of the metadata is checked and written at once, so it is
 * merged into the client that was read, and written only while that one still stands.
 */
export async function updateClient(update: Update): Promise<ClientDescription> {
  const { clients, clientId, precondition } = update;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const before = await clients.find(clientId);
    if (!before) throw noClient(clientId);
    precondition(before);
    try {
      const after = await clients.update(clientId, merge(before, update), (current) => {
        precondition(current);
        if (current && etagOf(describeClient(current)) !== etagOf(describeClient(before)))
          throw new Stale();
      });
      if (!after) throw noClient(clientId);
      return after;
    } catch (error) {
      if (!(error instanceof Stale)) throw error;
    }
  }
  throw new OAuthError(
    'temporarily_unavailable',
    'Others keep changing this client; try again in a moment.',
  );
}

function merge(
  before: ClientDescription,
  { apiResource, validateMetadata, principal, clientId, changes }: Update,
) {
  const { roles, resources, resource_server_for: resourceServerFor, ...fields } = changes;
  const kept = Object.entries({ ...before.metadata, ...fields }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const metadata = withStandards(Object.fromEntries(kept));
  requireSameCredentials(
    before.metadata['token_endpoint_auth_method'],
    metadata['token_endpoint_auth_method'],
  );
  requireOwnScopes(principal, apiResource, {
    resources: resources ?? before.resources,
    resourceServerFor: resourceServerFor ?? before.resource_server_for,
    scope: metadata['scope'],
  });
  validateMetadata(clientId, metadata);
  return { metadata, roles, resources, resourceServerFor };
}
