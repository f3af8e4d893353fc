import type { Settings } from '../../config/settings.ts';
import { dialectDescriptions } from '../dialects/index.ts';
import type { ClientRegistry } from '../domain/clients/clients.ts';
import type { Resources } from '../domain/resources/resources.ts';
import { serverActor } from '../domain/roles/server-actor.ts';
import { OAuthError } from '../oauth/errors.ts';
import { grantTypes } from '../oauth/grant-types.ts';

/**
 * Creates the resource of each dialect that is on, and its client if it has one, unless they exist. An administrator can
 * change them afterwards, so existing ones are left as they are.
 */
export async function ensureDialects(
  { DIALECTS }: Pick<Settings, 'DIALECTS'>,
  {
    resources,
    registry,
  }: {
    resources: Pick<Resources, 'find' | 'create'>;
    registry: Pick<ClientRegistry, 'find' | 'create'>;
  },
): Promise<void> {
  for (const name of DIALECTS) {
    const { resource, client } = dialectDescriptions[name];
    if (!(await resources.find(resource.identifier)))
      await unlessExists(() => resources.create(resource));
    if (client && !(await registry.find(client.clientId)))
      await unlessExists(() =>
        registry.create(serverActor, {
          clientId: client.clientId,
          resources: [resource.identifier],
          metadata: {
            client_name: client.name,
            grant_types: client.deviceLifetimes ? [grantTypes.deviceCode] : [],
            response_types: [],
            redirect_uris: [],
            token_endpoint_auth_method: 'none',
            access_token_format: resource.tokenFormat,
            access_token_ttl: client.accessTokenTtl,
            ...(client.deviceLifetimes && { device_lifetimes: client.deviceLifetimes }),
          },
        }),
      );
  }
}

/** Another process can create it at the same moment. */
async function unlessExists(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof OAuthError && error.code === 'conflict')) throw error;
  }
}
