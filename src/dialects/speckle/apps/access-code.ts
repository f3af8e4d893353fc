/**
 * `GET /auth/accesscode`: a person's own program approves an app with its access token. Only this route accepts a token in
 * the query; logs contain paths without queries.
 */
import type { Context } from 'koa';
import { lifetimes } from '../../../../config/lifetimes.ts';
import type { ClientLookup } from '../../../domain/clients/lookup.ts';
import type { ApproveByToken } from '../../../domain/grants/consent/by-token.ts';
import { plainAddress } from '../../../domain/limits/ip-address.ts';
import { LimitReached } from '../../../domain/limits/rate-limits.ts';
import type { FindPrincipal } from '../../../domain/tokens/principal.ts';
import { rememberAccount, rememberClient } from '../../../http/access-log.ts';
import { queryValue } from '../../../http/form.ts';
import { tooManyRequests } from '../../../http/rate-limit-fields.ts';
import { userAgentOf } from '../../../http/text.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { accessCodeRedirect } from '../../../oauth/response-modes.ts';
import type { Handler } from '../../framework/dialect.ts';
import { codeChallenge } from './challenge.ts';
import { WrongToken } from './errors.ts';
import { requestOf } from './request.ts';

export interface AccessCodeDependencies {
  clients: ClientLookup;
  findPrincipal: FindPrincipal;
  approveByToken: ApproveByToken;
}

/** The scope that a token needs to approve an app; personal access tokens cannot have it. */
const approvingScope = 'tokens:write';

const refused = (sentence: string): OAuthError => new OAuthError('invalid_request', sentence);

export function createAccessCode({
  clients,
  findPrincipal,
  approveByToken,
}: AccessCodeDependencies): Handler {
  const findApp = async (ctx: Context) => {
    const client = await clients(required(ctx, 'appId', 'appId missing from querystring.'));
    const request = client && requestOf(client);
    if (!client || request?.scope === undefined) throw refused('App does not exist.');
    rememberClient(ctx, client.clientId);
    return { client, request: { ...request, scope: request.scope } };
  };

  return async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Referrer-Policy', 'no-referrer');
    const { client, request } = await findApp(ctx);
    const challenge = required(ctx, 'challenge', 'Missing challenge');
    const principal = await findPrincipal(required(ctx, 'token', 'Missing token'), 'self');
    if (!principal) throw new WrongToken('Invalid token');
    rememberAccount(ctx, principal.token.accountId ?? undefined);
    if (!principal.scopes.has(approvingScope))
      throw refused(`Your auth token does not have the required scope: ${approvingScope}.`);
    const code = await approveByToken(
      principal,
      {
        client,
        ...request,
        codeChallenge: codeChallenge(challenge),
        lifetime: lifetimes.accessCode,
      },
      { userAgent: userAgentOf(ctx), ip: plainAddress(ctx.ip) || null },
    ).catch((error: unknown) => {
      throw error instanceof LimitReached ? tooManyRequests(ctx, error) : error;
    });
    const redirectUrl = accessCodeRedirect(request.redirectUri, code);
    if (queryValue(ctx, 'preventRedirect')) ctx.body = { redirectUrl };
    else {
      ctx.status = 302;
      ctx.set('Location', redirectUrl);
      ctx.body = '';
    }
  };
}

function required(ctx: Context, name: string, sentence: string): string {
  const value = queryValue(ctx, name);
  if (!value) throw refused(sentence);
  return value;
}
