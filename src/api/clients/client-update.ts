import type * as z from 'zod';
import type {
  ClientChanges,
  ClientDescription,
  ClientRegistry,
} from '../../domain/clients/clients.ts';
import type { Precondition } from '../../domain/database/precondition.ts';
import { requireNotAdministrator } from '../accounts/administrators.ts';
import type { Principal } from '../framework/principal.ts';
import type { clientUpdate } from './client-metadata.ts';
import {
  noClient,
  requireOfNoApp,
  requireOwnScopes,
  requireSameCredentials,
  withDefaults,
} from './client-rules.ts';

interface Update {
  clients: Pick<ClientRegistry, 'update'>;
  apiResource: string;
  validateMetadata: (clientId: string, metadata: Record<string, unknown>) => void;
  principal: Principal;
  clientId: string;
  changes: z.output<typeof clientUpdate>;
  precondition: Precondition<ClientDescription>;
}

/**
 * Applies a merge patch (RFC 7396) to the client as it stands, locked: of those who change it at once,
 * each merges into what the one before made of it.
 */
export async function updateClient(update: Update): Promise<ClientDescription> {
  const { clients, clientId, precondition } = update;
  const after = await clients.update(clientId, (before) => merge(before, update), precondition);
  if (!after) throw noClient(clientId);
  return after;
}

function merge(
  before: ClientDescription,
  { apiResource, validateMetadata, principal, clientId, changes }: Update,
): ClientChanges {
  requireOfNoApp(before);
  // What it may do today counts too: else one took that away, planted a key, and waited to have it back.
  requireOwnScopes(principal, apiResource, {
    resources: before.resources,
    scope: before.metadata['scope'],
  });
  const { roles, resources, resource_server_for: resourceServerFor, ...fields } = changes;
  requireNotAdministrator(roles ?? undefined);
  const kept = Object.entries({ ...before.metadata, ...fields }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const metadata = withDefaults(Object.fromEntries(kept));
  requireSameCredentials(
    before.metadata['token_endpoint_auth_method'],
    metadata['token_endpoint_auth_method'],
  );
  const rights = {
    roles: orNone(roles),
    resources: orNone(resources),
    resourceServerFor: orNone(resourceServerFor),
  };
  requireOwnScopes(principal, apiResource, {
    resources: rights.resources ?? before.resources,
    resourceServerFor: rights.resourceServerFor ?? before.resource_server_for,
    scope: metadata['scope'],
  });
  validateMetadata(clientId, metadata);
  return { metadata, ...rights };
}

/** A list that is removed is empty; one that is left out stays. */
const orNone = (list: string[] | null | undefined): string[] | undefined =>
  list === null ? [] : list;
