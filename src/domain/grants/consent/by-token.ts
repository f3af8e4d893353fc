import { lifetimes } from '../../../../config/lifetimes.ts';
import type { Database } from '../../../../db/database.ts';
import { acr } from '../../../oauth/authentication-context.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { actingAs } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/events.ts';
import { needsFactor } from '../../clients/client-types.ts';
import type { Client, ClientLookup } from '../../clients/lookup.ts';
import { offlineAccess } from '../../clients/third-party-app-sql.ts';
import { orUnavailable } from '../../database/retry.ts';
import { countLogin, type RequestLimitCounter } from '../../limits/request-limits.ts';
import { recordMail } from '../../mail/outbox.ts';
import type { Resources } from '../../resources/resources.ts';
import { actingTokenInactive } from '../../tokens/acting-token.ts';
import type { AuthorizationDetail } from '../../tokens/named/types.ts';
import type { Principal } from '../../tokens/principal.ts';
import { insertGrant } from '../approved-access.ts';
import type { Grants } from '../grants.ts';
import { resolveRequestedAccess, scopesByResource } from '../requested-access.ts';
import type { DeviceInfo } from '../types.ts';
import { consentGranted } from './decisions.ts';

/** An authorization code that is issued without a consent page. */
export interface NewCode {
  clientId: string;
  accountId: string;
  grantId: string;
  redirectUri: string;
  scope: string;
  resource: string;
  /** The `code_challenge` of the method `S256` (RFC 7636 §4.2). */
  codeChallenge: string;
  /** Seconds. */
  lifetime: number;
}

/**
 * Stores a code, which is redeemed at the token endpoint like any other, and returns it. Implemented by the protocol.
 */
export type IssueCode = (code: NewCode) => Promise<string>;

/** The authorization request of a client that a token approves. */
export interface CodeRequest
  extends Pick<NewCode, 'redirectUri' | 'scope' | 'resource' | 'codeChallenge' | 'lifetime'> {
  client: Client;
}

/**
 * Approves a client with an access token instead of the consent page, for products whose own front end shows the
 * consent page.
 *
 * The token must come from a login of the person and be for the requested resource. Personal access tokens cannot
 * approve clients, nor can logins at clients that a person registered or that belong to an app. The client gets at most
 * the scopes and authorization details of the token. Its grant expires with the login or, if the login has no refresh
 * token, with the access token. The person gets an email.
 */
export function createApproveByToken({
  database,
  clients,
  grants,
  resources,
  apiResource,
  requestLimits,
  issueCode,
}: {
  database: Database;
  clients: ClientLookup;
  grants: Pick<Grants, 'find'>;
  resources: Resources;
  apiResource: string;
  requestLimits: Pick<RequestLimitCounter, 'count'>;
  issueCode: IssueCode;
}) {
  /** The login of the token: its OpenID scopes and its expiry. Throws `access_denied` if it cannot approve clients. */
  const readLogin = async ({
    kind,
    accountId,
    grantId,
    clientId,
    expiresAt,
  }: Principal['token']): Promise<{
    accountId: string;
    openIdScope: string[];
    grantExpiresAt?: number;
  }> => {
    if (kind !== 'access_token' || accountId === null || grantId === null)
      throw new OAuthError(
        'access_denied',
        'Only an access token of your own login can approve an app.',
      );
    const [program, grant] = await Promise.all([clients(clientId), grants.find(grantId)]);
    if (!program || !grant) throw actingTokenInactive();
    if (program.authorId !== null || program.app !== null)
      throw new OAuthError(
        'access_denied',
        'An app that a person registered cannot approve other apps.',
      );
    const { openid, ends_at } = grant.payload as { openid?: { scope?: string }; ends_at?: number };
    const openIdScope = scopeTokens(openid?.scope);
    // An access token never outlives `ends_at`.
    const grantExpiresAt = openIdScope.includes(offlineAccess) ? ends_at : (expiresAt ?? ends_at);
    return {
      accountId,
      openIdScope,
      ...(grantExpiresAt !== undefined && { grantExpiresAt: Math.floor(grantExpiresAt) }),
    };
  };

  /**
   * Approves the request and returns the code. Throws `access_denied`, `invalid_token` if the token is no longer
   * active, and LimitReached after too many approvals.
   */
  return async (
    { token, actor, scopes }: Principal,
    { client, ...request }: CodeRequest,
    device: DeviceInfo,
  ): Promise<string> => {
    const { audience, payload } = token;
    const { resource, lifetime } = request;
    const { accountId, openIdScope, grantExpiresAt } = await readLogin(token);
    if (!audience?.includes(resource))
      throw new OAuthError('access_denied', `The token is not for ${resource}.`);
    if (needsFactor(client) && payload?.['acr'] !== acr.twoFactors)
      throw new OAuthError(
        'access_denied',
        'The app requires a second factor, which the login of your token did not prove.',
      );
    const requested = await resolveRequestedAccess(client, request, { resources, apiResource });
    if (requested.isEmpty)
      throw new OAuthError('access_denied', 'The app is not allowed to request this access.');
    const beyond = requested.resources.flatMap(({ names }) =>
      names.filter((name) => !scopes.has(name)),
    );
    if (beyond.length > 0)
      throw new OAuthError(
        'access_denied',
        `Your token cannot grant scopes that it does not have: ${beyond.join(' ')}`,
      );
    await countLogin(requestLimits, {
      account: accountId,
      client: client.clientId,
      ip: device.ip ?? undefined,
    });
    const approval = {
      accountId,
      clientId: client.clientId,
      openIdScope: requested.openIdScope.filter((name) => openIdScope.includes(name)),
      grantExpiresAt,
      resources: scopesByResource(requested),
      authorizationDetails: payload?.['rar'] as AuthorizationDetail[] | undefined,
      device,
    };
    const grant = await actingAs(actor, () =>
      orUnavailable(() =>
        database.kysely.transaction().execute(async (transaction) => {
          const inserted = await insertGrant(
            transaction,
            approval,
            Date.now() / 1000 + lifetimes.redemptionWindow + lifetime,
          );
          await recordEvent(transaction, consentGranted(approval, inserted));
          await recordMail(transaction, {
            kind: 'app_let_in',
            accountId,
            details: { grant_id: inserted.grantId },
          });
          return inserted;
        }),
      ),
    );
    return issueCode({ ...request, ...grant, clientId: client.clientId, accountId });
  };
}

export type ApproveByToken = ReturnType<typeof createApproveByToken>;
