import type { Connection } from '../../../db/schema.ts';
import type { ErrorDetail } from '../../oauth/errors.ts';
import type { Idempotency } from '../database/idempotency.ts';
import type { Precondition } from '../database/precondition.ts';
import type { Resources } from '../resources/resources.ts';
import { scopeWarnings } from '../resources/scope-warnings.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireNoAdministratorRole } from '../roles/rules.ts';
import { serverActor } from '../roles/server-actor.ts';
import { applyPatch, type ClientPatch, type ValidateMetadata } from './merge-patch.ts';
import {
  requireFreeChoice,
  requireNotReserved,
  requireOwnScopes,
  requireSoundMetadata,
  withDefaults,
  withDisplayName,
} from './rules.ts';
import type { ClientDescription, ClientStore, NewClient } from './store.ts';

/**
 * Creates, changes and deletes clients of no app, within the rules: each operation takes the actor and
 * throws `access_denied`, `conflict`, `invalid_request` or `invalid_client_metadata` for what the actor
 * may not do. Metadata that the server itself gives is stored as it is.
 */
export function createClientRegistry({
  store,
  resources,
  apiResource,
  validateMetadata,
}: {
  store: ClientStore;
  resources: Pick<Resources, 'all'>;
  /** The resource that Writ's own API is. */
  apiResource: string;
  validateMetadata: ValidateMetadata;
}) {
  const { list, find } = store;
  return {
    list,
    find,

    /** What may be a mistake in a client as it stands. It refuses nothing, so it also fails without an error. */
    warnings: async ({
      resources: given,
      metadata,
      app,
    }: Pick<ClientDescription, 'resources' | 'metadata' | 'app'>): Promise<ErrorDetail[]> => {
      const scope = metadata['scope'] as string | undefined;
      if (!scope) return [];
      const all = await resources.all().catch(() => undefined);
      return all ? scopeWarnings({ resources: given, scope, app }, all, apiResource) : [];
    },

    /**
     * Creates a client, with a first secret where its authentication needs one. Throws `conflict` where
     * the id is taken, by a deleted client too.
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
        if (clientId !== undefined) requireFreeChoice(clientId);
        requireSoundMetadata(metadata);
        validateMetadata(clientId ?? 'new', metadata);
      }
      return store.create({ ...given, metadata }, connection, idempotency);
    },

    /**
     * Changes a client by a merge patch (RFC 7396) of it as it is, locked. `precondition` is called with
     * that too, and may throw. Undefined where there is no such client.
     */
    update: async (
      actor: ManagementActor,
      clientId: string,
      patch: ClientPatch,
      precondition?: Precondition<ClientDescription>,
      connection?: Connection,
    ): Promise<ClientDescription | undefined> => {
      requireNotReserved(actor, clientId);
      return store.update(
        clientId,
        (before) => applyPatch(actor, before, patch, { apiResource, validateMetadata }),
        precondition,
        connection,
      );
    },

    /** Revokes its tokens and lets it have no more. False where there is no such client. */
    disable: async (
      actor: ManagementActor,
      clientId: string,
      connection?: Connection,
    ): Promise<boolean> => {
      requireNotReserved(actor, clientId);
      return store.disable(clientId, connection);
    },

    /** Lets a disabled client have tokens again; those that were revoked stay so. False where there is no such client. */
    enable: async (actor: ManagementActor, clientId: string): Promise<boolean> => {
      requireNotReserved(actor, clientId);
      return store.enable(clientId);
    },

    /** Revokes the tokens that it has; it may get new ones at once. False where there is no such client. */
    revokeTokens: async (actor: ManagementActor, clientId: string): Promise<boolean> => {
      requireNotReserved(actor, clientId);
      return store.revokeTokens(clientId);
    },

    /** Revokes its tokens and deletes its secrets; its id is never used again. False where there is no such client. */
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
