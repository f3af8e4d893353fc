import type { ConnectShown } from '../../../views/components/connect.ts';
import { type AppClient, isConfidentialKind, type OpenResource } from '../../domain/apps/types.ts';
import {
  type Connecting,
  deviceByCurl,
  envLines,
  nodeCode,
  tokenByCurl,
  tokenInShell,
} from './snippets.ts';

/** What connects a client with an API, filled in with all that the API can be asked for. */
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
      ...(kind === 'server' && {
        curl: tokenByCurl(connecting),
        shell: tokenInShell(connecting),
      }),
      ...(kind === 'device' && { device: deviceByCurl(connecting) }),
      node: nodeCode(connecting),
    },
  };
}

/** Whether a program keeps people signed in, by a refresh token: a website forgets it with its tab. */
const staysSignedIn = (kind: AppClient['kind']): boolean => kind === 'native' || kind === 'device';
