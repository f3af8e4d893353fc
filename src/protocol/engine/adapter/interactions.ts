import type { Adapter, AdapterPayload, InteractionResults } from 'oidc-provider';
import { sha256 } from '../../../crypto/digest.ts';
import type { ClientLookup } from '../../../domain/clients/lookup.ts';
import { isRegisteredRedirectUri } from '../../../domain/clients/redirect-uris.ts';
import type {
  ConsentDecisionRow,
  ConsentDecisions,
} from '../../../domain/grants/consent/decisions.ts';
import { type EphemeralStores, ephemeralAdapter } from './ephemeral.ts';

interface Stores extends EphemeralStores {
  clients: ClientLookup;
  consentDecisions: ConsentDecisions;
}

/**
 * Authorization requests that wait for a person: what is stored is never rewritten. The decision is read from
 * Postgres each time and can be resumed with for a moment; after that its page says what was decided. A request
 * whose redirect URI was removed from its client cannot be resumed, decided or not.
 */
export function interactionAdapter({ clients, consentDecisions, ...stores }: Stores): Adapter {
  const interactions = ephemeralAdapter('Interaction', stores);
  /** A client that was deleted is refused by the engine itself. */
  const isUnresumable = async ({ params = {} }: AdapterPayload): Promise<boolean> => {
    const { client_id = '', redirect_uri = '' } = params as Record<string, string | undefined>;
    const client = await clients(client_id);
    return client !== undefined && !isRegisteredRedirectUri(client.metadata, redirect_uri);
  };
  return {
    ...interactions,
    async find(id) {
      const [payload, { decision }] = await Promise.all([
        interactions.find(id),
        consentDecisions.find(sha256(id)),
      ]);
      if (!payload || (await isUnresumable(payload))) return undefined;
      if (!decision) return payload;
      // The decision has consumed the pushed request.
      const { parJti: _used, ...rest } = payload;
      return decision.mayResumeAgain ? { ...rest, result: resultOf(decision) } : undefined;
    },
  };
}

/** What a decision adds to a request, in the engine's terms. */
function resultOf({ grantId, holds, accountId, authTime }: ConsentDecisionRow): InteractionResults {
  if (!grantId) return { error: 'access_denied', error_description: 'the person refused' };
  if (!holds)
    return { error: 'access_denied', error_description: 'what was allowed has ended since' };
  return {
    login: { accountId, remember: false, ...(authTime !== null && { ts: authTime }) },
    consent: { grantId },
    // The page showed whose account it is; the engine would ask again for a prompt that no result names.
    select_account: {},
  };
}
