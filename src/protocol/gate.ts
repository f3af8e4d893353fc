/**
 * THE GATE in front of the engine. It parses the form or query of a request by the table of parameters
 * (oauth/parameters.ts), rejects what does not fit, and rebuilds the request from the rest. The engine therefore never
 * sees a parameter outside the table, and never credentials that it would parse differently from introspection and
 * revocation (client-authentication.ts).
 */
import * as querystring from 'node:querystring';
import type { Context, Middleware } from 'koa';
import { parseAuthorization } from '../http/authorization.ts';
import { refusalOf } from '../http/errors.ts';
import { formOf, parsePairs, readText, requireFormBody } from '../http/form.ts';
import type { RefusalLog } from '../http/refusal-log.ts';
import type { AuthorizationProblem } from '../oauth/authorization-problem.ts';
import { bearerChallenge, clientChallenge, dpopChallenge } from '../oauth/challenges.ts';
import { dpopAlgs } from '../oauth/dpop.ts';
import { OAuthError } from '../oauth/errors.ts';
import { maxStoredBytes, type Parameters, parametersOf } from '../oauth/parameters.ts';
import { endpoints } from '../oauth/paths.ts';
import { basicChallenge, basicHeader, readCredentials } from './client-authentication.ts';
import { replayBody } from './engine/replay-body.ts';
import { currentScope, type WorkloadScope } from './engine/request-scope.ts';
import { isWorkloadGrant, type ReadWorkload } from './workload-identity.ts';

type Pairs = readonly [string, string][];

interface Dependencies {
  issuer: string;
  readWorkload: ReadWorkload;
  /** Shows a person a page with the error of the request that an app sent them with. The status is already set. */
  showProblem: (ctx: Context, problem: AuthorizationProblem) => Promise<void>;
  noteRefusal: RefusalLog['note'];
}

/** The middleware in front of the engine's endpoints. Throws `invalid_request`, `invalid_client` and `invalid_token`. */
export function createGate({ issuer, readWorkload, ...people }: Dependencies): Middleware {
  return async (ctx, next) => {
    const parameters = parametersOf[ctx.path];
    if (!parameters || ctx.method === 'OPTIONS') return next();
    if (ctx.path === endpoints.authorization) {
      const pairs = await readRequest(ctx, parameters).catch((error) => refuse(ctx, error, people));
      return pairs && asGet(ctx, pairs, next);
    }
    let pairs = ctx.method === 'POST' ? await readRequest(ctx, parameters) : undefined;
    const authorization = ctx.get('authorization');
    if (ctx.path === endpoints.userinfo) {
      requireBearer(ctx, issuer);
      // The engine must see an access token in the query in order to reject it (RFC 6750 §2.3).
      ctx.querystring = encode(parsePairs(ctx.querystring, parameters));
    } else {
      pairs = await requireCredentials(ctx, pairs, { issuer, readWorkload });
      if (ctx.querystring) ctx.querystring = '';
    }
    if (pairs) replayBody(ctx, encode(pairs));
    await next();
    if (authorization && !ctx.get('authorization')) challenge(ctx, issuer);
  };
}

/** Adds the challenge (RFC 6749 §5.2) that the engine omits, because it has not seen the Authorization header. */
function challenge(ctx: Context, issuer: string): void {
  const { error, error_description: description } = (ctx.body ?? {}) as Record<string, unknown>;
  if (error === 'invalid_client')
    ctx.set('WWW-Authenticate', clientChallenge(String(description), { realm: issuer }));
}

/** The parameters of a request: of its form for POST, else of its query. */
async function readRequest(ctx: Context, parameters: Parameters): Promise<Pairs> {
  if (ctx.method === 'POST') requireFormBody(ctx);
  const text = ctx.method === 'POST' ? await readText(ctx) : ctx.querystring;
  const pairs = parsePairs(text, parameters);
  const stored = pairs.filter(([name]) => parameters[name]?.stored);
  const bytes = stored.reduce(
    (sum, [name, value]) => sum + name.length + Buffer.byteLength(value),
    0,
  );
  if (bytes > maxStoredBytes)
    throw new OAuthError(
      'invalid_request',
      `The parameters of the request must not exceed ${maxStoredBytes / 1024} KiB in total.`,
    );
  return pairs;
}

const encode = (pairs: Pairs): string =>
  pairs
    .map(([name, value]) => `${querystring.escape(name)}=${querystring.escape(value)}`)
    .join('&');

/** The engine gets an authorization request by POST as a GET (OpenID Connect Core §3.1.2.1). */
async function asGet(ctx: Context, pairs: Pairs, next: () => Promise<unknown>): Promise<void> {
  const { method } = ctx;
  ctx.querystring = encode(pairs);
  const scope = currentScope();
  if (scope) scope.wasPosted = method === 'POST';
  if (method === 'POST') ctx.method = 'GET';
  try {
    await next();
  } finally {
    ctx.method = method;
  }
}

/** Shows an error of the authorization endpoint to the person on a page, unless the client prefers JSON. */
async function refuse(
  ctx: Context,
  error: unknown,
  { showProblem, noteRefusal }: Pick<Dependencies, 'showProblem' | 'noteRefusal'>,
): Promise<undefined> {
  const isForPerson = error instanceof OAuthError && error.status < 500;
  if (!isForPerson || ctx.accepts('json', 'html') !== 'html') throw error;
  noteRefusal(ctx, refusalOf(error));
  ctx.status = error.status;
  await showProblem(ctx, { error: error.toJSON().error, description: error.message });
}

/**
 * Reads the client's credentials and passes them on in the form that the engine accepts. Returns the parameters: those
 * of a public client with a Basic header have its ID, and the engine does not see the header.
 */
async function requireCredentials(
  ctx: Context,
  pairs: Pairs | undefined,
  { issuer, readWorkload }: Pick<Dependencies, 'issuer' | 'readWorkload'>,
): Promise<Pairs | undefined> {
  const authorization = ctx.get('authorization');
  const form = formOf(pairs ?? []);
  try {
    if (pairs && isWorkloadGrant(authorization, form)) {
      const given = { clientId: form['client_id'], assertion: String(form['assertion']) };
      return asWorkload(pairs, await readWorkload({ method: 'issued', ...given }, 'grant'));
    }
    const credentials = readCredentials(authorization, form);
    if (credentials.method === 'issued')
      return asWorkload(pairs ?? [], await readWorkload(credentials, 'client'));
    if (authorization && credentials.method === 'secret') {
      ctx.req.headers.authorization = basicHeader(credentials);
      return pairs;
    }
    delete ctx.req.headers.authorization;
    return authorization && pairs
      ? withParameters(pairs, { client_id: credentials.clientId })
      : pairs;
  } catch (error) {
    const challenge = basicChallenge(issuer, error, authorization);
    if (challenge) ctx.set('WWW-Authenticate', challenge);
    throw error;
  }
}

/** The engine reads the client of a workload with a secret that is valid for this request. */
function asWorkload(pairs: Pairs, read: WorkloadScope): Pairs {
  const scope = currentScope();
  if (scope) scope.workload = read;
  return withParameters(pairs, {
    client_assertion: undefined,
    client_assertion_type: undefined,
    client_id: read.workload.clientId,
    client_secret: read.secret,
  });
}

/** The parameters with these instead of others of the same names; undefined removes one. */
const withParameters = (pairs: Pairs, given: Record<string, string | undefined>): Pairs => [
  ...pairs.filter(([name]) => !(name in given)),
  ...Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined),
];

/** Rejects an Authorization header without a token, and normalizes the scheme of the others for the engine. */
function requireBearer(ctx: Context, issuer: string): void {
  const header = ctx.get('authorization');
  const { scheme, token68 } = parseAuthorization(header) ?? {};
  if (scheme === undefined) {
    delete ctx.req.headers.authorization;
    return;
  }
  if (scheme === 'dpop' && !ctx.get('DPoP')) {
    const missing = new OAuthError(
      'invalid_dpop_proof',
      'Send a DPoP proof for the access token in the DPoP header (RFC 9449 section 7.1).',
    );
    ctx.set('WWW-Authenticate', dpopChallenge(missing, { realm: issuer, algs: dpopAlgs }));
    throw missing;
  }
  if (token68 !== undefined && (scheme === 'bearer' || scheme === 'dpop')) {
    ctx.req.headers.authorization = `${scheme === 'dpop' ? 'DPoP' : 'Bearer'} ${token68}`;
    return;
  }
  const error = new OAuthError(
    'invalid_token',
    'Send an access token in the header Authorization: Bearer TOKEN.',
  );
  ctx.set('WWW-Authenticate', bearerChallenge(header, error, { realm: issuer }));
  throw error;
}
