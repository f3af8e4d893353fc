import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { recordEvent } from '../audit/events.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { isPublic } from './client-types.ts';
import { isFapi2 } from './profiles.ts';
import {
  clientNotFound,
  requireNotKeyPair,
  requireNotReserved,
  requireOutsideApps,
  requireOwnScopes,
} from './rules.ts';
import type { ClientDescription, ClientStore } from './store.ts';

/** Whether tokens of a client work only together with its key or certificate, so that only its program can use one. */
const isBound = (metadata: Record<string, unknown>): boolean =>
  metadata['dpop_bound_access_tokens'] === true ||
  metadata['tls_client_certificate_bound_access_tokens'] === true ||
  isFapi2(metadata);

/** Whether a client gets bearer tokens for itself, of which people who manage it can try one. */
export const canBeTried = ({
  app,
  account_id: account,
  metadata,
}: Pick<ClientDescription, 'app' | 'account_id' | 'metadata'>): boolean =>
  app === null &&
  account === null &&
  ((metadata['grant_types'] ?? []) as string[]).includes(grantTypes.clientCredentials) &&
  !isPublic(metadata) &&
  !isBound(metadata);

/** Trial tokens of clients that belong to no app. */
export function createClientTrials({
  kysely,
  clients,
  apiResource,
}: {
  kysely: Connection;
  clients: Pick<ClientStore, 'find'>;
  /** Identifier of Writ's own API. */
  apiResource: string;
}) {
  return {
    /**
     * Checks that the actor can get a token of a client without its secret, and records that they do. As with a secret,
     * the actor must have the client's scopes at Writ's own API. Throws `not_found`, `access_denied` and `conflict`.
     */
    authorize: async (actor: ManagementActor, clientId: string): Promise<void> => {
      requireNotReserved(actor, clientId);
      const client = await clients.find(clientId);
      if (!client) throw clientNotFound(clientId);
      requireOutsideApps(actor, client);
      requireNotKeyPair(actor, client);
      const { resources, metadata } = client;
      requireOwnScopes(actor, apiResource, { resources, scope: metadata['scope'] });
      if (!canBeTried(client))
        throw new OAuthError(
          'conflict',
          'This client gets no bearer tokens for itself, so there is none to try.',
        );
      if (client.disabled_at !== null)
        throw new OAuthError('conflict', 'The client is disabled. Enable it first.');
      await recordEvent(kysely, {
        action: 'token.tried',
        target: { kind: 'client', id: clientId },
      });
    },
  };
}

export type ClientTrials = ReturnType<typeof createClientTrials>;
