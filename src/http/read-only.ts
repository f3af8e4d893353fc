import type { Context } from 'koa';

const readers = new WeakSet<Context['req']>();

/** Marks a request as read-only although its method is not safe (RFC 9110 §9.2.1). */
export const markReadOnly = (ctx: Context): void => void readers.add(ctx.req);

/** Whether `markReadOnly` was called for the request. */
export const isReadOnly = (ctx: Context): boolean => readers.has(ctx.req);
