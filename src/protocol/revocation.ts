/** REVOCATION (RFC 7009) of every kind and format of token. */
import type { Middleware } from 'koa';
import type { EndToken } from '../domain/tokens/revocation.ts';
import { endpoints } from '../oauth/paths.ts';
import { type ClientForms, postEndpoint } from './client-form.ts';

/**
 * Revokes a token for the client that it was issued to (RFC 7009 §2). Every other value gets the same answer, 200:
 * a token that is not active is as good as revoked, and what belongs to another client is none of the caller's, who
 * does not learn that it exists. Apps in browsers may call it from any origin (§2.3): `http/cors.ts`.
 */
export function createRevocation({
  forms,
  end,
}: {
  forms: ClientForms;
  end: EndToken;
}): Middleware {
  return postEndpoint(endpoints.revocation, async (ctx) => {
    const { token, client } = await forms.read(ctx);
    if (token?.client === client.id)
      await end(token, { kind: 'client', id: client.clientId, ip: ctx.ip });
    return '';
  });
}
