/**
 * THE GUARD OF AN API authorizes requests by their Writ tokens. It introspects each token, so a revoked token, a deleted
 * client or a changed role takes effect at once. It accepts API keys in all their forms, serves the anonymous client of
 * an app, counts calls and bytes for each client of an app, and responds with 429 beyond a client's limit. A token that is
 * bound to a key (RFC 9449) or a certificate (RFC 8705) is admitted only with its proof. Its challenges lead clients to the API's metadata
 * (RFC 9728), and name the scope and the sign-in (RFC 9470) that a request needs.
 */

import { createHash, X509Certificate } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { readApiKey } from '../oauth/api-key.ts';
import { satisfiesAcr } from '../oauth/authentication-context.ts';
import { bearerChallenge, dpopChallenge } from '../oauth/challenges.ts';
import { type DpopProof, dpopAlgs, InvalidProof, proofMemory, verifyProof } from '../oauth/dpop.ts';
import { urlOf } from '../oauth/issuer.ts';
import { allows } from '../oauth/permissions.ts';
import {
  protectedResourceMetadata,
  type ResourceMetadata,
  resourceMetadataUrl,
} from '../oauth/protected-resource.ts';

export {
  type ProtectedResource,
  protectedResourceMetadata,
  type ResourceMetadata,
  resourceMetadataUrl,
} from '../oauth/protected-resource.ts';

/** What a certificate is read from: the headers, or the connection if the API terminates TLS itself. */
export type CertificateRequest = Pick<IncomingMessage, 'headers'> &
  Partial<Pick<IncomingMessage, 'socket'>>;

/** Options of `createGuard`. */
export interface GuardOptions {
  /** The issuer URL of Writ. */
  issuer: string;
  /** The identifier of the API's resource in Writ: the audience of its tokens. */
  resource: string;
  /** The client in Writ that is the resource server of the API. */
  client: { id: string; secret: string };
  /**
   * The URL of the API as its clients know it, which their DPoP proofs name (RFC 9449 §4.2): an origin, or one with the
   * path that a proxy removes. Default: the origin of `resource`.
   */
  url?: string;
  /** The scopes of the API, for its metadata (RFC 9728 §2). Everyone can read them. */
  scopes?: readonly string[];
  /** The name of the API for people, for its metadata. */
  name?: string;
  /** The URL of the documentation of the API, for its metadata. */
  documentation?: string;
  /**
   * The certificate of the client of a request (RFC 8705 §3), as PEM or DER: behind a proxy that terminates TLS, from what it
   * states. Return undefined unless the proxy has verified that the client has the key of the certificate, and no one else can
   * state it. Default: that of the TLS connection.
   */
  certificateOf?: (request: CertificateRequest) => Buffer | string | undefined;
  /** Seconds between usage reports. Default: 10. */
  reportSeconds?: number;
  /**
   * Called with each error when Writ is unreachable, for which counts are kept and reported later, and with what the handler
   * of `protect` throws.
   */
  onError?: (error: unknown) => void;
}

/** Authorization details (RFC 9396 §2) of a token, of a type that the API's resource in Writ declares. */
export interface AuthorizationDetail {
  type: string;
  identifier?: string;
  actions?: string[];
  locations?: string[];
  datatypes?: string[];
  privileges?: string[];
}

/** The authorized caller of a request. */
export interface Caller {
  /** `app:client` for a client of an app. */
  clientId: string;
  /** The `sub` of the token: a person, or the client itself. */
  subject: string;
  app: string | undefined;
  roles: string[];
  entitlements: string[];
  scope: string[];
  /** The authorization details that the token is limited to (RFC 9396 §2); empty if it is not limited by any. */
  authorizationDetails: AuthorizationDetail[];
  /** How and when the person signed in to the client; undefined for a token without a login. */
  signIn: { acr: string; amr: string[]; at: Date } | undefined;
  /** Whether the request had no credentials and is served as the anonymous client of an app. */
  anonymous: boolean;
  /** Whether the caller's entitlements allow a permission, such as `things.read`. */
  may(permission: string): boolean;
}

/** The response to a request that is not authorized. */
export interface Refusal {
  status: 401 | 403 | 429 | 503;
  headers: Record<string, string>;
  body: { error: string; error_description: string };
}

/** The result of `Guard.admit`: a caller, or a refusal. */
export type Admission = { caller: Caller; refusal?: never } | { refusal: Refusal; caller?: never };

/** The scopes that a request needs: one, several separated by spaces, or several in a list. */
export type NeededScope = string | readonly string[];

/** The sign-in that a request needs (RFC 9470). */
export interface NeededSignIn {
  /** The class, or several, the preferred one first: `2` for two factors. */
  acr?: string | readonly string[];
  /** How many seconds ago it may be. */
  maxAge?: number;
}

/** Guards one API; see `createGuard`. */
export interface Guard {
  /**
   * The metadata of the API (RFC 9728): the document, and the path and URL where its clients look for it. `protect` serves it;
   * with another framework, serve it there. Undefined if `resource` is not an http or https URL.
   */
  metadata: { path: string; url: string; document: ResourceMetadata } | undefined;
  /**
   * Authorizes a request and counts the call of an app's client. `app` is the app that the request is about, if its URL
   * says so: a request without credentials is then served as the app's anonymous client. `scope` is what the request needs:
   * a token without it gets 403, and the challenges name it. `signIn` is how and when its person must have signed in: a token
   * of another sign-in gets 401 with `insufficient_user_authentication`.
   */
  admit(
    request: Pick<IncomingMessage, 'headers' | 'url' | 'method'>,
    about?: {
      app?: string | undefined;
      scope?: NeededScope | undefined;
      signIn?: NeededSignIn | undefined;
    },
  ): Promise<Admission>;
  /**
   * The refusal of a caller whose token lacks a scope (RFC 6750 §3.1), for requests that say in their body what they need.
   * Undefined if it has all of them.
   */
  requireScope(
    request: Pick<IncomingMessage, 'headers'>,
    caller: Caller,
    scope: NeededScope,
  ): Refusal | undefined;
  /**
   * The refusal of a caller whose sign-in is not the needed one (RFC 9470 §3), or whose token has none. Undefined if it is.
   */
  requireSignIn(
    request: Pick<IncomingMessage, 'headers'>,
    caller: Caller,
    signIn: NeededSignIn,
  ): Refusal | undefined;
  /** Counts the bytes of a response to an authorized caller. */
  countBytes(caller: Caller, bytes: number): void;
  /**
   * Wraps a handler of `node:http` with both, and serves the metadata. `appOf` finds the app of a request, `scopeOf` the
   * scope and `signInOf` the sign-in that it needs.
   */
  protect(
    handle: (request: IncomingMessage, response: ServerResponse, caller: Caller) => unknown,
    options?: {
      appOf?: (request: IncomingMessage) => string | undefined;
      scopeOf?: (request: IncomingMessage) => NeededScope | undefined;
      signInOf?: (request: IncomingMessage) => NeededSignIn | undefined;
    },
  ): RequestListener;
  /** Reports the counts since the last report. */
  report(): Promise<void>;
  /** Sends the last report and stops reporting. */
  close(): Promise<void>;
}

interface Counted {
  calls: number;
  bytes: number;
}

interface Known extends Counted {
  callsLimit: number | null;
  trafficLimit: number | null;
}

const paths = {
  introspection: '/connect/introspect',
  usage: '/connect/guard/usage',
  anonymous: '/connect/guard/anonymous',
};

/** How many clients one report can contain; more are split into several reports. */
const maxReported = 1_000;

/**
 * Creates a guard. It sends usage reports on a timer, which does not keep the process alive; call `close` before the
 * process ends.
 */
export function createGuard({
  issuer,
  resource,
  client,
  url: base = URL.parse(resource)?.origin ?? '',
  scopes,
  name,
  documentation,
  certificateOf = certificateOfSocket,
  reportSeconds = 10,
  onError = () => {},
}: GuardOptions): Guard {
  const authorization = `Basic ${Buffer.from(
    `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`,
  ).toString('base64')}`;

  /** Counts that were not reported yet. */
  let pending = new Map<string, Counted>();
  /** The totals of all guards as of the last report. */
  let known = new Map<string, Known>();
  /** When the month ends, in milliseconds since 1970. */
  let resetsAt = 0;

  const ask = async (
    path: string,
    body: URLSearchParams | string,
  ): Promise<Record<string, unknown>> => {
    const response = await fetch(urlOf(issuer, path), {
      method: 'POST',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        authorization,
        ...(typeof body === 'string' && { 'content-type': 'application/json' }),
      },
      body,
    });
    if (!response.ok) throw new Error(`${path} responded with ${response.status}`);
    return (await response.json()) as Record<string, unknown>;
  };

  const send = async (counted: readonly [string, Counted][]): Promise<void> => {
    const answer = await ask(
      paths.usage,
      JSON.stringify({
        clients: counted.map(([client_id, { calls, bytes }]) => ({ client_id, calls, bytes })),
      }),
    );
    const nextReset = Number(answer['resets_at']) * 1000;
    if (nextReset !== resetsAt) known = new Map();
    resetsAt = nextReset;
    for (const one of answer['clients'] as Record<string, unknown>[])
      known.set(String(one['client_id']), {
        calls: Number(one['calls']),
        bytes: Number(one['bytes']),
        callsLimit: one['calls_limit'] as number | null,
        trafficLimit: one['traffic_limit'] as number | null,
      });
  };

  const add = (clientId: string, { calls, bytes }: Counted): void => {
    const before = pending.get(clientId) ?? { calls: 0, bytes: 0 };
    pending.set(clientId, { calls: before.calls + calls, bytes: before.bytes + bytes });
  };

  /** An error thrown by `onError` must not stop the reports. */
  const notify = (error: unknown): void => {
    try {
      onError(error);
    } catch {}
  };

  let reporting: Promise<void> = Promise.resolve();
  const reportPending = async (): Promise<void> => {
    // Clients without new counts are included, because their limits can have changed.
    const clients = new Set([...known.keys(), ...pending.keys()]);
    const counted = pending;
    pending = new Map();
    const all = [...clients].map((id): [string, Counted] => [
      id,
      counted.get(id) ?? { calls: 0, bytes: 0 },
    ]);
    for (let start = 0; start < all.length; start += maxReported) {
      const part = all.slice(start, start + maxReported);
      try {
        await send(part);
      } catch (error) {
        for (const [id, use] of part) add(id, use);
        notify(error);
      }
    }
  };
  const report = (): Promise<void> => {
    reporting = reporting.then(reportPending);
    return reporting;
  };
  const timer = setInterval(report, reportSeconds * 1000);
  timer.unref();

  /** The refusal of a client that has reached its limit; undefined if it has none or is below it. */
  const beyondLimit = async (clientId: string): Promise<Refusal | undefined> => {
    // The totals of a client are fetched before its first call, and before its first call of a month.
    if (!known.has(clientId) || Date.now() >= resetsAt) await send([[clientId, none]]);
    const {
      calls = 0,
      bytes = 0,
      callsLimit = null,
      trafficLimit = null,
    } = known.get(clientId) ?? {};
    const more = pending.get(clientId) ?? none;
    const isBeyond =
      (callsLimit !== null && calls + more.calls >= callsLimit) ||
      (trafficLimit !== null && bytes + more.bytes >= trafficLimit);
    if (!isBeyond) return undefined;
    return refuse(429, 'too_many_requests', 'The client has reached its monthly limit.', {
      'Retry-After': String(Math.max(1, Math.ceil((resetsAt - Date.now()) / 1000))),
    });
  };

  const metadataUrl = resourceMetadataUrl(resource);
  const metadata = metadataUrl
    ? {
        url: metadataUrl,
        path: metadataUrl.slice(new URL(metadataUrl).origin.length),
        document: protectedResourceMetadata({ resource, issuer, scopes, name, documentation }),
      }
    : undefined;

  /** The refusal of a request, with the challenge of the scheme that it has used, else of Bearer. */
  const challengeTo = (
    { headers: { authorization } }: Pick<IncomingMessage, 'headers'>,
    { status, code, message }: { status: 401 | 403; code: string; message: string },
    { scope, signIn }: { scope?: NeededScope | undefined; signIn?: NeededSignIn | undefined },
  ): Refusal => {
    const protection = {
      realm: resource,
      scope: scope && listOf(scope).join(' '),
      resourceMetadata: metadataUrl,
      acrValues: signIn?.acr && listOf(signIn.acr).join(' '),
      maxAge: signIn?.maxAge,
    };
    return refuse(status, code, message, {
      'WWW-Authenticate':
        tokenWithProof(authorization) === undefined
          ? bearerChallenge(authorization, { code, message }, protection)
          : dpopChallenge({ code, message }, { ...protection, algs: dpopAlgs }),
    });
  };

  /** When each proof that was used can be forgotten, in milliseconds since 1970; the oldest first. */
  const usedProofs = new Map<string, number>();

  /** Throws InvalidProof if this guard has seen the proof before. */
  const requireFirstUse = ({ jkt, jti }: DpopProof): void => {
    const now = Date.now();
    for (const [used, until] of usedProofs) {
      if (until > now) break;
      usedProofs.delete(used);
    }
    const id = `${jkt} ${jti}`;
    if (usedProofs.has(id)) throw new InvalidProof('The DPoP proof was already used.');
    usedProofs.set(id, now + proofMemory * 1000);
  };

  /** Verifies the proof of a request for an access token. Throws InvalidProof. */
  const proofOf = (
    { headers, method = '', ...request }: Pick<IncomingMessage, 'headers' | 'url' | 'method'>,
    accessToken: string,
  ): DpopProof => {
    // Express removes the path of a mounted router from `url`.
    const { originalUrl, url = '/' } = request as { originalUrl?: string; url?: string };
    return verifyProof(headers['dpop']?.toString() ?? '', {
      method,
      url: base.replace(/\/$/, '') + (originalUrl ?? url),
      accessToken,
    });
  };

  const certificateIn = (request: CertificateRequest): string | undefined => {
    const certificate = certificateOf(request);
    return certificate && thumbprintOf(certificate);
  };

  const identify = async (
    request: Pick<IncomingMessage, 'headers' | 'url' | 'method'>,
    app: string | undefined,
  ): Promise<Caller | undefined> => {
    const { headers, url = '/' } = request;
    const key = readApiKey({
      authorization: headers.authorization,
      header: (name) => headers[name]?.toString(),
      query: url.split('?', 2)[1] ?? '',
    });
    const bound = tokenWithProof(headers.authorization);
    const token = bound ?? /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? key?.key;
    // A malformed credential must be refused, not served as the anonymous client.
    if (token === undefined)
      return headers.authorization || app === undefined
        ? undefined
        : callerOf(await ask(paths.anonymous, JSON.stringify({ app })), true);
    if (!isToken(token)) return undefined;
    const proof = bound === undefined ? undefined : proofOf(request, bound);
    const state = await ask(paths.introspection, new URLSearchParams({ token }));
    if (
      ![state['aud']].flat().includes(resource) ||
      !isProven(state['cnf'], proof, () => certificateIn(request))
    )
      return undefined;
    if (proof) requireFirstUse(proof);
    const caller = callerOf(state, false);
    return key?.app !== undefined && key.key === token && caller?.app !== key.app
      ? undefined
      : caller;
  };

  const guard: Guard = {
    metadata,

    async admit(request, { app, scope, signIn } = {}) {
      try {
        const caller = await identify(request, app);
        if (!caller)
          return {
            refusal: challengeTo(
              request,
              { status: 401, code: 'invalid_token', message: notActive },
              { scope },
            ),
          };
        const lacking =
          (scope && guard.requireScope(request, caller, scope)) ??
          (signIn && guard.requireSignIn(request, caller, signIn));
        if (lacking) return { refusal: lacking };
        const refusal = caller.app === undefined ? undefined : await beyondLimit(caller.clientId);
        if (refusal) return { refusal };
        if (caller.app !== undefined) add(caller.clientId, { calls: 1, bytes: 0 });
        return { caller };
      } catch (error) {
        if (error instanceof InvalidProof)
          return {
            refusal: challengeTo(
              request,
              { status: 401, code: 'invalid_dpop_proof', message: error.message },
              { scope },
            ),
          };
        notify(error);
        return {
          refusal: refuse(
            503,
            'temporarily_unavailable',
            'Tokens cannot be checked now. Try again later.',
            {
              'Retry-After': '2',
            },
          ),
        };
      }
    },

    requireScope(request, caller, scope) {
      const missing = listOf(scope).filter((each) => !caller.scope.includes(each));
      if (missing.length === 0) return undefined;
      const message = `The token lacks the scope ${missing.join(' ')}.`;
      return challengeTo(request, { status: 403, code: 'insufficient_scope', message }, { scope });
    },

    requireSignIn(request, { signIn: done }, signIn) {
      const { acr, maxAge } = signIn;
      const lacks = acr !== undefined && !satisfiesAcr(done?.acr, listOf(acr));
      const isOld =
        maxAge !== undefined && !(done && Date.now() - done.at.getTime() <= maxAge * 1000);
      if (!lacks && !isOld) return undefined;
      const message = lacks
        ? 'The person must sign in in another way.'
        : `The person must have signed in at most ${maxAge} seconds ago.`;
      return challengeTo(
        request,
        { status: 401, code: 'insufficient_user_authentication', message },
        { signIn },
      );
    },

    countBytes({ clientId, app }, bytes) {
      if (app !== undefined) add(clientId, { calls: 0, bytes });
    },

    protect:
      (
        handle,
        { appOf = () => undefined, scopeOf = () => undefined, signInOf = () => undefined } = {},
      ) =>
      async (request, response) => {
        if (metadata && request.url === metadata.path && isReading(request)) {
          response.writeHead(200, {
            'Content-Type': 'application/json',
            'Cache-Control': 'public, max-age=300',
            // Clients in a browser read it from another origin.
            'Access-Control-Allow-Origin': '*',
          });
          response.end(request.method === 'HEAD' ? undefined : JSON.stringify(metadata.document));
          return;
        }
        const { caller, refusal } = await guard.admit(request, {
          app: appOf(request),
          scope: scopeOf(request),
          signIn: signInOf(request),
        });
        if (refusal) {
          response.writeHead(refusal.status, {
            'Content-Type': 'application/json',
            ...refusal.headers,
          });
          response.end(JSON.stringify(refusal.body));
          return;
        }
        const { socket } = request;
        const before = socket.bytesWritten;
        const count = () => {
          response.off('finish', count).off('close', count);
          guard.countBytes(caller, socket.bytesWritten - before);
        };
        // A connection that breaks has received part of the response.
        response.once('finish', count).once('close', count);
        try {
          await handle(request, response, caller);
        } catch (error) {
          // Nothing else waits for this promise: its rejection would end the process.
          notify(error);
          if (response.headersSent) response.destroy();
          else {
            response.writeHead(500, { 'Content-Type': 'application/json' });
            response.end(JSON.stringify({ error: 'server_error' }));
          }
        }
      },

    report,

    async close() {
      clearInterval(timer);
      await report();
    },
  };
  return guard;
}

/** The token of the DPoP scheme (RFC 9449 §7.1); undefined with another one. */
const tokenWithProof = (authorization: string | undefined): string | undefined =>
  /^dpop +(\S+)$/i.exec(authorization ?? '')?.[1];

/**
 * Whether a request may use a token with this `cnf` (RFC 7800): one that is bound to a key only with a proof of it, one
 * that is not bound only without a proof; one that is bound to a certificate only with that certificate (RFC 8705 §3).
 */
function isProven(
  cnf: unknown,
  proof: DpopProof | undefined,
  certificate: () => string | undefined,
): boolean {
  const { jkt, 'x5t#S256': bound, ...others } = (cnf ?? {}) as Record<string, unknown>;
  return (
    Object.keys(others).length === 0 &&
    jkt === proof?.jkt &&
    (bound === undefined || bound === certificate())
  );
}

/** The certificate of a TLS connection; undefined without one. */
const certificateOfSocket = ({ socket }: CertificateRequest): Buffer | undefined =>
  (socket as Partial<TLSSocket> | undefined)?.getPeerX509Certificate?.()?.raw;

/** The thumbprint of a certificate in `x5t#S256` (RFC 8705 §3.1). */
function thumbprintOf(certificate: Buffer | string): string | undefined {
  try {
    const { raw } = new X509Certificate(certificate);
    return createHash('sha256').update(raw).digest('base64url');
  } catch {
    return undefined;
  }
}

const isReading = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

const listOf = (scope: NeededScope): readonly string[] =>
  typeof scope === 'string' ? scope.split(' ').filter(Boolean) : scope;

const notActive = 'The token is not active or not for this API.';

/** The timeout of a request to Writ in milliseconds. */
const timeoutMs = 5_000;

/** Whether a text can be a token; others are refused without introspection. */
const isToken = (text: string): boolean => /^[\x21-\x7e]{1,8192}$/.test(text);

const none: Counted = { calls: 0, bytes: 0 };

/** The caller in a response of Writ; undefined if it says `active: false`. */
function callerOf(state: Record<string, unknown>, anonymous: boolean): Caller | undefined {
  if (state['active'] !== true) return undefined;
  const { client_id, sub, app, roles = [], entitlements = [], scope = '' } = state;
  const { authorization_details: details = [], acr, amr = [], auth_time: at } = state;
  const granted = entitlements as string[];
  return {
    clientId: String(client_id),
    subject: String(sub),
    app: app as string | undefined,
    roles: roles as string[],
    entitlements: granted,
    scope: String(scope).split(' ').filter(Boolean),
    authorizationDetails: details as AuthorizationDetail[],
    signIn:
      acr === undefined || at === undefined
        ? undefined
        : { acr: String(acr), amr: amr as string[], at: new Date(Number(at) * 1000) },
    anonymous,
    may: (permission) => allows(granted, permission),
  };
}

const refuse = (
  status: Refusal['status'],
  error: string,
  sentence: string,
  headers: Record<string, string>,
): Refusal => ({ status, headers, body: { error, error_description: sentence } });
