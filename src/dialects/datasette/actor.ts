/** `dclient actor` and `dclient auth status`: who a token belongs to. */
import type { Context } from 'koa';
import type { LastUsed } from '../../domain/tokens/last-used.ts';
import type { FindPrincipal, Principal } from '../../domain/tokens/principal.ts';
import { bearerIn } from '../../http/authorization.ts';
import type { Handler } from '../framework/dialect.ts';
import { datasetteResource } from './resource.ts';

export interface ActorDependencies {
  findPrincipal: FindPrincipal;
  lastUsed: Pick<LastUsed, 'touchGrant'>;
}

export function createActorHandlers({
  findPrincipal,
  lastUsed,
}: ActorDependencies): Record<'actor' | 'databases', Handler> {
  /** The principal of a request; undefined without a token, or if it is not active or not for Datasette. */
  const callerOf = async (ctx: Context): Promise<Principal | undefined> => {
    const value = bearerIn(ctx.get('authorization'));
    const principal = value === undefined ? undefined : await findPrincipal(value, 'self');
    if (!principal?.token.audience?.includes(datasetteResource)) return undefined;
    if (principal.token.grantId) lastUsed.touchGrant(principal.token.grantId);
    return principal;
  };

  return {
    /** Always 200: Datasette has anonymous callers. */
    async actor(ctx) {
      const principal = await callerOf(ctx);
      ctx.set('Cache-Control', 'no-store');
      ctx.body = { actor: principal ? describeActor(principal) : null };
    },

    /** Writ has no databases. `dclient login` looks for a default one and continues without it. */
    databases(ctx) {
      ctx.body = { databases: {} };
    },
  };
}

/** `token` is the kind of token, as `dstok` is for Datasette's own. */
const describeActor = ({ actor, token }: Principal) => ({
  id: actor.id,
  token: 'writ',
  ...(token.expiresAt !== null && { token_expires: Math.floor(token.expiresAt) }),
});
