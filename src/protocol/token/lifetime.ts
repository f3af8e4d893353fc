import { currentScope } from '../engine/request-scope.ts';

/** When a person said that the login of a token ends, in seconds since 1970; nothing where nobody did. */
export function grantExpiry(token: unknown): number | undefined {
  const { grantId } = token as { grantId?: string };
  return grantId
    ? (currentScope()?.grants.get(grantId)?.payload['ends_at'] as number | undefined)
    : undefined;
}

/** A lifetime in seconds, or what is left of the login: no token outlives it, however often it is renewed. */
export function capAtGrantExpiry(token: unknown, lifetime: number): number {
  const end = grantExpiry(token);
  if (end === undefined) return lifetime;
  return Math.max(1, Math.min(lifetime, end - Math.floor(Date.now() / 1000)));
}
