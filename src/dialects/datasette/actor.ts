/** `dclient actor` and `dclient auth status`: whom a token stands for. */
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
  /** Whom the token of a request stands for; undefined without a token, or with one that is not active or not for Datasette. */
  const callerOf = async (ctx: Context): Promise<Principal | undefined> => {
    const value = bearerIn(ctx.get('authorization'));
    const principal = value === undefined ? undefined : await findPrincipal(value, 'self');
    if (!principal?.token.audience?.includes(datasetteResource)) return undefined;
    if (principal.token.grantId) lastUsed.touchGrant(principal.token.grantId);
    return principal;
  };

  return {
    /** 200 whatever the token: Datasette has anonymous callers. */
    async actor(ctx) {
      const principal = await callerOf(ctx);
      ctx.set('Cache-Control', 'no-store');
      ctx.body = { actor: principal ? describe(principal) : null };
    },

    /** Writ has no databases: `dclient login` looks for a default one and goes on where there is none. */
    databases(ctx) {
      ctx.body = { databases: {} };
    },
  };
}

/** `token` says what kind of token it is, as `dstok` does of Datasette's own. */
const describe = ({ actor, token }: Principal) => ({
  id: actor.id,
  token: 'writ',
  ...(token.expiresAt !== null && { token_expires: Math.floor(token.expiresAt) }),
});
