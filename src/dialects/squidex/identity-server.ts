/** `/identity-server`: Writ's own protocol endpoints, with Squidex's paths and errors. */

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

/** The paths of Squidex. */
export const identityServer = {
  authorization: '/identity-server/connect/authorize',
  token: '/identity-server/connect/token',
  introspection: '/identity-server/connect/introspect',
  userinfo: '/identity-server/connect/userinfo',
  logout: '/identity-server/connect/logout',
  jwks: '/identity-server/.well-known/jwks',
} as const;

/** Scopes with which Squidex adds claims to a token: Writ always includes roles and permissions. */
const claimScopes = ['permissions', 'roles'];

export function createIdentityServer({ issuer }: { issuer: string }) {
  /** Forwards a request, and translates an error response of the engine to OpenIddict's. */
  const to =
    (path: string, prepare?: (ctx: Context) => Promise<void>): Handler =>
    async (ctx, _parameters, next) => {
      await prepare?.(ctx);
      await forward(ctx, path, next);
      const { error, error_description: description } = (ctx.body ?? {}) as Record<string, string>;
      if (ctx.status < 400 || error === undefined) return;
      const response = openIddictAnswer(
        { status: ctx.status, error, description: description ?? '' },
        issuer,
      );
      ctx.body = response.body;
      ctx.status = response.status;
      ctx.set(response.headers ?? {});
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
      if (ctx.status === 200)
        ctx.body = toDialectMetadata(issuer, ctx.body as Record<string, unknown>);
    }) satisfies Handler,

    /** Redirects to the account page, because a page of another origin must not sign a person out. */
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

/** The checks of OpenIddict before it looks up the client. */
function requireTokenRequest(ctx: Context, form: ReadonlyMap<string, string>): void {
  if (!form.get('grant_type')) throw new OpenIddictError(missing('grant_type'));
  if (form.get('grant_type') !== grantTypes.clientCredentials) return;
  if (ctx.get('authorization') || form.get('client_assertion')) return;
  if (!form.get('client_id')) throw new OpenIddictError(missing('client_id'));
  if (!form.get('client_secret')) throw new OpenIddictError(noSecret);
}

/**
 * Adds the resource of the dialect if the request has none. Clients of Squidex request a scope that belongs to no other
 * resource; a client that acts for itself and requests no scope gets this one.
 */
function withResource(pairs: Pairs): Pairs {
  const form = new Map(pairs);
  const isForItself = form.get('grant_type') === grantTypes.clientCredentials;
  const requested = scopeTokens(form.get('scope'));
  const scope = isForItself && requested.length === 0 ? [squidexScope] : requested.filter(isNeeded);
  const others = pairs.filter(([name]) => name !== 'scope');
  return [
    ...others,
    ...(scope.length > 0 ? [['scope', scope.join(' ')] as [string, string]] : []),
    ...(scope.includes(squidexScope) && !form.get('resource')
      ? [['resource', squidexResource] as [string, string]]
      : []),
  ];
}

const isNeeded = (scope: string): boolean => !claimScopes.includes(scope);

/** Writ's metadata (OpenID Connect Discovery §3) with the endpoints of the dialect; the issuer stays the same. */
const toDialectMetadata = (issuer: string, metadata: Record<string, unknown>) => ({
  ...metadata,
  authorization_endpoint: urlOf(issuer, identityServer.authorization),
  token_endpoint: urlOf(issuer, identityServer.token),
  introspection_endpoint: urlOf(issuer, identityServer.introspection),
  userinfo_endpoint: urlOf(issuer, identityServer.userinfo),
  end_session_endpoint: urlOf(issuer, identityServer.logout),
  jwks_uri: urlOf(issuer, identityServer.jwks),
  scopes_supported: [
    ...new Set([...(metadata['scopes_supported'] as string[]), squidexScope, ...claimScopes]),
  ],
});
