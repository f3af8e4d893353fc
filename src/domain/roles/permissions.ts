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
 * Throws `invalid_request` for a malformed permission, which could never match, for a duplicate, and for more than
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
  permissions.forEach(requirePermission);
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

function requirePermission(permission: unknown, index: number): void {
  if (isPermission(permission)) return;
  const text = String(permission).slice(0, 100);
  const hint = looksLikeScope(text)
    ? ` Scopes have colons, permissions have dots: use ${text.replaceAll(':', '.')}.`
    : '';
  throw new OAuthError(
    'invalid_request',
    `${JSON.stringify(text)} is not a permission. A permission is parts separated by dots, such as things.read, things.* or things.read|write.${hint}`,
    { parameter: `permissions[${index}]` },
  );
}

const looksLikeScope = (text: string): boolean => isPermission(text.replaceAll(':', '.'));
