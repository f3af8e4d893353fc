import type { Adapter, InteractionResults } from 'oidc-provider';
import { sha256 } from '../../crypto/digest.ts';
import type { ConsentDecision, ConsentDecisions } from '../../domain/consent-decisions.ts';
import { type ArtifactStores, artifactAdapter } from './artifacts.ts';

/**
 * Authorization requests that wait for a person: what is stored is never rewritten. What was answered is
 * asked of Postgres each time, and given for a moment: who comes later is told on a page.
 */
export function interactionAdapter({
  consentDecisions,
  ...stores
}: ArtifactStores & { consentDecisions: ConsentDecisions }): Adapter {
  const artifacts = artifactAdapter('Interaction', stores);
  return {
    ...artifacts,
    async find(id) {
      const [payload, { decision }] = await Promise.all([
        artifacts.find(id),
        consentDecisions.find(sha256(id)),
      ]);
      if (!payload || !decision) return payload;
      // With the answer the pushed request was used up.
      const { parJti: _used, ...rest } = payload;
      return decision.leadsOn ? { ...rest, result: resultOf(decision) } : undefined;
    },
  };
}

/** What an answer makes of a request, in the engine's words. */
function resultOf({ grantId, holds, accountId, authTime }: ConsentDecision): InteractionResults {
  if (!grantId) return { error: 'access_denied', error_description: 'the person refused' };
  if (!holds)
    return { error: 'access_denied', error_description: 'what was allowed has ended since' };
  return {
    login: { accountId, remember: false, ...(authTime !== null && { ts: authTime }) },
    consent: { grantId },
  };
}
