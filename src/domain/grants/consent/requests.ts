import { decodeJwt } from 'jose';
import { sha256 } from '../../../crypto/digest.ts';
import type { Keyring } from '../../../crypto/sealing.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Refusals } from '../../audit/refusals.ts';
import { type ClientLookup, clientNameOf } from '../../clients/lookup.ts';
import { isRegisteredRedirectUri } from '../../clients/redirect-uris.ts';
import type { Resources } from '../../resources/resources.ts';
import type { Roles } from '../../roles/roles.ts';
import { openEphemeral } from '../../short-lived/sealing.ts';
import type { EphemeralStore } from '../../short-lived/store.ts';
import { redemptionId } from '../../tokens/redemptions.ts';
import { codeLifetime } from '../code-lifetime.ts';
import { chooseActions, type DescribeDetail } from '../detail-descriptions.ts';
import { createPendingRequests, type PendingRequest } from '../pending-requests.ts';
import { parseClaims, type RequestedAccess, resolveRequestedAccess } from '../requested-access.ts';
import type { ConsentDecisionRow, ConsentDecisions, ConsentDecisionTarget } from './decisions.ts';
import type { ConsentApprover, ConsentChoice, ConsentRequests, PromptDetails } from './types.ts';

interface Dependencies {
  apiResource: string;
  /** The store of the engine's interactions. */
  ephemeral: EphemeralStore;
  keyring: Keyring;
  clients: ClientLookup;
  resources: Resources;
  consentDecisions: ConsentDecisions;
  describeDetail?: DescribeDetail | undefined;
  roles: Pick<Roles, 'named'>;
  audit: Pick<Refusals, 'refused'>;
  accounts: Pick<Accounts, 'describe' | 'ownerOfApp'>;
}

/** The engine's Interaction model, as stored. */
interface InteractionPayload {
  jti: string;
  exp: number;
  params: {
    client_id: string;
    redirect_uri: string;
    scope?: string;
    resource?: string | string[];
    response_mode?: string;
    prompt?: string;
    max_age?: string;
    id_token_hint?: string;
    login_hint?: string;
    authorization_details?: string;
    claims?: string;
  };
  prompt: { details: PromptDetails };
  parJti?: string;
}

interface PendingConsentRequest extends PendingRequest, Omit<ConsentDecisionTarget, 'accountId'> {
  uid: string;
  params: InteractionPayload['params'];
}

/**
 * Shows and decides about authorization requests (RFC 6749 §4.1.1). Reads the engine's stored interactions directly and
 * does not use the engine, which is recreated whenever signing keys change.
 */
export function createConsentRequests({
  apiResource,
  ephemeral,
  keyring,
  clients,
  resources,
  consentDecisions,
  describeDetail,
  roles,
  audit,
  accounts,
}: Dependencies): ConsentRequests {
  const load = async (uid: string): Promise<InteractionPayload | undefined> => {
    const stored = await ephemeral.get('Interaction', sha256(uid));
    return stored && openEphemeral<InteractionPayload>(keyring, 'Interaction', stored);
  };

  const read = async (uid: string): Promise<PendingConsentRequest | undefined> => {
    const payload = await load(uid);
    const client = payload && (await clients(payload.params.client_id));
    if (!client || !isRegisteredRedirectUri(client.metadata, payload.params.redirect_uri))
      return undefined;
    const { params, parJti, exp } = payload;
    return {
      id: sha256(uid),
      uid,
      expiresAt: exp,
      clientId: client.clientId,
      codeLifetime: codeLifetime(params.response_mode, client.metadata),
      ...(parJti && { pushed: redemptionId('PushedAuthorizationRequest', parJti) }),
      params,
      client,
      requested: await resolveRequestedAccess(client, params, { resources, apiResource }),
    };
  };

  return {
    async signInRequirements(uid) {
      const payload = await load(uid);
      if (!payload) return undefined;
      const client = await clients(payload.params.client_id);
      return {
        signInAfter: signInAfter(payload),
        loginHint: payload.params.login_hint,
        clientName: client && clientNameOf(client),
      };
    },

    ...createPendingRequests({
      apiResource,
      describeDetail,
      audit,
      accounts,
      roles,
      decisions: consentDecisions,
      action: 'consent.granted',
      read,
      describe: (
        { uid, params }: PendingConsentRequest,
        decision: ConsentDecisionRow | undefined,
      ) => ({
        uid,
        redirectUri: params.redirect_uri,
        mayResumeAgain: decision?.mayResumeAgain ?? false,
      }),
      choose({ requested, params }, account: ConsentApprover, choice?: ConsentChoice) {
        if (requested.isEmpty)
          throw new OAuthError('access_denied', 'The app is no longer allowed to ask for this.');
        const hinted = params.id_token_hint && decodeJwt(params.id_token_hint).sub;
        const named = parseClaims(params.claims).id_token?.['sub']?.value;
        if ([hinted, named].some((sub) => sub && sub !== account.id))
          throw new OAuthError(
            'access_denied',
            'The app expects a different account. Sign out, then sign in with that account.',
          );
        return {
          device: account.browser,
          authorizationDetails: chosenDetails(requested, choice?.details),
        };
      },
    }),
  };
}

/** The details that the person allows. Throws `invalid_request` if none are left, which would be a denial. */
function chosenDetails(
  { authorizationDetails }: RequestedAccess,
  chosen: readonly number[] | undefined,
): RequestedAccess['authorizationDetails'] {
  if (authorizationDetails.length === 0 || !chosen) return authorizationDetails;
  const allowed = chooseActions(authorizationDetails, chosen);
  if (allowed.length === 0)
    throw new OAuthError('invalid_request', 'Choose at least one item, or deny the request.');
  return allowed;
}

/**
 * The earliest acceptable sign-in: for `prompt=login` the arrival of the request, for `max_age` that many seconds ago
 * (OpenID Connect Core §3.1.2.1). A sign-in after the arrival of the request always satisfies `max_age`, and a
 * `max_age` that reaches back before the epoch accepts every sign-in.
 */
function signInAfter({ params, prompt }: InteractionPayload): Date | undefined {
  const askedAt = prompt.details.asked_at;
  if (scopeTokens(params.prompt).includes('login')) return new Date(askedAt * 1000);
  if (params.max_age === undefined) return undefined;
  const oldest = Math.max(0, Date.now() / 1000 - Number(params.max_age));
  return new Date(Math.min(askedAt, oldest) * 1000);
}
