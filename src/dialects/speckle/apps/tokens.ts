/** `POST /auth/token`: an app redeems an access code, or a refresh token, with its secret. */
import type { Context } from 'koa';
import type { ClientLookup } from '../../../domain/clients/lookup.ts';
import { formType, rememberBody } from '../../../http/form.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { grantTypes } from '../../../oauth/grant-types.ts';
import { endpoints } from '../../../oauth/paths.ts';
import { readObject } from '../../framework/body.ts';
import type { Handler } from '../../framework/dialect.ts';
import { forward } from '../../framework/forward.ts';
import { codeVerifier } from './challenge.ts';
import { requestOf } from './request.ts';

/** A response of the token endpoint (RFC 6749 §5.1, §5.2). */
interface TokenResponse {
  access_token?: string;
  refresh_token?: string;
  error?: string;
  error_description?: string;
}

/**
 * Forwards the request to the token endpoint, which verifies the secret first, redeems a code once, and revokes its grant
 * if the code is used again. An app that repeats a request within seconds gets the same response.
 */
export const createAppTokens =
  ({ clients }: { clients: ClientLookup }): Handler =>
  async (ctx, _parameters, next) => {
    const body = await readObject(ctx);
    const appId = required(body, 'appId', 'App Id is required.');
    const appSecret = required(body, 'appSecret', 'App Secret is required.');
    const refreshes = 'refreshToken' in body;
    const grant: Record<string, string> = refreshes
      ? {
          grant_type: grantTypes.refreshToken,
          refresh_token: required(body, 'refreshToken', 'A valid refresh token is required.'),
        }
      : {
          grant_type: grantTypes.authorizationCode,
          code: required(body, 'accessCode', 'Access Code is required.'),
          code_verifier: codeVerifier(required(body, 'challenge', 'Challenge is required.')),
        };
    const client = await clients(appId);
    const request = client && requestOf(client);
    // It has no secret: the token endpoint would accept its id without one.
    if (client && !request) throw refusalOf('invalid_client', refreshes);
    const form = {
      ...grant,
      client_id: appId,
      client_secret: appSecret,
      ...(!refreshes && { redirect_uri: request?.redirectUri ?? '' }),
    };
    // Only the secret in the body counts, even if a program sends an Authorization header with every request.
    delete ctx.req.headers.authorization;
    ctx.req.headers['content-type'] = formType;
    rememberBody(ctx.req, Buffer.from(new URLSearchParams(form).toString()));
    await forward(ctx, endpoints.token, next);
    const { access_token: token, refresh_token: refreshToken, error, ...rest } = bodyOf(ctx);
    if (error !== undefined) {
      if (ctx.status < 429) throw refusalOf(error, refreshes);
      // A limit, or an error of the server: the status stays.
      ctx.body = { err: rest.error_description ?? error };
      return;
    }
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { token, ...(refreshToken !== undefined && { refreshToken }) };
  };

/** The engine responds with an object; the response to a repeated request is the stored text. */
const bodyOf = ({ body }: Context): TokenResponse =>
  (typeof body === 'string' ? JSON.parse(body) : (body ?? {})) as TokenResponse;

const refusals: Readonly<Record<string, string>> = {
  invalid_client: 'Invalid app secret. Ensure the app secret is correct.',
  code: 'Access code not found: it was used, has expired, is of another app, or the challenge is another.',
  refresh: 'Invalid refresh token: it was used, has expired, was revoked, or is of another app.',
};

const refusalOf = (error: string, refreshes: boolean): OAuthError => {
  const found = refusals[error] ?? refusals[refreshes ? 'refresh' : 'code'] ?? '';
  return new OAuthError('invalid_client', found, { reason: error });
};

/** A required string. */
function required(body: Record<string, unknown>, field: string, sentence: string): string {
  const value = body[field];
  if (typeof value !== 'string' || value === '')
    throw new OAuthError(
      'invalid_request',
      `Invalid request, insufficient information provided. ${sentence}`,
    );
  return value;
}
