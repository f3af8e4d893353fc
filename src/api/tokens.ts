import type Router from '@koa/router';
import { entitlementsOf } from '../domain/entitlements.ts';
import type { TokenLookup, TokenState } from '../domain/tokens/lookup.ts';
import type { EndToken } from '../domain/tokens/revocation.ts';
import { parsePublicId, publicId } from '../domain/tokens/value.ts';
import { OAuthError } from '../oauth/errors.ts';
import type { Authenticate } from './authenticate.ts';
import { pathParameter } from './input.ts';

interface Dependencies {
  authenticate: Authenticate;
  lookup: TokenLookup;
  end: EndToken;
}

/** `/tokens/:id`: what a token is, and its end, by the public id: whoever asks need not have its value. */
export function tokenRoutes(router: Router, { authenticate, lookup, end }: Dependencies): void {
  const found = async (id: string): Promise<TokenState> => {
    const place = parsePublicId(id);
    const state = place && (await lookup(place));
    if (!state) throw new OAuthError('not_found', `There is no token ${id}.`);
    return state;
  };

  router.get('/tokens/:id', async (ctx) => {
    await authenticate(ctx, 'tokens:read');
    ctx.body = describe(await found(pathParameter(ctx, 'id')));
  });

  router.delete('/tokens/:id', async (ctx) => {
    await authenticate(ctx, 'tokens:write');
    await end(await found(pathParameter(ctx, 'id')));
    ctx.status = 204;
  });
}

const time = (seconds: number | null) =>
  seconds === null ? null : new Date(seconds * 1000).toISOString();

const describe = (state: TokenState): object => ({
  id: publicId(state.id),
  kind: state.kind,
  format: state.kid ? 'jwt' : 'opaque',
  active: state.alive && !state.consumed,
  name: state.name,
  client_id: state.clientId,
  account_id: state.accountId,
  grant_id: state.grantId,
  scope: state.scope,
  audience: state.audience,
  ...entitlementsOf(state.roles),
  issued_at: time(state.issuedAt),
  expires_at: time(state.expiresAt),
});
