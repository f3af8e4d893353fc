import type { ConnectShown } from '../../../views/components/connect.ts';
import { type AppClient, isConfidentialKind, type OpenResource } from '../../domain/apps/types.ts';
import { type Connecting, envLines } from './snippets/connecting.ts';
import { deviceByCurl, tokenByCurl, tokenInShell } from './snippets/curl.ts';
import { goCode } from './snippets/go.ts';
import { nodeCode } from './snippets/node.ts';
import { pythonCode } from './snippets/python.ts';

/** What connects a client to an API, with every scope of the API. `secret` is known only when it is new. */
export function connectShown(
  issuer: string,
  client: Pick<AppClient, 'clientId' | 'kind' | 'redirectUris'>,
  resource: OpenResource,
  secret?: string,
): ConnectShown {
  const { clientId, kind } = client;
  const scope = resource.scopes.map(({ name }) => name).join(' ');
  const connecting: Connecting = {
    issuer,
    clientId,
    kind,
    secret,
    scope: staysSignedIn(kind) ? [scope, 'offline_access'].filter(Boolean).join(' ') : scope,
    ...(!resource.isDefault && { resource: resource.identifier }),
    redirectUri: client.redirectUris[0],
  };
  return {
    resource: resource.identifier,
    scope,
    snippets: {
      ...(isConfidentialKind(kind) && { env: envLines(connecting) }),
      ...(kind === 'server' && { curl: tokenByCurl(connecting), shell: tokenInShell(connecting) }),
      ...(kind === 'device' && { device: deviceByCurl(connecting) }),
      node: nodeCode(connecting),
      python: pythonCode(connecting),
      go: goCode(connecting),
    },
  };
}

/** Whether the program gets a refresh token. A website without a server forgets its tokens with its tab. */
const staysSignedIn = (kind: AppClient['kind']): boolean =>
  kind === 'website_with_server' || kind === 'native' || kind === 'device';
