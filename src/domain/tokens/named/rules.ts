/** Rules that named tokens of all kinds share. */
import { operatorClientId } from '../../../../config/clients.ts';
import { tokenLimits } from '../../../../config/tokens.ts';
import type { Connection } from '../../../../db/schema.ts';
import { OAuthError, parameterError } from '../../../oauth/errors.ts';
import { displayName } from '../../names/display-names.ts';
import { requireMayManageAccount } from '../../roles/rules.ts';
import { serverActor } from '../../roles/server-actor.ts';
import { publicId } from '../value.ts';
import type { ShownToken, TokenActor } from './types.ts';

/**
 * Throws `access_denied` for the operator's key unless the actor presented it. It is the last resort to repair an
 * installation, so no one else can revoke it.
 */
export function requireNotOperatorKey(
  actor: TokenActor,
  { id, clientId }: Pick<ShownToken, 'id' | 'clientId'>,
): void {
  const isOwn = actor.kind === 'operator' && actor.tokenId === publicId(id);
  if (clientId === operatorClientId && !isOwn)
    throw new OAuthError(
      'access_denied',
      'The operator’s key can be revoked only by a request that presents it.',
    );
}

/**
 * Throws `access_denied` unless the actor is allowed to manage the person of a token or, if it has none, to manage tokens:
 * with `tokens:revoke` alone only tokens of people are within reach. An API key reaches only tokens that it can manage.
 */
export async function requireMayRevoke(
  connection: Connection,
  actor: TokenActor,
  { accountId }: Pick<ShownToken, 'accountId'>,
): Promise<void> {
  if (actor.kind === 'client') return;
  const { manager } = actor;
  if (accountId !== null) return requireMayManageAccount(connection, manager, accountId);
  if (manager !== serverActor && !manager.scopes.has('tokens:write'))
    throw new OAuthError(
      'access_denied',
      'Only a caller that has the scope tokens:write can revoke tokens that belong to no person.',
    );
}

/** The syntax of a subject's type, such as `user` or `device`. */
export const subjectType = /^[a-z][a-z0-9_-]{0,31}$/;

/** Validates and normalizes the name of a token; the name `before` is always accepted. Throws `invalid_request`. */
export const requireName = (text: string, before?: string | null): string =>
  displayName(text, { parameter: 'name', maxLength: tokenLimits.name, before });

/** RFC 3339 has years of four digits only. */
const latestExpiry = Date.UTC(10_000);

/**
 * Validates an expiry; null or undefined means never. `maxTtl` is in seconds; null for no limit. Throws
 * `invalid_request` if the time is in the past or beyond the limit.
 */
export function requireExpiry(
  expiresAt: Date | null | undefined,
  maxTtl: number | null,
): Date | null {
  const time = expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (expiresAt && !(time > Date.now() && time < latestExpiry))
    throw expiryError('must be a time in the future.');
  if (maxTtl !== null && time > Date.now() + maxTtl * 1000)
    throw expiryError(
      expiresAt
        ? `must be at most ${daysOf(maxTtl)} from now.`
        : `is required, at most ${daysOf(maxTtl)} from now.`,
    );
  return expiresAt ?? null;
}

const expiryError = (message: string) => parameterError('invalid_request', 'expires_at', message);

const day = 86_400;

const daysOf = (seconds: number): string =>
  seconds % day === 0 ? `${seconds / day} ${seconds === day ? 'day' : 'days'}` : `${seconds} s`;

/** Narrows a scope, keeping its order. Throws `access_denied` if anything is added. */
export function narrowScope(scope: string[], before: string[]): string[] {
  const added = scope.filter((name) => !before.includes(name));
  if (added.length > 0)
    throw new OAuthError(
      'access_denied',
      `A token cannot gain scopes. Create a new token for ${added.join(' ')}.`,
      { parameter: 'scope' },
    );
  return before.filter((name) => scope.includes(name));
}
