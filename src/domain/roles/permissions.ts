/** What the permissions of a role can be: the one check of every role, of the installation and of apps. */
import { OAuthError } from '../../oauth/errors.ts';
import { isPermission } from '../../oauth/permissions.ts';

/** So much can be in one role. */
export interface PermissionLimits {
  permissions: number;
  /** Names in all of them together. */
  names: number;
}

/**
 * Throws `invalid_request` for what is no permission, which would never match anything, for one that is named
 * twice, and for more than the limits.
 */
export function requirePermissions(
  permissions: readonly unknown[],
  limits: PermissionLimits,
): asserts permissions is readonly string[] {
  if (permissions.length > limits.permissions)
    throw new OAuthError(
      'invalid_request',
      `A role has at most ${limits.permissions} permissions.`,
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
      `The permissions of a role have at most ${limits.names} names in them, all together.`,
      { parameter: 'permissions' },
    );
  if (new Set(permissions).size < permissions.length)
    throw new OAuthError('invalid_request', 'A permission is named twice.', {
      parameter: 'permissions',
    });
}

function requirePermission(permission: unknown, index: number): void {
  if (isPermission(permission)) return;
  const text = String(permission).slice(0, 100);
  const hint = looksLikeScope(text)
    ? ` Scopes have colons, permissions have dots: ${text.replaceAll(':', '.')}.`
    : '';
  throw new OAuthError(
    'invalid_request',
    `${JSON.stringify(text)} is no permission: it has parts with dots between them, such as things.read, things.* or things.read|write.${hint}`,
    { parameter: `permissions[${index}]` },
  );
}

const looksLikeScope = (text: string): boolean => isPermission(text.replaceAll(':', '.'));
