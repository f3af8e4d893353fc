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
 * Runs what a request asks for as the bearer of its token. That is a client of an app, with the token that it got by
 * this dialect: it has to do with its own app, as its role permits. Or it is the bearer of a token for Writ's own API
 * with the scope that the native operation needs. A person's token for the dialect's resource is refused: the person
 * let an app use the API, and not change apps.
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
    if (!isClientOfApp(principal) && !(await opensApi(await findPrincipal(value), scope)))
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

/** An API token that a client gave one of its users is not the client. */
const isClientOfApp = ({ token, appActor }: Principal): boolean =>
  appActor.kind === 'client' &&
  !isNamedToken(token.kind) &&
  token.audience?.includes(squidexResource) === true;

/** As at `/api/v1`: an API key of a client opens the operations on tokens only. */
const opensApi = (principal: Principal | undefined, scope: string): boolean =>
  principal?.scopes.has(scope) === true && principal.tokenActor.kind !== 'client';
