import type { Context } from 'koa';

/**
 * Authenticates a client by the scheme Basic, as introspection does; returns its `client_id`. Throws `invalid_client` with a challenge.
 */
export type AuthenticateClient = (ctx: Context) => Promise<string>;
