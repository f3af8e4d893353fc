import { lifetimes } from '../../../../config/lifetimes.ts';
import type { Database } from '../../../../db/database.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { actingAs } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/events.ts';
import type { Client, ClientLookup } from '../../clients/lookup.ts';
import { offlineAccess } from '../../clients/third-party-app-sql.ts';
import { orUnavailable } from '../../database/retry.ts';
import type { RequestLimitCounter } from '../../limits/request-limits.ts';
import { recordMail } from '../../mail/outbox.ts';
import type { Resources } from '../../resources/resources.ts';
import type { AuthorizationDetail } from '../../tokens/named/types.ts';
import type { Principal } from '../../tokens/principal.ts';
import { insertGrant } from '../approved-access.ts';
import type { Grants } from '../grants.ts';
import { resolveRequestedAccess, scopesByResource } from '../requested-access.ts';
import type { DeviceInfo } from '../types.ts';
import { consentGranted } from './decisions.ts';

/** An authorization code that is not asked for on a page. */
export interface NewCode {
  clientId: string;
  accountId: string;
  grantId: string;
  redirectUri: string;
  scope: string;
  resource: string;
  /** RFC 7636 §4.2, of the method `S256`. */
  codeChallenge: string;
  /** Seconds. */
  lifetime: number;
}

/** Stores a code, which is redeemed at the token endpoint as every other. The protocol provides it. */
export type IssueCode = (code: NewCode) => Promise<string>;

/** What a client asks the bearer of a token for. */
export interface CodeRequest
  extends Pick<NewCode, 'redirectUri' | 'scope' | 'resource' | 'codeChallenge' | 'lifetime'> {
  client: Client;
}

/**
 * LETTING A CLIENT IN BY A TOKEN, where a person's own program asks in place of a page. The token is one of a login of
 * that person, for the resource that the client asks for: a personal access token lets no app in, nor does a login at a
 * client that a person registered or that is an app's. The client gets no scope that the login does not have, and is
 * limited to the single things that the token is limited to. Its grant ends when the person chose that the login ends,
 * and with the token where the login has no refresh tokens. The person gets a mail.
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
  /** The login of the token: its OpenID scopes, and when it ends. Throws `access_denied` where it cannot let others in. */
  const readLogin = async ({
    kind,
    accountId,
    grantId,
    clientId,
    expiresAt,
  }: Principal['token']): Promise<{
    accountId: string;
    openIdScope: string[];
    endsAt?: number;
  }> => {
    if (kind !== 'access_token' || accountId === null || grantId === null)
      throw new OAuthError('access_denied', 'Only a token of your own login lets an app in.');
    const [program, grant] = await Promise.all([clients(clientId), grants.find(grantId)]);
    if (!program || !grant) throw new OAuthError('invalid_token', 'The token has ended.');
    if (program.authorId !== null || program.app !== null)
      throw new OAuthError(
        'access_denied',
        'An app that a person registered lets no other app in.',
      );
    const { openid, ends_at } = grant.payload as { openid?: { scope?: string }; ends_at?: number };
    const openIdScope = scopeTokens(openid?.scope);
    // A token never outlives `ends_at`.
    const endsAt = openIdScope.includes(offlineAccess) ? ends_at : (expiresAt ?? ends_at);
    return { accountId, openIdScope, ...(endsAt !== undefined && { endsAt: Math.floor(endsAt) }) };
  };

  /**
   * Gives the code. Throws `access_denied`, `invalid_token` where the token has ended meanwhile, and LimitReached where
   * the person lets in too many.
   */
  return async (
    { token, actor, scopes }: Principal,
    { client, ...request }: CodeRequest,
    device: DeviceInfo,
  ): Promise<string> => {
    const { audience, payload } = token;
    const { resource, lifetime } = request;
    const { accountId, openIdScope, endsAt } = await readLogin(token);
    if (!audience?.includes(resource))
      throw new OAuthError('access_denied', 'The token is for another API.');
    const requested = await resolveRequestedAccess(client, request, { resources, apiResource });
    if (requested.isEmpty)
      throw new OAuthError('access_denied', 'The app is not allowed to ask for this.');
    const beyond = requested.resources.flatMap(({ names }) =>
      names.filter((name) => !scopes.has(name)),
    );
    if (beyond.length > 0)
      throw new OAuthError(
        'access_denied',
        `You cannot let an app have what your token does not: ${beyond.join(' ')}`,
      );
    await requestLimits.count('authorization.account', {
      account: accountId,
      ip: device.ip ?? undefined,
    });
    const approval = {
      accountId,
      clientId: client.clientId,
      openIdScope: requested.openIdScope.filter((name) => openIdScope.includes(name)),
      endsAt,
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
