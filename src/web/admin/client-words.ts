import { isPublic } from '../../domain/clients/client-types.ts';
import type { ClientDescription } from '../../domain/clients/store.ts';
import { grantTypes } from '../../oauth/grant-types.ts';

/** What kind of program a client is, by what it can do. */
export function kindOf({ metadata, resource_server_for: served }: ClientDescription): string {
  const grants = (metadata['grant_types'] ?? []) as string[];
  if (grants.includes(grantTypes.deviceCode)) return 'Device or command line';
  if (grants.includes(grantTypes.authorizationCode))
    return isPublic(metadata) ? 'Website or app without a secret' : 'Website with a server';
  return served.length > 0 ? 'API' : 'Service';
}
