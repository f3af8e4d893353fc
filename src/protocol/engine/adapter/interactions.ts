import type { Adapter, AdapterPayload, InteractionResults } from 'oidc-provider';
import { sha256 } from '../../../crypto/digest.ts';
import type { ClientLookup } from '../../../domain/clients/lookup.ts';
import { isRegisteredRedirectUri } from '../../../domain/clients/redirect-uris.ts';
import type {
  ConsentDecisionRow,
  ConsentDecisions,
} from '../../../domain/grants/consent/decisions.ts';
import { passwordContext } from '../../../oauth/authentication-context.ts';
import { type EphemeralStores, ephemeralAdapter } from './ephemeral.ts';

interface Stores extends EphemeralStores {
  clients: ClientLookup;
  consentDecisions: ConsentDecisions;
}

/**
 * Authorization requests that wait for a person. The stored record is never rewritten; the decision is read from
 * Postgres each time. For a short time the browser can resume with it, after that the consent page shows what was
 * decided. A request whose redirect URI was removed from its client cannot be resumed.
 */
export function interactionAdapter({ clients, consentDecisions, ...stores }: Stores): Adapter {
  const interactions = ephemeralAdapter('Interaction', stores);
  /** The engine itself rejects a deleted client. */
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
      // The decision consumed the pushed request.
      const { parJti: _used, ...rest } = payload;
      return decision.mayResumeAgain ? { ...rest, result: resultOf(decision) } : undefined;
    },
  };
}

/** The engine's interaction result for a decision. */
function resultOf({
  grantId,
  holds,
  accountId,
  authTime,
  context,
}: ConsentDecisionRow): InteractionResults {
  if (!grantId) return { error: 'access_denied', error_description: 'the user denied the request' };
  if (!holds)
    return {
      error: 'access_denied',
      error_description: 'the approval is no longer valid; start again',
    };
  return {
    login: {
      accountId,
      remember: false,
      ...(context ?? passwordContext),
      ...(authTime !== null && { ts: authTime }),
    },
    consent: { grantId },
    // The consent page has shown the account; without this the engine would prompt for it again.
    select_account: {},
  };
}
