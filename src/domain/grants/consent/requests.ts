import { decodeJwt } from 'jose';
import { sha256 } from '../../../crypto/digest.ts';
import type { Keyring } from '../../../crypto/sealing.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import type { Audit } from '../../audit/events.ts';
import type { Client, ClientLookup } from '../../clients/lookup.ts';
import { redirectsTo } from '../../clients/redirect-uris.ts';
import type { Resources } from '../../resources/resources.ts';
import { openEphemeral } from '../../short-lived/sealing.ts';
import type { EphemeralStore } from '../../short-lived/store.ts';
import { redemptionId } from '../../tokens/redemptions.ts';
import {
  beyond,
  decideOnce,
  describeRequestedAccess,
  type RequestedAccess,
  requireRoleFor,
  resolveRequestedAccess,
  scopesByResource,
} from '../requested-access.ts';
import type { Approver } from '../types.ts';
import type { AnsweringConsent, ConsentDecisions } from './decisions.ts';
import type { ConsentApprover, ConsentRequest, Consents, PromptDetails } from './types.ts';

interface Dependencies {
  apiResource: string;
  /** Where the engine's interactions are. */
  ephemeral: EphemeralStore;
  keyring: Keyring;
  clients: ClientLookup;
  resources: Resources;
  consentDecisions: ConsentDecisions;
  audit: Pick<Audit, 'refused'>;
}

/** What the engine stored of an authorization request. */
interface Stored {
  jti: string;
  exp: number;
  params: {
    client_id: string;
    redirect_uri: string;
    scope?: string;
    resource?: string | string[];
    prompt?: string;
    max_age?: string;
    id_token_hint?: string;
  };
  prompt: { details: PromptDetails };
  parJti?: string;
}

/** A request, with what its client may have at this moment of what it asks for. */
interface Asking extends Omit<AnsweringConsent, 'accountId'> {
  uid: string;
  params: Stored['params'];
  client: Client;
  asked: RequestedAccess;
}

/**
 * Answers authorization requests (RFC 6749 §4.1.1). It works on what the engine stored and needs no engine,
 * so it is made once, whatever keys come and go.
 */
export function createConsents({
  apiResource,
  ephemeral,
  keyring,
  clients,
  resources,
  consentDecisions,
  audit,
}: Dependencies): Consents {
  const stored = async (uid: string): Promise<Stored | undefined> => {
    const found = await ephemeral.get('Interaction', sha256(uid));
    return found && openEphemeral<Stored>(keyring, 'Interaction', found);
  };

  const read = async (uid: string): Promise<Asking | undefined> => {
    const payload = await stored(uid);
    const client = payload && (await clients(payload.params.client_id));
    if (!client || !redirectsTo(client.metadata, payload.params.redirect_uri)) return undefined;
    const { params, parJti, exp } = payload;
    return {
      id: sha256(uid),
      uid,
      expiresAt: exp,
      clientId: client.clientId,
      ...(parJti && { pushed: redemptionId('PushedAuthorizationRequest', parJti) }),
      params,
      client,
      asked: await resolveRequestedAccess(client, params, { resources, apiResource }),
    };
  };

  const describe = async (asking: Asking, { roles }: Approver): Promise<ConsentRequest> => {
    const { uid, client, params, asked, expiresAt } = asking;
    const { now, decision } = await consentDecisions.find(asking.id);
    const text = (name: string) => client.metadata[name] as string | undefined;
    return {
      uid,
      clientId: client.clientId,
      clientName: text('client_name') ?? client.clientId,
      clientUri: text('client_uri'),
      app: client.app,
      redirectUri: params.redirect_uri,
      scopes: describeRequestedAccess(asked),
      beyond: beyond(asked, roles, apiResource),
      expiresAt: new Date(expiresAt * 1000),
      state: decision?.decision ?? (now < expiresAt ? 'pending' : 'expired'),
      answeredBy: decision?.accountId,
      mayResumeAgain: decision?.mayResumeAgain ?? false,
    };
  };

  const answer = (
    uid: string,
    account: ConsentApprover,
    decide: (asking: Asking & AnsweringConsent) => Promise<unknown>,
  ): Promise<ConsentRequest | undefined> =>
    decideOnce(
      () => read(uid),
      (asking) => describe(asking, account),
      (asking) => decide({ ...asking, accountId: account.id }),
    );

  return {
    async expects(uid) {
      const payload = await stored(uid);
      return payload && { signInAfter: signInAfter(payload) };
    },

    async find(uid, account) {
      const asking = await read(uid);
      return asking && describe(asking, account);
    },

    approve: (uid, account) =>
      answer(uid, account, async (asking) => {
        const { asked, params } = asking;
        if (asked.isEmpty)
          throw new OAuthError('access_denied', 'The app may not have what it asks for any more.');
        if (params.id_token_hint && decodeJwt(params.id_token_hint).sub !== account.id)
          throw new OAuthError(
            'access_denied',
            'The app expects another account than yours. Sign out, and sign in with that one.',
          );
        const role = await requireRoleFor(asked, account, {
          clientId: asking.clientId,
          apiResource,
          audit,
          action: 'consent.granted',
        });
        await consentDecisions.approve({
          ...asking,
          openIdScope: asked.openIdScope,
          resources: scopesByResource(asked),
          device: account.browser,
          authTime: account.signedInAt && Math.floor(account.signedInAt.getTime() / 1000),
          role,
        });
      }),

    deny: (uid, account) => answer(uid, account, consentDecisions.deny),
  };
}

/**
 * When the person must have signed in: after the request came, where the app asks for that, or not longer
 * ago than it says (OpenID Connect Core §3.1.2.1). A sign-in for the request itself is always fresh enough;
 * an age that goes back before 1970 is any sign-in's.
 */
function signInAfter({ params, prompt }: Stored): Date | undefined {
  const askedAt = prompt.details.asked_at;
  if (scopeTokens(params.prompt).includes('login')) return new Date(askedAt * 1000);
  if (params.max_age === undefined) return undefined;
  const oldest = Math.max(0, Date.now() / 1000 - Number(params.max_age));
  return new Date(Math.min(askedAt, oldest) * 1000);
}
