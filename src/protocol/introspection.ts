/**
 * THE THIN LAYER: introspection (RFC 7662) and revocation (RFC 7009) of every token format, straight
 * from Postgres. It reads the request, authenticates the client, and answers; what a token is worth
 * is decided in `domain/tokens`. It does not verify client assertions: it hands those requests to the
 * engine, which does, and answers for the client that comes back.
 */
import type { RequestListener } from 'node:http';
import type { Context, Middleware } from 'koa';
import type { Client, ClientLookup } from '../domain/clients/lookup.ts';
import type { ClientSecrets } from '../domain/clients/secrets.ts';
import { apiResource } from '../domain/installation/installation.ts';
import type { FindToken } from '../domain/tokens/find.ts';
import type { LastUsed } from '../domain/tokens/last-used.ts';
import type { TokenState } from '../domain/tokens/lookup.ts';
import type { EndToken } from '../domain/tokens/revocation.ts';
import { isNamedToken } from '../domain/tokens/value.ts';
import { type Form, readForm } from '../http/form.ts';
import { tokenExpiration, tokenExpirationHeader } from '../http/token-expiration.ts';
import { OAuthError } from '../oauth/errors.ts';
import { endpoints } from '../oauth/paths.ts';
import { createAuthenticate, isPublicClient, readCredentials } from './client-authentication.ts';
import { type Answer, failureOf, fastPath } from './fast-path.ts';
import { introspectionResponse } from './introspection-response.ts';
import { createRevoke } from './revocation.ts';

interface Dependencies {
  issuer: string;
  clients: ClientLookup;
  secrets: ClientSecrets;
  end: EndToken;
  lastUsed: LastUsed;
  /** `token_type_hint` is not needed (RFC 7662 §2.1): a value says itself what it is. */
  find: FindToken;
}

/** Lets the engine authenticate the client of a request whose form was read already. */
export type AuthenticateByAssertion = (ctx: Context, form: Form) => Promise<Client | undefined>;

export function createIntrospection({ issuer, find, lastUsed, ...dependencies }: Dependencies) {
  const installation = { issuer, apiResource: apiResource(issuer) };
  const authenticate = createAuthenticate(dependencies);
  const revoke = createRevoke(dependencies);

  /**
   * The token that a request is about, and who asks. Both look-ups set off together, so that they
   * share the trips to Postgres. Nothing where the client was refused and has its answer.
   */
  const read = async <Asker extends Client | undefined>(
    { token: value = '' }: Form,
    authenticated: Promise<Asker>,
  ): Promise<{ token: TokenState | undefined; client: Asker }> => {
    const token = find(value);
    token.catch(() => {});
    const client = await authenticated;
    if (client && !value)
      throw new OAuthError('invalid_request', 'The parameter token is missing.');
    return { client, token: client && (await token) };
  };

  const answer = (token: TokenState | undefined, client: Client): Answer => {
    if (isPublicClient(client))
      throw new OAuthError('invalid_client', 'A public client cannot introspect tokens.');
    const response = introspectionResponse(installation, token, client);
    if (!token || !response.active) return { response, expiration: undefined };
    if (token.grantId) lastUsed.touchGrant(token.grantId);
    if (!isNamedToken(token.kind)) return { response, expiration: undefined };
    lastUsed.touchToken(token.id);
    return { response, expiration: tokenExpiration(token.expiresAt) };
  };

  return {
    /** What a token is worth to the client that it was issued to; inactive for a value that is none. */
    async describe(value: string): Promise<Record<string, unknown>> {
      const token = await find(value);
      const client = token && (await dependencies.clients(token.clientId));
      return client ? introspectionResponse(installation, token, client) : { active: false };
    },

    /** For what a client asks that authenticates by a secret; all else, and every refusal, is for the other one. */
    direct: (otherwise: RequestListener): RequestListener =>
      fastPath(
        endpoints.introspection,
        async (form, authorization) => {
          const authenticated = authenticate(readCredentials(authorization, form));
          const { token, client } = await read(form, authenticated);
          return answer(token, client);
        },
        otherwise,
      ),

    middleware:
      (byAssertion: AuthenticateByAssertion): Middleware =>
      async (ctx, next) => {
        const { path } = ctx;
        if (ctx.method !== 'POST') return next();
        if (path !== endpoints.introspection && path !== endpoints.revocation) return next();
        const form = await readForm(ctx);
        // The short way has asked already; what is left to do is to refuse.
        if (failureOf(ctx.req)) await bySecret(ctx, form);
        const { token, client } = await read(
          form,
          form['client_assertion'] ? byAssertion(ctx, form) : bySecret(ctx, form),
        );
        if (!client) return;
        ctx.status = 200;
        ctx.set('Cache-Control', 'no-store');
        if (path === endpoints.introspection) {
          const { response, expiration } = answer(token, client);
          if (expiration) ctx.set(tokenExpirationHeader, expiration);
          ctx.body = response;
        } else {
          await revoke(token, client, ctx.ip);
          ctx.body = '';
        }
      },
  };

  async function bySecret(ctx: Context, form: Form): Promise<Client> {
    const credentials = readCredentials(ctx.get('authorization'), form);
    try {
      const failure = failureOf(ctx.req);
      if (failure) throw failure.reason;
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
