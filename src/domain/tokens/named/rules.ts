/** What tokens that somebody made can be like, whoever made them. */
import { operatorClientId } from '../../../../config/clients.ts';
import { tokenLimits } from '../../../../config/tokens.ts';
import { OAuthError, parameterError } from '../../../oauth/errors.ts';
import { displayName } from '../../names/display-names.ts';
import { publicId } from '../value.ts';
import type { ShownToken, TokenActor } from './types.ts';

/**
 * Without the operator's key no caller could undo what was done to it, so it ends only by a request that
 * presents it. Throws `access_denied`.
 */
export function requireNotOperatorKey(
  actor: TokenActor,
  { id, clientId }: Pick<ShownToken, 'id' | 'clientId'>,
): void {
  const isOwn = actor.kind === 'operator' && actor.tokenId === publicId(id);
  if (clientId === operatorClientId && !isOwn)
    throw new OAuthError('access_denied', 'The operator’s key belongs to Writ itself.');
}

/** What a subject is, in a word of its own system. */
export const subjectType = /^[a-z][a-z0-9_-]{0,31}$/;

/** What a token is called; the one `before` may stay. Throws `invalid_request`. */
export const requireName = (text: string, before?: string | null): string =>
  displayName(text, { parameter: 'name', maxLength: tokenLimits.name, before });

/** RFC 3339 writes years with four digits. */
const endOfTime = Date.UTC(10_000);

/**
 * When a token ends; null, or absent: never. `maxTtl` in seconds, null where there is no limit. Throws
 * `invalid_request` for what is over already, or beyond the limit.
 */
export function requireExpiry(
  expiresAt: Date | null | undefined,
  maxTtl: number | null,
): Date | null {
  const end = expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (expiresAt && !(end > Date.now() && end < endOfTime))
    throw expiryError('is not a time that is yet to come.');
  if (maxTtl !== null && end > Date.now() + maxTtl * 1000)
    throw expiryError(`such a token lives ${daysOf(maxTtl)} at most; say when it is to end.`);
  return expiresAt ?? null;
}

const expiryError = (message: string) => parameterError('invalid_request', 'expires_at', message);

const day = 86_400;

const daysOf = (seconds: number): string =>
  seconds % day === 0 ? `${seconds / day} ${seconds === day ? 'day' : 'days'}` : `${seconds} s`;

/** What is left of a scope, in the order in which it was. Throws `access_denied` where something is added. */
export function requireFewer(scope: string[], before: string[]): string[] {
  const added = scope.filter((name) => !before.includes(name));
  if (added.length > 0)
    throw new OAuthError(
      'access_denied',
      `A token can lose scopes, and gains none: make a new one for ${added.join(' ')}.`,
      { parameter: 'scope' },
    );
  return before.filter((name) => scope.includes(name));
}
