/** REVOCATION (RFC 7009) of tokens of every kind and format. */
import type { RequestListener } from 'node:http';
import type { Middleware } from 'koa';
import { currentWait } from '../../db/deadline.ts';
import { isClientUrl } from '../domain/clients/documents/client-urls.ts';
import type { RevokeWithGrant } from '../domain/tokens/revocation.ts';
import { addressOf } from '../http/access-log.ts';
import type { ReadCertificate } from '../http/client-certificate.ts';
import { parametersOf } from '../oauth/parameters.ts';
import { endpoints } from '../oauth/paths.ts';
import { readCredentials } from './client-authentication.ts';
import { type ClientForm, type ClientForms, postEndpoint } from './client-form.ts';
import { createFastPath } from './fast-path.ts';

interface Dependencies {
  /** How many trusted proxies are in front of the server. */
  trustProxy: number;
  certificateOf: ReadCertificate;
  /** The headers of every response. */
  headers: Readonly<Record<string, string>>;
  forms: ClientForms;
  revokeWithGrant: RevokeWithGrant;
  /** Waits as a write does (`Database.confirm`). */
  confirm: () => Promise<void>;
}

/** The revocation endpoint, on both of its paths. */
export interface Revocation {
  /** Handles plain requests before Koa; every other request, and every refusal, goes to `otherwise`. */
  fastPath(otherwise: RequestListener): RequestListener;
  middleware: Middleware;
}

/** Thrown for requests that are not plain: whose client does not send a secret. */
const notPlain = new Error('not plain');

/**
 * Revokes a token on behalf of the client that it was issued to (RFC 7009 §2). Any other value also gets 200: an
 * inactive token needs no revocation, and a client must not learn whether another client's token exists. Browser apps
 * can call this from any origin (§2.3); see `http/cors.ts`.
 */
export function createRevocation({
  trustProxy,
  certificateOf,
  headers,
  forms,
  revokeWithGrant,
  confirm,
}: Dependencies): Revocation {
  const respond = async (
    { token, client }: ClientForm,
    ip: string | undefined,
  ): Promise<object> => {
    if (token?.client === client.id)
      await revokeWithGrant(token, { kind: 'client', id: client.clientId, ip });
    // RFC 7009 §2.2 ignores the body, but some libraries parse it as JSON.
    return {};
  };

  const fast = createFastPath(
    endpoints.revocation,
    parametersOf[endpoints.revocation] ?? {},
    headers,
    async (form, request) => {
      const authorization = request.headers.authorization ?? '';
      const { method, clientId } = readCredentials(authorization, form);
      // Reading a client with a document can fetch it, and counts that for the network of the request.
      if (method !== 'secret' || isClientUrl(clientId)) throw notPlain;
      const ip = addressOf(request, trustProxy);
      const posted = await forms.parse(form, authorization, {
        ip: () => ip,
        certificate: () => certificateOf(request),
      });
      const body = await respond(posted, ip);
      // A token that was revoked before may have been so by a request that is still waiting, as in `confirmChanges`.
      if (!currentWait()?.confirmed) await confirm();
      return { body };
    },
  );

  return {
    fastPath: fast.before,
    middleware: postEndpoint(endpoints.revocation, async (ctx) => {
      const failure = fast.failureOf(ctx.req);
      const form = await forms.read(ctx, failure?.reason === notPlain ? undefined : failure);
      return respond(form, ctx.ip);
    }),
  };
}
