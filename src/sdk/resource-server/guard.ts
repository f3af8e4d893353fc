/**
 * THE GUARD OF AN API authorizes requests by their Writ tokens. It introspects each token, so a revoked token, a deleted
 * client or a changed role takes effect at once; or it verifies JWTs offline and follows the feed of revocations. It accepts API
 * keys in all their forms, serves the anonymous client of an app, counts calls and bytes for each client of an app, and
 * responds with 429 beyond a client's limit. A token that is bound to a key (RFC 9449) or a certificate (RFC 8705) is
 * admitted only with its proof. Its challenges lead clients to the API's metadata (RFC 9728), and name the scope and the
 * sign-in (RFC 9470) that a request needs.
 */

import { readApiKey } from '../../oauth/api-key.ts';
import { InvalidProof } from '../../oauth/dpop.ts';
import { protectedResourceMetadata, resourceMetadataUrl } from '../../oauth/protected-resource.ts';
import { callerOf } from './callers.ts';
import { missing } from './needs.ts';
import { protectHandler } from './node.ts';
import {
  certificateOfSocket,
  createProofs,
  isProven,
  thumbprintOf,
  tokenWithProof,
} from './proofs.ts';
import { challenges, unavailable } from './refusals.ts';
import { createTokenCheck } from './token-check.ts';
import type { Caller, Guard, GuardedRequest, GuardOptions } from './types.ts';
import { createUsage } from './usage.ts';
import { createWrit } from './writ.ts';

const anonymousPath = '/connect/guard/anonymous';

const notActive = 'The token is not active or not for this API.';

/** Whether a text can be a token; others are refused without introspection. */
const isToken = (text: string): boolean => /^[\x21-\x7e]{1,8192}$/.test(text);

/**
 * Creates a guard. It sends usage reports on a timer and can follow the feed of revocations, neither of which keeps the process alive;
 * call `close` before the process ends.
 */
export function createGuard({
  issuer,
  resource,
  client,
  offline = false,
  cacheSeconds = 0,
  url: base = URL.parse(resource)?.origin ?? '',
  scopes,
  name,
  documentation,
  certificateOf = certificateOfSocket,
  reportSeconds = 10,
  onError = () => {},
}: GuardOptions): Guard {
  /** An error thrown by `onError` must stop nothing. */
  const notify = (error: unknown): void => {
    try {
      onError(error);
    } catch {}
  };
  const writ = createWrit(issuer, client);
  const usage = createUsage(writ, { reportSeconds, notify });
  const proofs = createProofs(base);
  const tokens = createTokenCheck(writ, {
    issuer,
    resource,
    offline,
    cacheSeconds,
    onError: notify,
  });

  const metadataUrl = resourceMetadataUrl(resource);
  const metadata = metadataUrl
    ? {
        url: metadataUrl,
        path: metadataUrl.slice(new URL(metadataUrl).origin.length),
        document: protectedResourceMetadata({ resource, issuer, scopes, name, documentation }),
      }
    : undefined;
  const challengeTo = challenges({ resource, metadataUrl });

  const anonymousCaller = async (app: string): Promise<Caller | undefined> => {
    const state = await writ.ask(anonymousPath, JSON.stringify({ app }));
    return state['active'] === true ? callerOf(state, true) : undefined;
  };

  const certificateIn = (request: GuardedRequest): string | undefined => {
    const certificate = certificateOf(request);
    return certificate && thumbprintOf(certificate);
  };

  const identify = async (
    request: GuardedRequest,
    app: string | undefined,
  ): Promise<Caller | undefined> => {
    const { headers, url = '/' } = request;
    const key = readApiKey({
      authorization: headers.authorization,
      header: (header) => headers[header]?.toString(),
      query: url.split('?', 2)[1] ?? '',
    });
    const bound = tokenWithProof(headers.authorization);
    const token = bound ?? /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? key?.key;
    // A malformed credential must be refused, not served as the anonymous client.
    if (token === undefined)
      return headers.authorization || app === undefined ? undefined : anonymousCaller(app);
    if (!isToken(token)) return undefined;
    const proof = bound === undefined ? undefined : proofs.read(request, bound);
    const state = await tokens.check(token);
    if (!state || !isProven(state['cnf'], proof, () => certificateIn(request))) return undefined;
    if (proof) proofs.requireFirstUse(proof);
    const caller = callerOf(state, false);
    return key?.app !== undefined && key.key === token && caller.app !== key.app
      ? undefined
      : caller;
  };

  const guard: Guard = {
    metadata,
    feed: tokens.feed && { state: tokens.feed.state, ready: tokens.feed.ready },

    admitAtOnce(request, needs = {}) {
      const { authorization } = request.headers;
      if (!authorization?.startsWith('Bearer ')) return undefined;
      const caller = tokens.known(authorization.slice('Bearer '.length));
      // Calls of apps' clients are counted.
      if (caller === undefined || caller.app !== undefined) return undefined;
      const refusal = guard.require(request, caller, needs);
      return refusal ? { refusal } : { caller };
    },

    async admit(request, { app, ...needs } = {}) {
      try {
        const caller = await identify(request, app);
        if (!caller) {
          const problem = { status: 401, code: 'invalid_token', message: notActive } as const;
          return { refusal: challengeTo(request, problem, { scope: needs.scope }) };
        }
        const lacking = guard.require(request, caller, needs);
        if (lacking) return { refusal: lacking };
        if (caller.app === undefined) return { caller };
        const refusal = await usage.beyondLimit(caller.clientId);
        if (refusal) return { refusal };
        usage.add(caller.clientId, { calls: 1, bytes: 0 });
        return { caller };
      } catch (error) {
        if (error instanceof InvalidProof) {
          const problem = {
            status: 401,
            code: 'invalid_dpop_proof',
            message: error.message,
          } as const;
          return { refusal: challengeTo(request, problem, { scope: needs.scope }) };
        }
        notify(error);
        return { refusal: unavailable() };
      }
    },

    require(request, caller, needs) {
      const problem = missing(caller, needs);
      return problem && challengeTo(request, problem, problem);
    },

    requireScope: (request, caller, scope) => guard.require(request, caller, { scope }),

    requireSignIn: (request, caller, signIn) => guard.require(request, caller, { signIn }),

    countBytes({ clientId, app }, bytes) {
      if (app !== undefined) usage.add(clientId, { calls: 0, bytes });
    },

    protect: (handle, options) => protectHandler(guard, handle, { ...options, notify }),

    report: usage.report,

    async close() {
      tokens.feed?.close();
      await usage.close();
    },
  };
  return guard;
}
