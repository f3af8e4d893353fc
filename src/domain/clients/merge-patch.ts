/** Changes to a client by merge patch (RFC 7396), within the rules. */
import { OAuthError } from '../../oauth/errors.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireNoAdministratorRole } from '../roles/rules.ts';
import { serverActor } from '../roles/server-actor.ts';
import {
  requireOfNoApp,
  requireOfNoPerson,
  requireOwnScopes,
  requireSameCredentials,
  requireSoundMetadata,
  withDefaults,
  withDisplayName,
} from './rules.ts';
import type { ClientChanges, ClientDescription } from './store.ts';

/**
 * A merge patch of a client: what is left out stays, and null removes a field of the metadata or empties a
 * list.
 */
export interface ClientPatch {
  /** Fields of RFC 7591 §2, and Writ's own. */
  metadata?: Record<string, unknown> | undefined;
  roles?: string[] | null | undefined;
  /** Identifiers of the resources it may ask tokens for. */
  resources?: string[] | null | undefined;
  /** Identifiers of the resources whose tokens it may introspect. */
  resourceServerFor?: string[] | null | undefined;
}

/** Checks metadata (RFC 7591 §2) as the protocol will read it; throws `invalid_client_metadata`. */
export type ValidateMetadata = (clientId: string, metadata: Record<string, unknown>) => void;

/**
 * What a patch makes of a client, which the caller has locked. The rules hold for the client before and
 * after. Once an administrator has changed a client that a person registered, that person no longer does: what the
 * administrator limited would be undone. Throws what the rules throw, and `invalid_client_metadata`.
 */
export function applyPatch(
  actor: ManagementActor,
  before: ClientDescription,
  patch: ClientPatch,
  { apiResource, validateMetadata }: { apiResource: string; validateMetadata: ValidateMetadata },
): ClientChanges {
  requireOfNoApp(actor, before);
  requireOfNoPerson(actor, before);
  const byAuthor = isByAuthor(actor, before);
  if (byAuthor && before.taken_over_at !== null)
    throw new OAuthError(
      'access_denied',
      'An administrator has changed this client, and only administrators change it now.',
    );
  // The scopes before the change count too: else a caller could remove one, plant a key, and wait until it is given back.
  requireOwnScopes(actor, apiResource, {
    resources: before.resources,
    scope: before.metadata['scope'],
  });
  requireNoAdministratorRole(patch.roles ?? undefined);
  const merged = Object.fromEntries(
    Object.entries({ ...before.metadata, ...patch.metadata }).filter(
      ([, value]) => value !== null && value !== undefined,
    ),
  );
  const metadata =
    actor === serverActor ? merged : withDisplayName(withDefaults(merged), before.metadata);
  requireSameCredentials(before.metadata, metadata);
  const rights = {
    roles: orEmpty(patch.roles),
    resources: orEmpty(patch.resources),
    resourceServerFor: orEmpty(patch.resourceServerFor),
  };
  requireOwnScopes(actor, apiResource, {
    resources: rights.resources ?? before.resources,
    resourceServerFor: rights.resourceServerFor ?? before.resource_server_for,
    scope: metadata['scope'],
  });
  if (actor !== serverActor) {
    requireSoundMetadata(metadata, before.metadata);
    validateMetadata(before.client_id, metadata);
  }
  const takenOver = before.author_id !== null && actor !== serverActor && !byAuthor;
  return { metadata, ...rights, takenOver };
}

/** Whether the person acts who registered it, and not as an administrator. */
const isByAuthor = (actor: ManagementActor, { author_id }: ClientDescription): boolean =>
  actor !== serverActor &&
  actor.kind === 'account' &&
  actor.id === author_id &&
  !actor.scopes.has('clients:write');

const orEmpty = (list: string[] | null | undefined): string[] | undefined =>
  list === null ? [] : list;
