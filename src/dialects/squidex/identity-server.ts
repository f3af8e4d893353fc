/** `/identity-server`: Writ's own protocol endpoints, at the addresses and in the words of the original. */

import type { Context } from 'koa';
import { parsePairs, readText, rememberBody, requireFormBody } from '../../http/form.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { type Parameters, parametersOf } from '../../oauth/parameters.ts';
import { endpoints } from '../../oauth/paths.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { Handler } from '../framework/dialect.ts';
import { forward } from '../framework/forward.ts';
import { missing, noSecret, OpenIddictError, openIddictAnswer } from './openiddict.ts';
import { squidexResource, squidexScope } from './resource.ts';

/** Where the original has them. */
export const identityServer = {
  authorization: '/identity-server/connect/authorize',
  token: '/identity-server/connect/token',
  introspection: '/identity-server/connect/introspect',
  userinfo: '/identity-server/connect/userinfo',
  logout: '/identity-server/connect/logout',
  jwks: '/identity-server/.well-known/jwks',
} as const;

/** Scopes of the original that say what a token tells: Writ tells the roles and permissions of every token. */
const tellingScopes = ['permissions', 'roles'];

export function createIdentityServer({ issuer }: { issuer: string }) {
  /** Hands a request on, and puts an error that the engine answers into the words of OpenIddict. */
  const to =
    (path: string, prepare?: (ctx: Context) => Promise<void>): Handler =>
    async (ctx, _parameters, next) => {
      await prepare?.(ctx);
      await forward(ctx, path, next);
      const { error, error_description: description } = (ctx.body ?? {}) as Record<string, string>;
      if (ctx.status < 400 || error === undefined) return;
      const answer = openIddictAnswer(
        { status: ctx.status, error, description: description ?? '' },
        issuer,
      );
      ctx.body = answer.body;
      ctx.status = answer.status;
      ctx.set(answer.headers ?? {});
    };

  return {
    token: to(endpoints.token, async (ctx) => {
      requireFormBody(ctx);
      const pairs = await readPairs(ctx, endpoints.token);
      requireTokenRequest(ctx, new Map(pairs));
      replaceBody(ctx, withResource(pairs));
    }),

    authorization: to(endpoints.authorization, async (ctx) => {
      if (ctx.method === 'POST')
        replaceBody(ctx, withResource(await readPairs(ctx, endpoints.authorization)));
      else
        ctx.querystring = encode(
          withResource(parsePairs(ctx.querystring, parametersOf[endpoints.authorization])),
        );
    }),

    introspection: to(endpoints.introspection),
    userinfo: to(endpoints.userinfo),
    jwks: to(endpoints.jwks),

    discovery: (async (ctx, _parameters, next) => {
      await forward(ctx, '/.well-known/openid-configuration', next);
      if (ctx.status === 200) ctx.body = asDiscovered(issuer, ctx.body as Record<string, unknown>);
    }) satisfies Handler,

    /** A page of another origin cannot sign a person out: they do it themselves, on their own page. */
    logout: ((ctx) => {
      ctx.status = 303;
      ctx.redirect('/account');
    }) satisfies Handler,
  };
}

type Pairs = [string, string][];

const readPairs = async (ctx: Context, path: string): Promise<Pairs> =>
  parsePairs(await readText(ctx), parametersOf[path] as Parameters);

const encode = (pairs: Pairs): string => new URLSearchParams(pairs).toString();

const replaceBody = (ctx: Context, pairs: Pairs): void =>
  rememberBody(ctx.req, Buffer.from(encode(pairs)));

/** What OpenIddict asks for before it looks for a client. */
function requireTokenRequest(ctx: Context, form: ReadonlyMap<string, string>): void {
  if (!form.get('grant_type')) throw new OpenIddictError(missing('grant_type'));
  if (form.get('grant_type') !== grantTypes.clientCredentials) return;
  if (ctx.get('authorization') || form.get('client_assertion')) return;
  if (!form.get('client_id')) throw new OpenIddictError(missing('client_id'));
  if (!form.get('client_secret')) throw new OpenIddictError(noSecret);
}

/**
 * Names the resource of the dialect where the request names none. Clients of the original ask by a scope, which
 * belongs to no other resource; a client that acts for itself and names no scope means this one.
 */
function withResource(pairs: Pairs): Pairs {
  const form = new Map(pairs);
  const isForItself = form.get('grant_type') === grantTypes.clientCredentials;
  const asked = scopeTokens(form.get('scope'));
  const scope = isForItself && asked.length === 0 ? [squidexScope] : asked.filter(isNeeded);
  const others = pairs.filter(([name]) => name !== 'scope');
  return [
    ...others,
    ...(scope.length > 0 ? [['scope', scope.join(' ')] as [string, string]] : []),
    ...(scope.includes(squidexScope) && !form.get('resource')
      ? [['resource', squidexResource] as [string, string]]
      : []),
  ];
}

const isNeeded = (scope: string): boolean => !tellingScopes.includes(scope);

/** Writ's metadata (OpenID Connect Discovery §3) with the addresses of the original; the issuer is the same. */
const asDiscovered = (issuer: string, metadata: Record<string, unknown>) => ({
  ...metadata,
  authorization_endpoint: urlOf(issuer, identityServer.authorization),
  token_endpoint: urlOf(issuer, identityServer.token),
  introspection_endpoint: urlOf(issuer, identityServer.introspection),
  userinfo_endpoint: urlOf(issuer, identityServer.userinfo),
  end_session_endpoint: urlOf(issuer, identityServer.logout),
  jwks_uri: urlOf(issuer, identityServer.jwks),
  scopes_supported: [
    ...new Set([...(metadata['scopes_supported'] as string[]), squidexScope, ...tellingScopes]),
  ],
});
