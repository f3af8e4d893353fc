import type { Context } from 'koa';
import type { AppActor } from '../../domain/apps/types.ts';
import { actingAs } from '../../domain/audit/actor.ts';
import type { FindPrincipal, Principal } from '../../domain/tokens/principal.ts';
import { isNamedToken } from '../../domain/tokens/value.ts';
import { bearerIn } from '../../http/authorization.ts';
import { readApiKey } from '../../oauth/api-key.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { squidexResource } from './resource.ts';

/**
 * Runs a request as the bearer of its token: either a client of an app with a token from this dialect, limited to its own
 * app and role, or the bearer of a token for Writ's own API with the scope of the equivalent operation. A person's token
 * for the dialect's resource is refused, because the person allowed an app to use the API, not to change apps.
 */
export const createActing =
  ({ findPrincipal }: { findPrincipal: FindPrincipal }) =>
  async <Result>(
    ctx: Context,
    scope: 'apps:read' | 'apps:write',
    run: (actor: AppActor) => Promise<Result>,
  ): Promise<Result> => {
    const value = presented(ctx);
    if (value === undefined) throw new OAuthError('invalid_token', 'Unauthorized');
    const principal = await findPrincipal(value, 'self');
    if (!principal) throw new OAuthError('invalid_token', 'Unauthorized');
    if (!isClientOfApp(principal) && !(await hasApiScope(await findPrincipal(value), scope)))
      throw new OAuthError('access_denied', 'Forbidden');
    return actingAs(principal.actor, () => run(principal.appActor));
  };

function presented(ctx: Context): string | undefined {
  const header = ctx.get('authorization');
  return (
    bearerIn(header) ??
    readApiKey({ authorization: header, header: (name) => ctx.get(name), query: ctx.querystring })
      ?.key
  );
}

/** An API token acts for a user of the client, not for the client itself. */
const isClientOfApp = ({ token, appActor }: Principal): boolean =>
  appActor.kind === 'client' &&
  !isNamedToken(token.kind) &&
  token.audience?.includes(squidexResource) === true;

/** As at `/api/v1`: an API key of a client can call only the operations on tokens. */
const hasApiScope = (principal: Principal | undefined, scope: string): boolean =>
  principal?.scopes.has(scope) === true && principal.tokenActor.kind !== 'client';
