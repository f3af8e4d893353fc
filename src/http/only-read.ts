import type { Context } from 'koa';

const readers = new WeakSet<Context['req']>();

/** Says of a request that it changed nothing and looked for no change, although its method could have. */
export const tellOnlyRead = (ctx: Context): void => void readers.add(ctx.req);

/** Whether that was said. */
export const hasOnlyRead = (ctx: Context): boolean => readers.has(ctx.req);
