/**
 * THE GATE in front of the engine: it reads the form or the query of a request by the table of parameters
 * (oauth/parameters.ts), refuses what does not fit, and rebuilds the request from what is left. The engine never sees
 * a parameter that is not in the table, nor credentials in a form that it reads in another way than introspection and
 * revocation do (client-authentication.ts).
 */
import * as querystring from 'node:querystring';
import type { Context, Middleware } from 'koa';
import { bearerChallenge, parseAuthorization } from '../http/authorization.ts';
import { refusalOf } from '../http/errors.ts';
import { formOf, parsePairs, readText, requireFormBody } from '../http/form.ts';
import type { RefusalLog } from '../http/refusal-log.ts';
import { OAuthError } from '../oauth/errors.ts';
import { maxKeptBytes, type Parameters, parametersOf } from '../oauth/parameters.ts';
import { endpoints } from '../oauth/paths.ts';
import { basicChallenge, basicHeader, readCredentials } from './client-authentication.ts';
import { replayBody } from './engine/replay-body.ts';

type Pairs = readonly [string, string][];

interface Dependencies {
  issuer: string;
  /** Shows a person, on a page, why the request that an app sent them with fails; the status is set already. */
  showProblem: (ctx: Context, sentence: string) => Promise<void>;
  noteRefusal: RefusalLog['note'];
}

/** Stands in front of the engine at its endpoints. Throws `invalid_request`, `invalid_client`, `invalid_token`. */
export function createGate({ issuer, ...people }: Dependencies): Middleware {
  return async (ctx, next) => {
    const parameters = parametersOf[ctx.path];
    if (!parameters || ctx.method === 'OPTIONS') return next();
    if (ctx.path === endpoints.authorization) {
      const pairs = await readRequest(ctx, parameters).catch((error) => refuse(ctx, error, people));
      return pairs && asGet(ctx, pairs, next);
    }
    const pairs = ctx.method === 'POST' ? await readRequest(ctx, parameters) : undefined;
    if (ctx.path === endpoints.userinfo) {
      requireBearer(ctx, issuer);
      // A token in the query is refused by its name (RFC 6750 §2.3), so that it is seen there.
      ctx.querystring = encode(parsePairs(ctx.querystring, parameters));
    } else {
      requireCredentials(ctx, pairs ?? [], issuer);
      if (ctx.querystring) ctx.querystring = '';
    }
    if (pairs) replayBody(ctx, encode(pairs));
    await next();
  };
}

/** What is left of a request: of its form where it has one, else of its query. */
async function readRequest(ctx: Context, parameters: Parameters): Promise<Pairs> {
  if (ctx.method === 'POST') requireFormBody(ctx);
  const text = ctx.method === 'POST' ? await readText(ctx) : ctx.querystring;
  const pairs = parsePairs(text, parameters);
  const kept = pairs.filter(([name]) => parameters[name]?.kept);
  const bytes = kept.reduce(
    (sum, [name, value]) => sum + name.length + Buffer.byteLength(value),
    0,
  );
  if (bytes > maxKeptBytes)
    throw new OAuthError(
      'invalid_request',
      `The parameters of a request have at most ${maxKeptBytes / 1024} KiB together.`,
    );
  return pairs;
}

const encode = (pairs: Pairs): string =>
  pairs
    .map(([name, value]) => `${querystring.escape(name)}=${querystring.escape(value)}`)
    .join('&');

/** An authorization request by POST is one by GET from here on (OpenID Connect Core §3.1.2.1). */
async function asGet(ctx: Context, pairs: Pairs, next: () => Promise<unknown>): Promise<void> {
  const { method } = ctx;
  ctx.querystring = encode(pairs);
  if (method === 'POST') ctx.method = 'GET';
  try {
    await next();
  } finally {
    ctx.method = method;
  }
}

/** An error at the authorization endpoint is for the person whom an app sent there, unless a program asks. */
async function refuse(
  ctx: Context,
  error: unknown,
  { showProblem, noteRefusal }: Pick<Dependencies, 'showProblem' | 'noteRefusal'>,
): Promise<undefined> {
  const isForPerson = error instanceof OAuthError && error.status < 500;
  if (!isForPerson || ctx.accepts('json', 'html') !== 'html') throw error;
  noteRefusal(ctx, refusalOf(error));
  ctx.status = error.status;
  await showProblem(ctx, `${error.toJSON().error}: ${error.message}`);
}

/** Reads the credentials of a client, and hands them on in the form that the engine reads. */
function requireCredentials(ctx: Context, pairs: Pairs, issuer: string): void {
  const authorization = ctx.get('authorization');
  try {
    const credentials = readCredentials(authorization, formOf(pairs));
    if (!authorization) delete ctx.req.headers.authorization;
    else if (credentials.method === 'secret')
      ctx.req.headers.authorization = basicHeader(credentials);
  } catch (error) {
    const challenge = basicChallenge(issuer, error, authorization);
    if (challenge) ctx.set('WWW-Authenticate', challenge);
    throw error;
  }
}

/** Refuses an Authorization header that holds no token, and hands on the others in the form that the engine reads. */
function requireBearer(ctx: Context, issuer: string): void {
  const header = ctx.get('authorization');
  const { scheme, token68 } = parseAuthorization(header) ?? {};
  if (scheme === undefined) {
    delete ctx.req.headers.authorization;
    return;
  }
  if (token68 !== undefined && (scheme === 'bearer' || scheme === 'dpop')) {
    ctx.req.headers.authorization = `${scheme === 'dpop' ? 'DPoP' : 'Bearer'} ${token68}`;
    return;
  }
  const error = new OAuthError(
    'invalid_token',
    'Send an access token: Authorization: Bearer TOKEN',
  );
  ctx.set('WWW-Authenticate', bearerChallenge(header, error, { realm: issuer }));
  throw error;
}
