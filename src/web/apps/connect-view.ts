import type { ConnectShown } from '../../../views/components/connect.ts';
import {
  type AppClient,
  type AppRole,
  isConfidentialKind,
  type OpenResource,
  signsPeopleIn,
} from '../../domain/apps/types.ts';
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { allows, isPermission } from '../../oauth/permissions.ts';
import { type Connecting, envLines } from './snippets/connecting.ts';
import { deviceByCurl, tokenByCurl, tokenInShell } from './snippets/curl.ts';
import { goCode } from './snippets/go.ts';
import { nodeCode } from './snippets/node.ts';
import { pythonCode } from './snippets/python.ts';

/**
 * What connects a client to an API, with the scopes of the API that the role of the client permits. `secret` is known
 * only when it is new.
 */
export function connectShown(
  issuer: string,
  client: Pick<AppClient, 'clientId' | 'kind' | 'redirectUris' | 'role'>,
  resource: Pick<OpenResource, 'identifier' | 'scopes' | 'isDefault'>,
  roles: readonly AppRole[],
  secret?: string,
): ConnectShown {
  const { clientId, kind } = client;
  const scope = permittedScope(resource, roleNamed(roles, client.role));
  const connecting: Connecting = {
    issuer,
    clientId,
    kind,
    secret,
    scope: [scope, staysSignedIn(kind) && 'offline_access'].filter(Boolean).join(' ') || undefined,
    ...(!resource.isDefault && { resource: resource.identifier }),
    redirectUri: client.redirectUris[0],
  };
  return {
    resource: resource.identifier,
    scope,
    snippets: {
      ...(isConfidentialKind(kind) && { env: envLines(connecting) }),
      ...(isConfidentialKind(kind) &&
        !signsPeopleIn(kind) && { curl: tokenByCurl(connecting), shell: tokenInShell(connecting) }),
      ...(kind === 'device' && { device: deviceByCurl(connecting) }),
      node: nodeCode(connecting),
      python: pythonCode(connecting),
      go: goCode(connecting),
    },
  };
}

const roleNamed = (roles: readonly AppRole[], name: string) =>
  roles.find((role) => role.name === name);

/** Whether a role permits what a scope is for, if its form tells that: `things:write` is for `things.write`. */
const permits = ({ permissions }: AppRole, scope: string): boolean => {
  const permission = scope.replaceAll(':', '.');
  return !scope.includes(':') || !isPermission(permission) || allows(permissions, permission);
};

/**
 * The scopes of an API that a role permits, separated by spaces; all of them if it permits none, since the permissions of
 * that API then do not follow its scopes.
 */
export function permittedScope(
  { scopes }: Pick<OpenResource, 'scopes'>,
  role: AppRole | undefined,
): string {
  const all = scopes.map(({ name }) => name);
  const permitted = role ? all.filter((name) => permits(role, name)) : all;
  return (permitted.length > 0 ? permitted : all).join(' ');
}

/** Whether the program gets a refresh token. A website without a server forgets its tokens with its tab. */
const staysSignedIn = (kind: AppClient['kind']): boolean =>
  kind === 'website_with_server' || kind === 'native' || kind === 'device';

/** The ticked scopes, in the order of the resource. Throws `invalid_request` if there are scopes and none is ticked. */
export function scopeIn(form: Form, { scopes }: Pick<OpenResource, 'scopes'>): string {
  const ticked = scopes.map(({ name }) => name).filter((name) => form[`scope:${name}`]);
  if (scopes.length > 0 && ticked.length === 0)
    throw new OAuthError('invalid_request', 'Choose at least one scope.', {
      parameter: 'scope',
    });
  return ticked.join(' ');
}
