/**
 * What introspection (RFC 7662 §2.1) and revocation (RFC 7009 §2.1) have in common: a client authenticates and
 * posts a form about one token. What the token is worth is decided in `domain/tokens`.
 */
import type { Context, Middleware } from 'koa';
import type { Client } from '../domain/clients/lookup.ts';
import type { FindToken } from '../domain/tokens/find-by-value.ts';
import type { TokenState } from '../domain/tokens/token-state.ts';
import { rememberClient } from '../http/access-log.ts';
import { type Form, readForm } from '../http/form.ts';
import { OAuthError } from '../oauth/errors.ts';
import { parametersOf } from '../oauth/parameters.ts';
import {
  type Authenticate,
  basicChallenge,
  ClientRefusal,
  readCredentials,
} from './client-authentication.ts';

/** The token that a form is about, where there is one, and the client that posted the form. */
export interface ClientForm {
  token: TokenState | undefined;
  client: Client;
}

export interface ClientForms {
  /**
   * Reads the form of a request. A refusal names the client in the log and, where it has to, the scheme; so does
   * the `failure` of a request that was tried already (fast-path.ts).
   */
  read(ctx: Context, failure?: { reason: unknown }): Promise<ClientForm>;
  /**
   * As `read`, of a body that was read already. `ip` says where the request came from.
   */
  parse(form: Form, authorization: string, ip: () => string | undefined): Promise<ClientForm>;
}

export function createClientForms({
  issuer,
  authenticate,
  find,
}: {
  issuer: string;
  authenticate: Authenticate;
  /** `token_type_hint` is not needed (RFC 7662 §2.1): a value states its kind. */
  find: FindToken;
}): ClientForms {
  const parse: ClientForms['parse'] = async (form, authorization, ip) => {
    const credentials = readCredentials(authorization, form);
    const { token: value = '' } = form;
    // Both look-ups start together, so that they share the round trips to Postgres.
    const token = find(value);
    token.catch(() => {});
    const client = await authenticate(credentials, ip);
    if (!value)
      throw new OAuthError('invalid_request', 'The parameter token is missing.', {
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
        return await parse(form, authorization, () => ctx.ip);
      } catch (error) {
        if (error instanceof ClientRefusal) rememberClient(ctx, error.clientId);
        const challenge = basicChallenge(issuer, error, authorization);
        if (challenge) ctx.set('WWW-Authenticate', challenge);
        throw error;
      }
    },
  };
}

/** Answers POST at exactly `path` with what `respond` returns; the answer is not cached. */
export const postEndpoint =
  (path: string, respond: (ctx: Context) => Promise<object | string>): Middleware =>
  async (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== path) return next();
    const body = await respond(ctx);
    ctx.status = 200;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = body;
  };
