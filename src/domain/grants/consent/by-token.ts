import { lifetimes } from '../../../../config/lifetimes.ts';
import type { Database } from '../../../../db/database.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { actingAs } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/events.ts';
import type { Client } from '../../clients/lookup.ts';
import { orUnavailable } from '../../database/retry.ts';
import type { RequestLimitCounter } from '../../limits/request-limits.ts';
import type { Resources } from '../../resources/resources.ts';
import type { AuthorizationDetail } from '../../tokens/named/types.ts';
import type { Principal } from '../../tokens/principal.ts';
import { insertGrant } from '../approved-access.ts';
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
 * that person, for the resource that the client asks for: a personal access token lets nobody in. The client gets no
 * scope that the token does not have, and is limited to the single things that the token is limited to.
 */
export function createApproveByToken({
  database,
  resources,
  apiResource,
  requestLimits,
  issueCode,
}: {
  database: Database;
  resources: Resources;
  apiResource: string;
  requestLimits: Pick<RequestLimitCounter, 'count'>;
  issueCode: IssueCode;
}) {
  /** Gives the code. Throws `access_denied`, and LimitReached where the person lets in too many. */
  return async (
    { token, actor, scopes }: Principal,
    { client, ...request }: CodeRequest,
    device: DeviceInfo,
  ): Promise<string> => {
    const { kind, accountId, grantId, audience, payload } = token;
    const { resource, lifetime } = request;
    if (kind !== 'access_token' || accountId === null || grantId === null)
      throw new OAuthError('access_denied', 'Only a token of your own login lets an app in.');
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
      openIdScope: requested.openIdScope,
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
          return inserted;
        }),
      ),
    );
    return issueCode({ ...request, ...grant, clientId: client.clientId, accountId });
  };
}

export type ApproveByToken = ReturnType<typeof createApproveByToken>;
