/**
 * THE THIN LAYER: introspection (RFC 7662) and revocation (RFC 7009) of every token format, straight
 * from Postgres. It reads the request, authenticates the client, and answers; what a token is worth
 * is decided in `domain/tokens`. It does not verify client assertions: it hands those requests to the
 * engine, which does, and answers for the client that comes back.
 */
import type { Context, Middleware } from 'koa';
import type { Client, ClientLookup } from '../domain/clients/lookup.ts';
import type { ClientSecrets } from '../domain/clients/secrets.ts';
import type { JwtVerifier } from '../domain/tokens/jwt.ts';
import type { TokenLookup, TokenState } from '../domain/tokens/lookup.ts';
import type { EndToken } from '../domain/tokens/revocation.ts';
import { parseToken, type TokenId } from '../domain/tokens/value.ts';
import { readForm } from '../http/form.ts';
import { endpoints } from '../oauth/endpoints.ts';
import { OAuthError } from '../oauth/errors.ts';
import { createAuthenticate, isPublic, readCredentials } from './client-credentials.ts';
import { introspectionResponse } from './introspect.ts';
import { createRevoke } from './revoke.ts';

interface Dependencies {
  issuer: string;
  clients: ClientLookup;
  secrets: ClientSecrets;
  lookup: TokenLookup;
  end: EndToken;
  verifyJwt: JwtVerifier;
}

/** Lets the engine authenticate the client of a request whose form was read already. */
export type AuthenticateByAssertion = (
  ctx: Context,
  form: Record<string, string>,
) => Promise<Client | undefined>;

export function createIntrospection({ issuer, verifyJwt, lookup, ...dependencies }: Dependencies) {
  const authenticate = createAuthenticate(dependencies);
  const revoke = createRevoke(dependencies);

  const placeOf = async (value: string): Promise<TokenId | undefined> =>
    value.includes('.') ? verifyJwt(value) : parseToken(value)?.id;

  /** `token_type_hint` is not needed (RFC 7662 §2.1): a value says itself what it is. */
  const find = async (value: string): Promise<TokenState | undefined> => {
    const place = await placeOf(value);
    return place ? lookup(place) : undefined;
  };

  const handlers: Record<
    string,
    (ctx: Context, token: Promise<TokenState | undefined>, client: Client) => Promise<void>
  > = {
    async [endpoints.introspection](ctx, token, client) {
      if (isPublic(client))
        throw new OAuthError('invalid_client', 'A public client cannot introspect tokens.');
      ctx.body = introspectionResponse(issuer, await token, client);
    },
    async [endpoints.revocation](ctx, token, client) {
      await revoke(await token, client);
      ctx.body = '';
    },
  };

  return (byAssertion: AuthenticateByAssertion): Middleware =>
    async (ctx, next) => {
      const handle = ctx.method === 'POST' ? handlers[ctx.path] : undefined;
      if (!handle) return next();
      const form = await readForm(ctx);
      // Both look-ups set off together, so that they share the trips to Postgres.
      const token = find(form['token'] ?? '');
      token.catch(() => {});
      const client = form['client_assertion']
        ? await byAssertion(ctx, form)
        : await authenticateBySecret(ctx, form);
      if (!client) return;
      if (!form['token'])
        throw new OAuthError('invalid_request', 'The parameter token is missing.');
      ctx.status = 200;
      ctx.set('Cache-Control', 'no-store');
      await handle(ctx, token, client);
    };

  async function authenticateBySecret(ctx: Context, form: Record<string, string>): Promise<Client> {
    const credentials = readCredentials(ctx, form);
    try {
      return await authenticate(credentials);
    } catch (error) {
      if (credentials.basic && error instanceof OAuthError && error.code === 'invalid_client')
        ctx.set(
          'WWW-Authenticate',
          `Basic realm="${issuer}", error="invalid_client", error_description="${error.message}"`,
        );
      throw error;
    }
  }
}
