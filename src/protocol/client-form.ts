/**
 * What introspection (RFC 7662 §2.1) and revocation (RFC 7009 §2.1) share: a client authenticates and posts a form
 * with one token. `domain/tokens` decides whether the token is active.
 */
import type { Context, Middleware } from 'koa';
import type { Client } from '../domain/clients/lookup.ts';
import type { FindToken } from '../domain/tokens/find-by-value.ts';
import type { TokenState } from '../domain/tokens/token-state.ts';
import { rememberClient } from '../http/access-log.ts';
import type { ReadCertificate } from '../http/client-certificate.ts';
import { type Form, readForm } from '../http/form.ts';
import { OAuthError } from '../oauth/errors.ts';
import { parametersOf } from '../oauth/parameters.ts';
import {
  type Authenticate,
  basicChallenge,
  ClientRefusal,
  type RequestOrigin,
  readCredentials,
} from './client-authentication.ts';

/** The client that posted the form, and the token in it if the value is one of Writ's. */
export interface ClientForm {
  token: TokenState | undefined;
  client: Client;
}

/** Reads and authenticates forms of introspection and revocation. */
export interface ClientForms {
  /**
   * Reads the form of a request. If authentication fails, records the client for the access log and sets
   * `WWW-Authenticate`. `failure` is the error of the fast path (fast-path.ts), if it has already tried the request.
   */
  read(ctx: Context, failure?: { reason: unknown }): Promise<ClientForm>;
  /** Does the same for a form that is already parsed. */
  parse(form: Form, authorization: string, origin: RequestOrigin): Promise<ClientForm>;
}

/** Creates the reader of these forms. `find` looks tokens up by their value. */
export function createClientForms({
  issuer,
  authenticate,
  find,
  certificateOf,
}: {
  issuer: string;
  certificateOf: ReadCertificate;
  authenticate: Authenticate;
  /** Needs no `token_type_hint` (RFC 7662 §2.1): a token's prefix states its kind. */
  find: FindToken;
}): ClientForms {
  const parse: ClientForms['parse'] = async (form, authorization, origin) => {
    const credentials = readCredentials(authorization, form);
    const { token: value = '' } = form;
    // Both lookups start together and share the round trips to Postgres.
    const token = find(value);
    token.catch(() => {});
    const client = await authenticate(credentials, origin);
    if (!value)
      throw new OAuthError('invalid_request', 'Send the token in the parameter token.', {
        parameter: 'token',
      });
    return { client, token: await token };
  };

  return {
    parse,

    async read(ctx, failure) {
      const form = await readForm(ctx, parametersOf[ctx.path]);
      const authorization = ctx.get('authorization');
      try {
        if (failure) throw failure.reason;
        return await parse(form, authorization, {
          ip: () => ctx.ip,
          certificate: () => certificateOf(ctx.req),
        });
      } catch (error) {
        if (error instanceof ClientRefusal) rememberClient(ctx, error.clientId);
        const challenge = basicChallenge(issuer, error, authorization);
        if (challenge) ctx.set('WWW-Authenticate', challenge);
        throw error;
      }
    },
  };
}

/** Handles POST at exactly `path` with the body that `respond` returns, and forbids caching. */
export const postEndpoint =
  (path: string, respond: (ctx: Context) => Promise<object>): Middleware =>
  async (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== path) return next();
    const body = await respond(ctx);
    ctx.status = 200;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = body;
  };
