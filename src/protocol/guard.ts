/**
 * ENDPOINTS FOR API GUARDS besides introspection (`src/sdk/guard.ts` uses them). A guard reports how much each client
 * has used its API, and asks for the client as which an app admits anonymous callers. Guards authenticate as at
 * introspection, with the Basic scheme.
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
import { assertMayIntrospect } from './introspection-access.ts';

interface Dependencies {
  issuer: string;
  authenticate: Authenticate;
  apiUsage: Pick<AppApiUsage, 'report' | 'anonymousClient'>;
}

/** The usage report and the anonymous client. */
export function createGuardEndpoints({ issuer, authenticate, apiUsage }: Dependencies): Middleware {
  const guardOf = async (ctx: Context): Promise<Client> => {
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

  return compose([
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
