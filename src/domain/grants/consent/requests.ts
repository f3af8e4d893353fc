import { decodeJwt } from 'jose';
import { sha256 } from '../../../crypto/digest.ts';
import type { Keyring } from '../../../crypto/sealing.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Refusals } from '../../audit/refusals.ts';
import { type ClientLookup, clientNameOf } from '../../clients/lookup.ts';
import { isRegisteredRedirectUri } from '../../clients/redirect-uris.ts';
import type { SubjectFor } from '../../clients/subjects.ts';
import type { Resources } from '../../resources/resources.ts';
import type { Roles } from '../../roles/roles.ts';
import { openEphemeral } from '../../short-lived/sealing.ts';
import type { EphemeralStore } from '../../short-lived/store.ts';
import { redemptionId } from '../../tokens/redemptions.ts';
import { parseClaims } from '../claims-parameter.ts';
import { codeLifetime } from '../code-lifetime.ts';
import { chooseActions, type DescribeDetail } from '../detail-descriptions.ts';
import { createPendingRequests, type PendingRequest } from '../pending-requests.ts';
import {
  describeRequestedAccess,
  type RequestedAccess,
  resolveRequestedAccess,
  scopesByResource,
} from '../requested-access.ts';
import type { Approver } from '../types.ts';
import {
  type ConsentDecisionRow,
  type ConsentDecisions,
  type ConsentDecisionTarget,
  decideAgain,
} from './decisions.ts';
import type { ConsentMemory } from './memory.ts';
import {
  type ConsentNeed,
  chosenAccess,
  consentNeed,
  remembers,
  restingOn,
  signInAfter,
} from './need.ts';
import type { ConsentApprover, ConsentChoice, ConsentRequests, PromptDetails } from './types.ts';

interface Dependencies {
  apiResource: string;
  /** The store of the engine's interactions. */
  ephemeral: EphemeralStore;
  keyring: Keyring;
  clients: ClientLookup;
  resources: Resources;
  consentDecisions: ConsentDecisions;
  consentMemory: Pick<ConsentMemory, 'find'>;
  describeDetail?: DescribeDetail | undefined;
  roles: Pick<Roles, 'named'>;
  audit: Pick<Refusals, 'refused'>;
  accounts: Pick<Accounts, 'describe' | 'ownerOfApp'>;
  subjectFor: SubjectFor;
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
    acr_values?: string;
  };
  prompt: { details: PromptDetails };
  parJti?: string;
}

interface PendingConsentRequest extends PendingRequest, Omit<ConsentDecisionTarget, 'accountId'> {
  uid: string;
  params: InteractionPayload['params'];
  /** When it arrived, in fractional seconds since the epoch. */
  askedAt: number;
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
  consentMemory,
  describeDetail,
  roles,
  audit,
  accounts,
  subjectFor,
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
    const { params, parJti, exp, prompt } = payload;
    return {
      id: sha256(uid),
      uid,
      expiresAt: exp,
      clientId: client.clientId,
      codeLifetime: codeLifetime(params.response_mode, client.metadata),
      ...(parJti && { pushed: redemptionId('PushedAuthorizationRequest', parJti) }),
      params,
      askedAt: prompt.details.asked_at,
      client,
      requested: await resolveRequestedAccess(client, params, { resources, apiResource }),
    };
  };

  /** What the request asks of an account. */
  const needOf = async (pending: PendingConsentRequest, account: Approver): Promise<ConsentNeed> =>
    consentNeed(
      { ...pending, apiResource },
      {
        remembered: await consentMemory.find(account.id, pending.client.id),
        signedInAt: account.signedInAt,
      },
    );

  const expectsOther = ({ client, params }: PendingConsentRequest, account: Approver): boolean => {
    const hinted = params.id_token_hint && decodeJwt(params.id_token_hint).sub;
    const named = parseClaims(params.claims).id_token?.['sub']?.value;
    const known = subjectFor(client.metadata, account.id);
    return [hinted, named].some((sub) => sub && sub !== known);
  };

  const requests = createPendingRequests({
    apiResource,
    describeDetail,
    audit,
    accounts,
    roles,
    decisions: consentDecisions,
    action: 'consent.granted',
    read,
    async describe(
      pending: PendingConsentRequest,
      account,
      decision: ConsentDecisionRow | undefined,
    ) {
      const { uid, params } = pending;
      const { asks, shown, before, optional, declined } = await needOf(pending, account);
      const scopes = describeRequestedAccess(shown);
      return {
        uid,
        redirectUri: params.redirect_uri,
        mayResumeAgain: decision?.mayResumeAgain ?? false,
        asks,
        scopes,
        allowedBefore: describeRequestedAccess(before),
        optional: new Map(
          scopes
            .filter(({ name }) => optional.has(name))
            .map(({ name }) => [name, { isDeclined: declined.has(name) }]),
        ),
        expectsOther: expectsOther(pending, account),
      };
    },
    async choose(
      pending,
      account: ConsentApprover,
      choice?: ConsentChoice & { isRemembered?: boolean },
    ) {
      const { requested } = pending;
      if (requested.isEmpty)
        throw new OAuthError('access_denied', 'The app is no longer allowed to ask for this.', {
          kind: 'not_allowed_any_more',
        });
      if (expectsOther(pending, account))
        throw new OAuthError(
          'access_denied',
          'The app expects another account. Sign in with that account, or start again in the app.',
          { kind: 'other_account' },
        );
      const need = await needOf(pending, account);
      const isRemembered = choice?.isRemembered ?? false;
      if (isRemembered && need.asks) throw decideAgain();
      const { access, declined } = chosenAccess(need, choice?.unticked);
      if (isNothing(access) && !isNothing(requested))
        throw new OAuthError('invalid_request', 'Choose at least one item, or deny the request.', {
          kind: 'nothing_chosen',
        });
      return {
        device: account.browser,
        browser: account.browser.id,
        openIdScope: access.openIdScope,
        claims: access.claims,
        resources: scopesByResource(access),
        authorizationDetails: chosenDetails(requested, choice?.details),
        isRemembered,
        ...(isRemembered && { restsOn: restingOn(pending.client, access) }),
        ...(!isRemembered &&
          need.isRemembered && { remembers: remembers(access, need.shown, declined) }),
      };
    },
  });

  return {
    async signInRequirements(uid) {
      const payload = await load(uid);
      if (!payload) return undefined;
      const client = await clients(payload.params.client_id);
      return {
        signInAfter: signInAfter(payload.params, payload.prompt.details.asked_at),
        loginHint: payload.params.login_hint,
        registers: scopeTokens(payload.params.prompt).includes('create'),
        clientName: client && clientNameOf(client),
      };
    },

    ...requests,
    approve: (uid, account, choice) => requests.approve(uid, account, choice),
    approveRemembered: (uid, account) => requests.approve(uid, account, { isRemembered: true }),
  };
}

/** Whether nothing is left to allow. */
const isNothing = ({ openIdScope, resources, authorizationDetails }: RequestedAccess): boolean =>
  openIdScope.length === 0 &&
  authorizationDetails.length === 0 &&
  resources.every(({ names }) => names.length === 0);

/** The details that the person allows. Throws `invalid_request` if none are left, which would be a denial. */
function chosenDetails(
  { authorizationDetails }: RequestedAccess,
  chosen: readonly number[] | undefined,
): RequestedAccess['authorizationDetails'] {
  if (authorizationDetails.length === 0 || !chosen) return authorizationDetails;
  const allowed = chooseActions(authorizationDetails, chosen);
  if (allowed.length === 0)
    throw new OAuthError('invalid_request', 'Choose at least one item, or deny the request.', {
      kind: 'nothing_chosen',
    });
  return allowed;
}
