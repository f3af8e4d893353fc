/** Changes of clients by merge patch (RFC 7396). */
import { OAuthError } from '../../oauth/errors.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireNoAdministratorRole } from '../roles/rules.ts';
import { serverActor } from '../roles/server-actor.ts';
import {
  requireNoDocument,
  requireNoPairwiseAtOwnApi,
  requireNotKeyPair,
  requireOutsideApps,
  requireOwnScopes,
  requireSameCredentials,
  requireSoundMetadata,
  withDefaults,
  withDisplayName,
} from './rules.ts';
import type { ClientChanges, ClientDescription } from './store.ts';

/** A merge patch: omitted fields stay, and null removes a metadata field or empties a list. */
export interface ClientPatch {
  /** Fields of RFC 7591 §2 and Writ's own. */
  metadata?: Record<string, unknown> | undefined;
  roles?: string[] | null | undefined;
  /** Identifiers of the resources it can request tokens for. */
  resources?: string[] | null | undefined;
  /** Identifiers of the resources whose tokens it can introspect. */
  resourceServerFor?: string[] | null | undefined;
}

/** Validates metadata (RFC 7591 §2) as the protocol engine does. Throws `invalid_client_metadata`. */
export type ValidateMetadata = (clientId: string, metadata: Record<string, unknown>) => void;

/**
 * Applies a patch to a client that the caller has locked. The rules apply to the client before and after the
 * change. Once an administrator has changed a client that a person registered, or that registered itself, they can no longer
 * change it, because they could undo what the administrator restricted. Throws what the rules throw, and
 * `invalid_client_metadata`.
 */
export function applyPatch(
  actor: ManagementActor,
  before: ClientDescription,
  patch: ClientPatch,
  { apiResource, validateMetadata }: { apiResource: string; validateMetadata: ValidateMetadata },
): ClientChanges {
  requireOutsideApps(actor, before);
  requireNotKeyPair(actor, before);
  requireNoDocument(actor, before, patch);
  const byAuthor = isByAuthor(actor, before);
  if (byAuthor && before.taken_over_at !== null)
    throw new OAuthError(
      'access_denied',
      'An administrator has changed this client. Only administrators can change it now.',
    );
  // Check the previous scopes too. Otherwise a caller could remove a scope, plant a key, and wait until the scope
  // is restored.
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
    requireNoPairwiseAtOwnApi(apiResource, {
      resources: rights.resources ?? before.resources,
      metadata,
    });
    validateMetadata(before.client_id, metadata);
  }
  const takenOver =
    (before.author_id !== null || before.origin === 'registration') &&
    actor !== serverActor &&
    !byAuthor;
  return { metadata, ...rights, takenOver };
}

/** Whether the actor is the author, or a client that registered itself, and does not act as an administrator. */
const isByAuthor = (
  actor: ManagementActor,
  { author_id, client_id, origin }: ClientDescription,
): boolean =>
  actor !== serverActor &&
  (actor.kind === 'account'
    ? actor.id === author_id
    : origin === 'registration' && actor.id === client_id) &&
  !actor.scopes.has('clients:write');

const orEmpty = (list: string[] | null | undefined): string[] | undefined =>
  list === null ? [] : list;
