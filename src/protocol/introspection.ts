/**
 * THE THIN LAYER: introspection (RFC 7662) and revocation (RFC 7009) of every token format, straight
 * from Postgres. It reads the request, authenticates the client, and answers; what a token is worth
 * is decided in `domain/tokens`.
 */
import type { RequestListener } from 'node:http';
import type { Context, Next } from 'koa';
import type { Client, ClientLookup } from '../domain/clients/lookup.ts';
import type { ClientSecrets } from '../domain/clients/secrets.ts';
import { apiResource } from '../domain/installation/installation.ts';
import type { EphemeralStore } from '../domain/short-lived/store.ts';
import type { FindToken } from '../domain/tokens/find.ts';
import type { LastUsed } from '../domain/tokens/last-used.ts';
import type { TokenState } from '../domain/tokens/lookup.ts';
import type { EndToken } from '../domain/tokens/revocation.ts';
import { isNamedToken } from '../domain/tokens/value.ts';
import { rememberClient } from '../http/access-log.ts';
import { type Form, readForm } from '../http/form.ts';
import { tokenExpiration, tokenExpirationHeader } from '../http/token-expiration.ts';
import { OAuthError } from '../oauth/errors.ts';
import { endpoints } from '../oauth/paths.ts';
import {
  ClientRefusal,
  createAuthenticate,
  isPublicClient,
  type RemoteKeys,
  readCredentials,
} from './client-authentication.ts';
import { type Answer, createFastPath } from './fast-path.ts';
import { introspectionResponse } from './introspection-response.ts';
import { createRevoke } from './revocation.ts';

interface Dependencies {
  issuer: string;
  clients: ClientLookup;
  secrets: ClientSecrets;
  /** Keeps what was used once. */
  ephemeral: EphemeralStore;
  remoteKeys: (clientId: string) => Promise<RemoteKeys>;
  end: EndToken;
  lastUsed: LastUsed;
  /** `token_type_hint` is not needed (RFC 7662 §2.1): a value says itself what it is. */
  find: FindToken;
}

export function createIntrospection({ issuer, find, lastUsed, ...dependencies }: Dependencies) {
  const installation = { issuer, apiResource: apiResource(issuer) };
  const authenticate = createAuthenticate({ ...dependencies, issuer });
  const revoke = createRevoke(dependencies);

  /**
   * The token that a request is about, and who asks. Both look-ups set off together, so that they
   * share the trips to Postgres.
   */
  const read = async (
    { token: value = '' }: Form,
    authenticated: Promise<Client>,
  ): Promise<{ token: TokenState | undefined; client: Client }> => {
    const token = find(value);
    token.catch(() => {});
    const client = await authenticated;
    if (!value) throw new OAuthError('invalid_request', 'The parameter token is missing.');
    return { client, token: await token };
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

  const fastPath = createFastPath(endpoints.introspection, async (form, authorization) => {
    const credentials = readCredentials(authorization, form);
    const authenticated = authenticate(credentials, endpoints.introspection);
    const { token, client } = await read(form, authenticated);
    return answer(token, client);
  });

  return {
    /** What a token is worth to the client that it was issued to; inactive for a value that is none. */
    async describe(value: string): Promise<Record<string, unknown>> {
      const token = await find(value);
      const client = token && (await dependencies.clients(token.clientId));
      return client ? introspectionResponse(installation, token, client) : { active: false };
    },

    /** For what is asked most often; all else, and every refusal, is for the other one. */
    direct: (otherwise: RequestListener): RequestListener => fastPath.before(otherwise),

    async middleware(ctx: Context, next: Next): Promise<void> {
      const { path } = ctx;
      if (ctx.method !== 'POST') return next();
      if (path !== endpoints.introspection && path !== endpoints.revocation) return next();
      const form = await readForm(ctx);
      // The short way has asked already; what is left to do is to refuse.
      if (fastPath.failureOf(ctx.req)) await authenticateOrChallenge(ctx, form);
      const { token, client } = await read(form, authenticateOrChallenge(ctx, form));
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

  /** A client that tried the Authorization header learns its scheme from the refusal (RFC 6749 §5.2). */
  async function authenticateOrChallenge(ctx: Context, form: Form): Promise<Client> {
    const authorization = ctx.get('authorization');
    try {
      const failure = fastPath.failureOf(ctx.req);
      if (failure) throw failure.reason;
      return await authenticate(readCredentials(authorization, form), ctx.path);
    } catch (error) {
      if (error instanceof ClientRefusal) rememberClient(ctx, error.clientId);
      if (authorization && error instanceof OAuthError && error.code === 'invalid_client')
        ctx.set(
          'WWW-Authenticate',
          `Basic realm="${issuer}", error="invalid_client", error_description="${error.message}"`,
        );
      throw error;
    }
  }
}
