/** INTROSPECTION (RFC 7662) of tokens of every kind and format, answered from Postgres. */
import type { RequestListener } from 'node:http';
import type { Middleware } from 'koa';
import type { Client, ClientLookup } from '../domain/clients/lookup.ts';
import type { SubjectFor } from '../domain/clients/subjects.ts';
import { apiResource } from '../domain/installation/installation.ts';
import type { FindToken } from '../domain/tokens/find-by-value.ts';
import type { LastUsed } from '../domain/tokens/last-used.ts';
import { isNamedToken } from '../domain/tokens/value.ts';
import { addressOf } from '../http/access-log.ts';
import type { ReadCertificate } from '../http/client-certificate.ts';
import { tokenExpiration, tokenExpirationHeader } from '../http/token-expiration.ts';
import { parametersOf } from '../oauth/parameters.ts';
import { endpoints } from '../oauth/paths.ts';
import { introspected } from '../telemetry/channels.ts';
import { type ClientForm, type ClientForms, postEndpoint } from './client-form.ts';
import { createFastPath, type FastPathResponse } from './fast-path.ts';
import { assertMayIntrospect } from './introspection-access.ts';
import { introspectionResponse } from './introspection-response.ts';

interface Dependencies {
  issuer: string;
  /** How many trusted proxies are in front of the server. */
  trustProxy: number;
  certificateOf: ReadCertificate;
  /** The headers of every response. */
  headers: Readonly<Record<string, string>>;
  forms: ClientForms;
  clients: ClientLookup;
  find: FindToken;
  lastUsed: LastUsed;
  subjectFor: SubjectFor;
}

/** The introspection endpoint, on both of its paths. */
export interface Introspection {
  /** The introspection response to a token's own client; `active: false` if the value is not a token. */
  describe(value: string): Promise<Record<string, unknown>>;
  /** Handles plain requests before Koa; every other request, and every refusal, goes to `otherwise`. */
  fastPath(otherwise: RequestListener): RequestListener;
  middleware: Middleware;
  /** The responses to a confidential client, in the order of the values. Lookups of a tick share the round trips. */
  describeFor(client: Client, values: readonly string[]): Promise<Record<string, unknown>[]>;
}

/** Creates the introspection endpoint. */
export function createIntrospection({
  issuer,
  trustProxy,
  certificateOf,
  headers,
  forms,
  clients,
  find,
  lastUsed,
  subjectFor,
}: Dependencies): Introspection {
  const installation = { issuer, apiResource: apiResource(issuer), subjectFor };

  const respond = ({
    token,
    client,
  }: ClientForm): FastPathResponse & { body: Record<string, unknown> } => {
    assertMayIntrospect(client);
    const body = introspectionResponse(installation, token, client);
    if (introspected.isObserved)
      introspected.publish({ kind: body.active ? token?.kind : undefined });
    if (!token || !body.active) return { body };
    if (token.grantId) lastUsed.touchGrant(token.grantId);
    if (!isNamedToken(token.kind)) return { body };
    lastUsed.touchToken(token.id);
    return { body, headers: expirationHeader(token.expiresAt) };
  };

  const describeFor: Introspection['describeFor'] = (client, values) =>
    Promise.all(values.map(async (value) => respond({ token: await find(value), client }).body));

  const fast = createFastPath(
    endpoints.introspection,
    parametersOf[endpoints.introspection] ?? {},
    headers,
    async (form, request) =>
      respond(
        await forms.parse(form, request.headers.authorization ?? '', {
          ip: () => addressOf(request, trustProxy),
          certificate: () => certificateOf(request),
        }),
      ),
  );

  return {
    async describe(value) {
      const token = await find(value);
      const client = token && (await clients(token.clientId));
      return client ? introspectionResponse(installation, token, client) : { active: false };
    },

    describeFor,

    fastPath: fast.before,

    middleware: postEndpoint(endpoints.introspection, async (ctx) => {
      const { body, headers: own } = respond(await forms.read(ctx, fast.failureOf(ctx.req)));
      if (own) ctx.set(own);
      return body;
    }),
  };
}

/** The expiry of a named token, for clients that watch it. */
function expirationHeader(expiresAt: number | null): Record<string, string> | undefined {
  const expiration = tokenExpiration(expiresAt);
  return expiration === undefined ? undefined : { [tokenExpirationHeader]: expiration };
}
