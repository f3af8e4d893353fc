/**
 * THE GUARD OF AN API: it lets requests in by the tokens of Writ. It asks Writ about each token, so a revoked token, a
 * deleted client and another role hold at once. It knows API keys in their spellings, serves the anonymous client of an
 * app, counts calls and bytes for each client of an app, and refuses with 429 what is beyond a client's limit.
 */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { readApiKey } from '../oauth/api-key.ts';
import { urlOf } from '../oauth/issuer.ts';
import { allows } from '../oauth/permissions.ts';

export interface GuardOptions {
  /** The address of Writ: its issuer. */
  issuer: string;
  /** The API as Writ knows it: the identifier of its resource, which its tokens have as their audience. */
  resource: string;
  /** The client of Writ that is the resource server of it. */
  client: { id: string; secret: string };
  /** Seconds between reports of what was counted. Default: 10. */
  reportSeconds?: number;
  /** Is called where Writ cannot be reached; what was counted is reported later. */
  onError?: (error: unknown) => void;
}

/** A permission on single things, as the API's resource in Writ declares its types. */
export interface AuthorizationDetail {
  type: string;
  identifier?: string;
  actions?: string[];
  locations?: string[];
  datatypes?: string[];
  privileges?: string[];
}

/** Who calls. */
export interface Caller {
  /** `app:client` where it is of an app. */
  clientId: string;
  /** A person, or the client itself. */
  subject: string;
  app: string | undefined;
  roles: string[];
  entitlements: string[];
  scope: string[];
  /** The single things that the token is limited to (RFC 9396 §2); empty: it is limited to none. */
  authorizationDetails: AuthorizationDetail[];
  /** Let in without credentials, as the anonymous client of an app. */
  anonymous: boolean;
  /** Whether its permissions allow what is asked for: `things.read`. */
  may(permission: string): boolean;
}

/** Why a request is not let in, as it is answered. */
export interface Refusal {
  status: 401 | 429 | 503;
  headers: Record<string, string>;
  body: { error: string; error_description: string };
}

export type Admission = { caller: Caller; refusal?: never } | { refusal: Refusal; caller?: never };

export interface Guard {
  /**
   * Decides on a request. `app` is the app that it is about, where the address says so: without credentials its
   * anonymous client is let in. It counts the call of a client of an app that is let in.
   */
  admit(
    request: Pick<IncomingMessage, 'headers' | 'url'>,
    about?: { app?: string | undefined },
  ): Promise<Admission>;
  /** Counts the bytes that were answered to a caller who was let in. */
  countBytes(caller: Caller, bytes: number): void;
  /** All of that for a server of `node:http`. `appOf` finds the app in a request. */
  protect(
    handle: (request: IncomingMessage, response: ServerResponse, caller: Caller) => unknown,
    options?: { appOf?: (request: IncomingMessage) => string | undefined },
  ): RequestListener;
  /** Reports what was counted since the last time. */
  report(): Promise<void>;
  /** Reports for the last time, and stops. */
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

/** Clients that one report names; more of them make several. */
const reportedAtOnce = 1_000;

export function createGuard({
  issuer,
  resource,
  client,
  reportSeconds = 10,
  onError = () => {},
}: GuardOptions): Guard {
  const authorization = `Basic ${Buffer.from(
    `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`,
  ).toString('base64')}`;

  /** Counted and not reported yet. */
  let pending = new Map<string, Counted>();
  /** What all guards together had counted at the last report. */
  let known = new Map<string, Known>();
  /** Milliseconds since 1970 at which a new month begins. */
  let resetsAt = 0;

  const ask = async (
    path: string,
    body: URLSearchParams | string,
  ): Promise<Record<string, unknown>> => {
    const response = await fetch(urlOf(issuer, path), {
      method: 'POST',
      signal: AbortSignal.timeout(patience),
      headers: {
        authorization,
        ...(typeof body === 'string' && { 'content-type': 'application/json' }),
      },
      body,
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
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

  /** What the caller does about an error must not stop the reports. */
  const tell = (error: unknown): void => {
    try {
      onError(error);
    } catch {}
  };

  let reporting: Promise<void> = Promise.resolve();
  const reportPending = async (): Promise<void> => {
    // Those that were not counted are asked for as well: a limit may have changed.
    const clients = new Set([...known.keys(), ...pending.keys()]);
    const counted = pending;
    pending = new Map();
    const all = [...clients].map((id): [string, Counted] => [
      id,
      counted.get(id) ?? { calls: 0, bytes: 0 },
    ]);
    for (let start = 0; start < all.length; start += reportedAtOnce) {
      const part = all.slice(start, start + reportedAtOnce);
      try {
        await send(part);
      } catch (error) {
        for (const [id, use] of part) add(id, use);
        tell(error);
      }
    }
  };
  const report = (): Promise<void> => {
    reporting = reporting.then(reportPending);
    return reporting;
  };
  const timer = setInterval(report, reportSeconds * 1000);
  timer.unref();

  /** Undefined where nothing limits the client, or what it has used is below it. */
  const beyondLimit = async (clientId: string): Promise<Refusal | undefined> => {
    // The first time that a client is seen, and in a new month, its numbers are asked for before it is let in.
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
    return refuse(429, 'too_many_requests', 'The client has used up its monthly limit.', {
      'Retry-After': String(Math.max(1, Math.ceil((resetsAt - Date.now()) / 1000))),
    });
  };

  const identify = async (
    { headers, url = '/' }: Pick<IncomingMessage, 'headers' | 'url'>,
    app: string | undefined,
  ): Promise<Caller | undefined> => {
    const key = readApiKey({
      authorization: headers.authorization,
      header: (name) => headers[name]?.toString(),
      query: url.split('?', 2)[1] ?? '',
    });
    const token = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? key?.key;
    // A request with an unreadable credential is refused, not served as the anonymous client.
    if (token === undefined)
      return headers.authorization || app === undefined
        ? undefined
        : callerOf(await ask(paths.anonymous, JSON.stringify({ app })), true);
    if (!isToken(token)) return undefined;
    const state = await ask(paths.introspection, new URLSearchParams({ token }));
    // A token that is bound to a key or a certificate is good only with its proof (RFC 9449 §7.2), which is not checked here.
    if (![state['aud']].flat().includes(resource) || state['cnf'] !== undefined) return undefined;
    const caller = callerOf(state, false);
    return key?.app !== undefined && key.key === token && caller?.app !== key.app
      ? undefined
      : caller;
  };

  const guard: Guard = {
    async admit(request, { app } = {}) {
      try {
        const caller = await identify(request, app);
        if (!caller)
          return {
            refusal: refuse(401, 'invalid_token', 'The token is not active, or not for this API.', {
              'WWW-Authenticate': 'Bearer',
            }),
          };
        const refusal = caller.app === undefined ? undefined : await beyondLimit(caller.clientId);
        if (refusal) return { refusal };
        if (caller.app !== undefined) add(caller.clientId, { calls: 1, bytes: 0 });
        return { caller };
      } catch (error) {
        tell(error);
        return {
          refusal: refuse(503, 'temporarily_unavailable', 'Tokens cannot be checked now.', {
            'Retry-After': '2',
          }),
        };
      }
    },

    countBytes({ clientId, app }, bytes) {
      if (app !== undefined) add(clientId, { calls: 0, bytes });
    },

    protect:
      (handle, { appOf = () => undefined } = {}) =>
      async (request, response) => {
        const { caller, refusal } = await guard.admit(request, { app: appOf(request) });
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
        // A caller who goes away before the end has got a part.
        response.once('finish', count).once('close', count);
        await handle(request, response, caller);
      },

    report,

    async close() {
      clearInterval(timer);
      await report();
    },
  };
  return guard;
}

/** Milliseconds that Writ may take to answer. */
const patience = 5_000;

/** Whether a text can be a token of Writ: what cannot is not asked about. */
const isToken = (text: string): boolean => /^[\x21-\x7e]{1,8192}$/.test(text);

const none: Counted = { calls: 0, bytes: 0 };

/** Undefined where the answer says that there is no such token or client. */
function callerOf(state: Record<string, unknown>, anonymous: boolean): Caller | undefined {
  if (state['active'] !== true) return undefined;
  const { client_id, sub, app, roles = [], entitlements = [], scope = '' } = state;
  const { authorization_details: details = [] } = state;
  const granted = entitlements as string[];
  return {
    clientId: String(client_id),
    subject: String(sub),
    app: app as string | undefined,
    roles: roles as string[],
    entitlements: granted,
    scope: String(scope).split(' ').filter(Boolean),
    authorizationDetails: details as AuthorizationDetail[],
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
