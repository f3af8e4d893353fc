/**
 * THE RATE LIMIT FIELDS of an answer (draft-ietf-httpapi-ratelimit-headers-10): `RateLimit-Policy` says how
 * many calls within how many seconds, `RateLimit` how many remain and when the period is over. A 429
 * (RFC 6585 §4) also has `Retry-After`.
 */
import type { Context } from 'koa';
import { OAuthError } from '../oauth/errors.ts';

/** One limit and what is left of it; `seconds` until its period is over. */
export interface RateLimitState {
  policy: { name: string; points: number; seconds: number };
  remaining: number;
  seconds: number;
}

/** Sets the fields. Where several limits count a request, the one with the least left is told. */
export function tellRateLimit(ctx: Context, state: RateLimitState | undefined): void {
  if (!state) return;
  const told = ctx.state['rateLimit'] as RateLimitState | undefined;
  if (told && told.remaining <= state.remaining) return;
  ctx.state['rateLimit'] = state;
  const { name, points, seconds } = state.policy;
  ctx.set('RateLimit-Policy', `"${name}";q=${points};w=${seconds}`);
  ctx.set('RateLimit', `"${name}";r=${state.remaining};t=${state.seconds}`);
}

/** The error for a limit that is reached, with its fields; `policy` where it is one of those of requests. */
export function tooManyRequests(
  ctx: Context,
  { retryAfter, policy }: { retryAfter: number; policy?: RateLimitState['policy'] | undefined },
): OAuthError {
  ctx.set('Retry-After', String(retryAfter));
  if (policy) tellRateLimit(ctx, { policy, remaining: 0, seconds: retryAfter });
  return new OAuthError(
    'too_many_requests',
    `Too many requests. Try again in ${retryAfter} seconds.`,
    { reason: policy ? `the limit ${policy.name} is reached` : 'a limit is reached' },
  );
}
