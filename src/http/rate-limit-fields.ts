/**
 * THE RATE LIMIT FIELDS of a response (draft-ietf-httpapi-ratelimit-headers-10): `RateLimit-Policy` states the quota and
 * its period, `RateLimit` what remains and the seconds until the period resets. A 429 (RFC 6585 §4) also has
 * `Retry-After`.
 */
import type { Context } from 'koa';
import { OAuthError } from '../oauth/errors.ts';

/** A limit and its current state; `seconds` until its period resets. */
export interface RateLimitState {
  policy: { name: string; points: number; seconds: number };
  remaining: number;
  seconds: number;
}

/** Sets the fields. If several limits count a request, the fields report the one with the least remaining. */
export function setRateLimit(ctx: Context, state: RateLimitState | undefined): void {
  if (!state) return;
  const reported = ctx.state['rateLimit'] as RateLimitState | undefined;
  if (reported && reported.remaining <= state.remaining) return;
  ctx.state['rateLimit'] = state;
  const { name, points, seconds } = state.policy;
  ctx.set('RateLimit-Policy', `"${name}";q=${points};w=${seconds}`);
  ctx.set('RateLimit', `"${name}";r=${state.remaining};t=${state.seconds}`);
}

/** Returns the error for a reached limit and sets its fields. Limits other than request limits have no `policy`. */
export function tooManyRequests(
  ctx: Context,
  { retryAfter, policy }: { retryAfter: number; policy?: RateLimitState['policy'] | undefined },
): OAuthError {
  ctx.set('Retry-After', String(retryAfter));
  if (policy) setRateLimit(ctx, { policy, remaining: 0, seconds: retryAfter });
  return new OAuthError(
    'too_many_requests',
    `Too many requests. Try again in ${retryAfter} seconds.`,
    { reason: policy ? `the limit ${policy.name} is reached` : 'a limit is reached' },
  );
}
