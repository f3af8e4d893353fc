import type { Context } from 'koa';

/**
 * Forwards a request to one of Writ's own endpoints and restores the path afterwards, because the log names the path
 * that the client called.
 */
export async function forward(
  ctx: Context,
  path: string,
  next: () => Promise<unknown>,
): Promise<void> {
  const { path: called } = ctx;
  ctx.path = path;
  try {
    await next();
  } finally {
    ctx.path = called;
  }
}
