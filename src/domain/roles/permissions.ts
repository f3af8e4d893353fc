/** Validates the permissions of roles, both of the installation and of apps. */
import { OAuthError } from '../../oauth/errors.ts';
import { isPermission } from '../../oauth/permissions.ts';

/** Maximum size of a role. */
export interface PermissionLimits {
  permissions: number;
  /** Names in all permissions together. */
  names: number;
}

/**
 * Throws `invalid_request` for malformed permissions, which could never match, for a duplicate, and for more than
 * the limits.
 */
export function requirePermissions(
  permissions: readonly unknown[],
  limits: PermissionLimits,
): asserts permissions is readonly string[] {
  if (permissions.length > limits.permissions)
    throw new OAuthError(
      'invalid_request',
      `A role can have at most ${limits.permissions} permissions.`,
      { parameter: 'permissions' },
    );
  requireWellFormed(permissions);
  const names = permissions.reduce<number>(
    (sum, text) => sum + String(text).split(/[.|]/).length,
    0,
  );
  if (names > limits.names)
    throw new OAuthError(
      'invalid_request',
      `The permissions of a role can contain at most ${limits.names} names in total.`,
      { parameter: 'permissions' },
    );
  if (new Set(permissions).size < permissions.length)
    throw new OAuthError('invalid_request', 'A permission is listed twice.', {
      parameter: 'permissions',
    });
}

/** Throws one error that names every malformed permission. */
function requireWellFormed(permissions: readonly unknown[]): void {
  const wrong = permissions.flatMap((permission, index) =>
    isPermission(permission) ? [] : [{ index, sentence: problemOf(String(permission)) }],
  );
  if (wrong.length === 0) return;
  // The syntax is explained once, after the last of them.
  const details = wrong.map(({ index, sentence }, place) => ({
    parameter: `permissions[${index}]`,
    message: place === wrong.length - 1 ? `${sentence} ${syntax}` : sentence,
  }));
  throw new OAuthError('invalid_request', details.map(({ message }) => message).join(' '), {
    details,
  });
}

const syntax =
  'A permission is names separated by dots, such as things.read, things.* or things.read|write.';

function problemOf(permission: string): string {
  const text = permission.slice(0, 100);
  const hint = looksLikeScope(text)
    ? ` Scopes have colons, permissions have dots: use ${text.replaceAll(':', '.')}.`
    : '';
  return `${JSON.stringify(text)} is not a permission.${hint}`;
}

const looksLikeScope = (text: string): boolean => isPermission(text.replaceAll(':', '.'));
