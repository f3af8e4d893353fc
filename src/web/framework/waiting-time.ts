import type { Context } from 'koa';
import { numberOf } from '../../../views/components/time.ts';
import { en, type Messages } from '../../../views/messages/en.ts';

/** Seconds in words: "40 seconds", "3 minutes", "2 hours". */
export function waitingTime(seconds: number, messages: Pick<Messages, 'code'> = en): string {
  if (seconds < 90) return numberOf('second', Math.max(1, Math.ceil(seconds)), messages);
  return seconds < 90 * 60
    ? numberOf('minute', Math.ceil(seconds / 60), messages)
    : numberOf('hour', Math.ceil(seconds / 3600), messages);
}

/** What a page says after too many attempts; sets `Retry-After`, in seconds. */
export function tooManyAttempts(
  ctx: Context,
  { retryAfter }: { retryAfter: number },
  messages: Pick<Messages, 'code' | 'problems'> = en,
): string {
  ctx.set('Retry-After', String(retryAfter));
  return messages.problems.tooManyAttempts(waitingTime(retryAfter, messages));
}
