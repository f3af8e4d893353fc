import type { Context } from 'koa';

/** Seconds in words: "40 seconds", "3 minutes", "2 hours". */
export function waitingTime(seconds: number): string {
  const [number, unit] =
    seconds < 90
      ? [Math.max(1, Math.ceil(seconds)), 'second']
      : seconds < 90 * 60
        ? [Math.ceil(seconds / 60), 'minute']
        : [Math.ceil(seconds / 3600), 'hour'];
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}

/** What a page says after too many attempts; sets `Retry-After`, in seconds. */
export function tooManyAttempts(ctx: Context, { retryAfter }: { retryAfter: number }): string {
  ctx.set('Retry-After', String(retryAfter));
  return `Too many attempts. Try again in ${waitingTime(retryAfter)}.`;
}
