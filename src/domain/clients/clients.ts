import type { Connection } from '../../../db/schema.ts';
import type { ErrorDetail } from '../../oauth/errors.ts';
import type { Idempotency } from '../database/idempotency.ts';
import type { Precondition } from '../database/precondition.ts';
import { limitsOf } from '../resources/access.ts';
import type { Resources } from '../resources/resources.ts';
import { scopeWarnings } from '../resources/scope-warnings.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireNoAdministratorRole } from '../roles/rules.ts';
import { serverActor } from '../roles/server-actor.ts';
import { applyPatch, type ClientPatch, type ValidateMetadata } from './merge-patch.ts';
import {
  requireMayDisable,
  requireNoPairwiseAtOwnApi,
  requireNotReserved,
  requireOwnScopes,
  requireSoundMetadata,
  requireValidClientId,
  withDefaults,
  withDisplayName,
} from './rules.ts';
import type { ClientDescription, ClientStore, NewClient } from './store.ts';
import type { VerifySector } from './subjects.ts';

/**
 * Creates, changes and deletes clients that belong to no app. Each operation takes the actor and throws
 * `access_denied`, `conflict`, `invalid_request` or `invalid_client_metadata` if the actor is not allowed to do it.
 * Metadata from the server itself is stored unchecked.
 */
export function createClientRegistry({
  store,
  resources,
  apiResource,
  validateMetadata,
  verifySector = async () => {},
}: {
  store: ClientStore;
  resources: Pick<Resources, 'all'>;
  /** Identifier of Writ's own API. */
  apiResource: string;
  validateMetadata: ValidateMetadata;
  verifySector?: VerifySector | undefined;
}) {
  const { list, find } = store;

  /** Opens the URL outside of the transaction that changes the client. */
  const verifyNewSector = async (clientId: string, { metadata: changes = {} }: ClientPatch) => {
    const isConcerned = ['sector_identifier_uri', 'redirect_uris'].some((name) => name in changes);
    const before = isConcerned ? await find(clientId) : undefined;
    const metadata = { ...before?.metadata, ...changes };
    if (before && metadata['sector_identifier_uri']) await verifySector(metadata);
  };

  return {
    list,
    find,

    /** Warnings about likely mistakes in a client. Best effort: it never throws. */
    warnings: async ({
      client_id: clientId,
      resources: given,
      metadata,
      app,
      origin,
    }: Pick<ClientDescription, 'client_id' | 'resources' | 'metadata' | 'app' | 'origin'>): Promise<
      ErrorDetail[]
    > => {
      if (!metadata['scope']) return [];
      const all = await resources.all().catch(() => undefined);
      const limits = limitsOf({ clientId, resources: given, metadata, app, origin });
      return all ? scopeWarnings(limits, all, apiResource) : [];
    },

    /**
     * Creates a client, with a secret if its authentication method needs one. Throws `conflict` if the id is in use
     * or was used by a deleted client.
     */
    create: async (
      actor: ManagementActor,
      given: Omit<NewClient, 'appId'>,
      connection?: Connection,
      idempotency?: Idempotency,
    ): ReturnType<ClientStore['create']> => {
      const { clientId, roles, resources = [], resourceServerFor } = given;
      requireNoAdministratorRole(roles);
      requireOwnScopes(actor, apiResource, {
        resources,
        resourceServerFor,
        scope: given.metadata['scope'],
      });
      const metadata =
        actor === serverActor ? given.metadata : withDisplayName(withDefaults(given.metadata));
      if (actor !== serverActor) {
        if (clientId !== undefined) requireValidClientId(clientId);
        requireSoundMetadata(metadata);
        requireNoPairwiseAtOwnApi(apiResource, { resources, metadata });
        validateMetadata(clientId ?? 'new', metadata);
        if ('sector_identifier_uri' in metadata) await verifySector(metadata);
      }
      return store.create({ ...given, metadata }, connection, idempotency);
    },

    /**
     * Updates a client by merge patch (RFC 7396) of its current, locked version. `precondition` receives that
     * version and can throw. Undefined if the client does not exist.
     */
    update: async (
      actor: ManagementActor,
      clientId: string,
      patch: ClientPatch,
      precondition?: Precondition<ClientDescription>,
      connection?: Connection,
    ): Promise<ClientDescription | undefined> => {
      requireNotReserved(actor, clientId);
      await verifyNewSector(clientId, patch);
      return store.update(
        clientId,
        (before) => applyPatch(actor, before, patch, { apiResource, validateMetadata }),
        precondition,
        connection,
      );
    },

    /** Disables a client: revokes its tokens and refuses new ones. False if the client does not exist. */
    disable: async (
      actor: ManagementActor,
      clientId: string,
      connection?: Connection,
    ): Promise<boolean> => {
      requireMayDisable(actor, clientId);
      return store.disable(clientId, connection);
    },

    /** Enables a disabled client; revoked tokens stay revoked. False if the client does not exist. */
    enable: async (actor: ManagementActor, clientId: string): Promise<boolean> => {
      requireMayDisable(actor, clientId);
      return store.enable(clientId);
    },

    /** Revokes all tokens of a client, which can get new ones at once. False if the client does not exist. */
    revokeTokens: async (actor: ManagementActor, clientId: string): Promise<boolean> => {
      requireMayDisable(actor, clientId);
      return store.revokeTokens(clientId);
    },

    /**
     * Deletes a client: revokes its tokens and deletes its secrets; its id is never reused. False if the client
     * does not exist.
     */
    delete: async (
      actor: ManagementActor,
      clientId: string,
      precondition?: Precondition<ClientDescription>,
    ): Promise<boolean> => {
      requireNotReserved(actor, clientId);
      return store.delete(clientId, precondition);
    },
  };
}

export type ClientRegistry = ReturnType<typeof createClientRegistry>;
