/** REVOCATION (RFC 7009) of tokens of every kind and format. */
import type { Middleware } from 'koa';
import type { RevokeWithGrant } from '../domain/tokens/revocation.ts';
import { endpoints } from '../oauth/paths.ts';
import { type ClientForms, postEndpoint } from './client-form.ts';

/**
 * Revokes a token on behalf of the client that it was issued to (RFC 7009 §2). Any other value also gets 200: an
 * inactive token needs no revocation, and a client must not learn whether another client's token exists. Browser apps
 * can call this from any origin (§2.3); see `http/cors.ts`.
 */
export function createRevocation({
  forms,
  revokeWithGrant,
}: {
  forms: ClientForms;
  revokeWithGrant: RevokeWithGrant;
}): Middleware {
  return postEndpoint(endpoints.revocation, async (ctx) => {
    const { token, client } = await forms.read(ctx);
    if (token?.client === client.id)
      await revokeWithGrant(token, { kind: 'client', id: client.clientId, ip: ctx.ip });
    // RFC 7009 §2.2 ignores the body, but some libraries parse it as JSON.
    return {};
  });
}
