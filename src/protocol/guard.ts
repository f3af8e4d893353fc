/**
 * ENDPOINTS FOR API GUARDS besides introspection (`src/sdk/resource-server` uses them). A guard introspects several tokens
 * with one request, reports how much each client has used its API, and asks for the client as which an app admits
 * anonymous callers. Guards authenticate as at introspection, with the Basic scheme.
 */
import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import { maxReported } from '../domain/apps/api-usage.ts';
import type { ApiUse, AppApiUsage } from '../domain/apps/types.ts';
import type { Client } from '../domain/clients/lookup.ts';
import { rememberClient } from '../http/access-log.ts';
import { readText } from '../http/form.ts';
import { parseJson } from '../http/json.ts';
import { OAuthError } from '../oauth/errors.ts';
import { guardPaths } from '../oauth/paths.ts';
import {
  type Authenticate,
  basicChallenge,
  ClientRefusal,
  readCredentials,
} from './client-authentication.ts';
import { postEndpoint } from './client-form.ts';
import type { Introspection } from './introspection.ts';
import { assertMayIntrospect } from './introspection-access.ts';

interface Dependencies {
  issuer: string;
  authenticate: Authenticate;
  apiUsage: Pick<AppApiUsage, 'report' | 'anonymousClient'>;
  describeFor: Introspection['describeFor'];
}

/** How many tokens one request can introspect. */
const maxIntrospected = 100;

/** Authenticates the client of a request by the scheme Basic. Throws `invalid_client`, with a challenge in the response. */
export type AuthenticateBasic = (ctx: Context) => Promise<Client>;

/** Creates `AuthenticateBasic` for confidential clients. */
export const createAuthenticateBasic =
  ({ issuer, authenticate }: Pick<Dependencies, 'issuer' | 'authenticate'>): AuthenticateBasic =>
  async (ctx: Context): Promise<Client> => {
    const authorization = ctx.get('authorization');
    try {
      const client = await authenticate(readCredentials(authorization, {}), {
        ip: () => ctx.ip,
        certificate: () => undefined,
      });
      assertMayIntrospect(client);
      return client;
    } catch (error) {
      if (error instanceof ClientRefusal) rememberClient(ctx, error.clientId);
      const challenge = basicChallenge(issuer, error, authorization);
      if (challenge) ctx.set('WWW-Authenticate', challenge);
      throw error;
    }
  };

/** Introspection of several tokens, the usage report and the anonymous client. */
export function createGuardEndpoints({
  apiUsage,
  describeFor,
  ...dependencies
}: Dependencies): Middleware {
  const guardOf = createAuthenticateBasic(dependencies);

  return compose([
    postEndpoint(guardPaths.introspection, async (ctx) => {
      const guard = await guardOf(ctx);
      const { tokens } = (parseJson(await readText(ctx)) ?? {}) as { tokens?: unknown };
      if (!isTokenList(tokens))
        throw new OAuthError(
          'invalid_request',
          `Send a JSON object with the array tokens: 1 to ${maxIntrospected} tokens.`,
          { parameter: 'tokens' },
        );
      return { tokens: await describeFor(guard, tokens) };
    }),

    postEndpoint(guardPaths.usage, async (ctx) => {
      const guard = await guardOf(ctx);
      const counted = readReport(parseJson(await readText(ctx)));
      const usage = await apiUsage.report(guard, counted);
      return {
        resets_at: secondsOfNextMonth(new Date()),
        clients: usage.map(({ clientId, calls, bytes, callsLimit, trafficLimit }) => ({
          client_id: clientId,
          calls,
          bytes,
          calls_limit: callsLimit,
          traffic_limit: trafficLimit,
        })),
      };
    }),

    postEndpoint(guardPaths.anonymous, async (ctx) => {
      const guard = await guardOf(ctx);
      const { app } = (parseJson(await readText(ctx)) ?? {}) as { app?: unknown };
      if (typeof app !== 'string')
        throw new OAuthError(
          'invalid_request',
          'Send a JSON object with the name of the app in its member app.',
          {
            parameter: 'app',
          },
        );
      const found = await apiUsage.anonymousClient(guard, app);
      if (!found) return { active: false };
      const { clientId, roles, entitlements } = found;
      return { active: true, client_id: clientId, sub: clientId, app, roles, entitlements };
    }),
  ]);
}

const isTokenList = (given: unknown): given is string[] =>
  Array.isArray(given) &&
  given.length > 0 &&
  given.length <= maxIntrospected &&
  given.every((token) => typeof token === 'string' && token !== '');

/** Reads `{"clients": [{"client_id": "acme:default", "calls": 3, "bytes": 4711}]}`. */
function readReport(body: unknown): (ApiUse & { clientId: string })[] {
  const { clients } = (body ?? {}) as { clients?: unknown };
  if (!Array.isArray(clients) || clients.length > maxReported || !clients.every(isCounted))
    throw new OAuthError(
      'invalid_request',
      `Send a JSON object with the array clients: at most ${maxReported} entries, each with client_id, calls and bytes.`,
      { parameter: 'clients' },
    );
  if (new Set(clients.map(({ client_id }) => client_id)).size < clients.length)
    throw new OAuthError('invalid_request', 'Report each client only once.', {
      parameter: 'clients',
    });
  return clients.map(({ client_id, calls, bytes }) => ({ clientId: client_id, calls, bytes }));
}

/** The highest count that a report can contain; no API reaches it between two reports, which are seconds apart. */
const maxCount = 1e12;

function isCounted(given: unknown): given is { client_id: string; calls: number; bytes: number } {
  const { client_id, calls, bytes } = (given ?? {}) as Record<string, unknown>;
  return typeof client_id === 'string' && [calls, bytes].every(isNumber);
}

const isNumber = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxCount;

const secondsOfNextMonth = (now: Date): number =>
  Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) / 1000;
