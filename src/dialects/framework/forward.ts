import type { Context } from 'koa';

/**
 * Hands a request to one of Writ's own endpoints, as if it had come to that path, and restores the path afterwards: a
 * log line names the path that the client called.
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
