/** THE CALLER: the bearer of a token for Speckle's resource, or an anonymous caller. */
import type { Context } from 'koa';
import type { FindPrincipal, Principal } from '../../domain/tokens/principal.ts';
import { rememberAccount, rememberClient } from '../../http/access-log.ts';
import { queryValue } from '../../http/form.ts';
import type { Handler } from '../framework/dialect.ts';
import { credentialIn } from './credential.ts';
import { refuseToken } from './errors.ts';
import { readEmbed } from './limits.ts';

/** The bearer of an active token for Speckle's resource. */
export interface Caller {
  principal: Principal;
  /** The account of the token; null for a client. */
  accountId: string | null;
  /** The scopes of Speckle's resource. */
  scopes: ReadonlySet<string>;
}

/** A caller with the token of a person. */
export type Person = Caller & { accountId: string };

/** Handles a request whose token, if it has one, is active. */
export type SpeckleHandler = (
  ctx: Context,
  caller: Caller | undefined,
  ...rest: Parameters<Handler> extends [Context, ...infer Rest] ? Rest : never
) => unknown;

/**
 * Reads the token before every handler, as Speckle does: from the header, or from `?embedToken=`, which accepts only embed
 * tokens because URLs are logged and shared. A request without a token is anonymous. Throws `invalid_token` with Speckle's
 * message if the token is not active or for another resource.
 */
export const createIdentify =
  ({ findPrincipal, resource }: { findPrincipal: FindPrincipal; resource: string }) =>
  (handle: SpeckleHandler): Handler =>
  async (ctx, ...rest) => {
    const header = credentialIn(ctx.get('authorization'));
    const value = header ?? credentialIn(queryValue(ctx, 'embedToken') ?? '');
    if (value === undefined) return handle(ctx, undefined, ...rest);
    const principal = await findPrincipal(value, 'self');
    if (!principal?.token.audience?.includes(resource)) throw refuseToken();
    if (header === undefined && !readEmbed(principal.token)) throw refuseToken();
    const { accountId } = principal.token;
    rememberClient(ctx, principal.clientId);
    rememberAccount(ctx, accountId ?? undefined);
    return handle(ctx, { principal, accountId, scopes: principal.scopes }, ...rest);
  };
