import { reservedClientIdPrefix } from '../../config/clients.ts';
import type { Database } from '../../db/database.ts';
import type { ClientRegistry } from './clients/registry.ts';
import type { Resources } from './resources.ts';
import type { Roles } from './roles.ts';

/** What the first start shows, so that the next step can be pasted. */
export interface Sample {
  resource: string;
  app: { clientId: string; secret: string };
  resourceServer: { clientId: string; secret: string };
}

const resource = 'https://api.example.com';

interface Dependencies {
  database: Database;
  resources: Resources;
  roles: Roles;
  clients: ClientRegistry;
}

/**
 * Makes an API to try things on, two roles, a client with one of them, and the server of the API.
 * Only where nobody has made a client yet; a deleted one leaves its row, so the sample comes once.
 */
export async function ensureSample({
  database,
  resources,
  roles,
  clients,
}: Dependencies): Promise<Sample | undefined> {
  const used = await database.kysely
    .selectFrom('client')
    .select('id')
    .where('client_id', 'not like', `${reservedClientIdPrefix}%`)
    .limit(1)
    .executeTakeFirst();
  if (used) return undefined;
  await roles.set({
    name: 'reader',
    description: 'Sees everything, changes nothing',
    permissions: ['things.read'],
  });
  await roles.set({
    name: 'editor',
    description: 'Sees and changes everything',
    permissions: ['things.read', 'things.write'],
  });
  return database.kysely.transaction().execute(async (transaction) => {
    await resources.create(
      {
        identifier: resource,
        name: 'Sample API',
        scopes: [
          { name: 'things:read', description: 'See your things' },
          { name: 'things:write', description: 'Make, change and delete your things' },
        ],
        tokenFormat: 'opaque',
        signingAlg: 'ES256',
        accessTokenTtl: null,
        isDefault: true,
      },
      transaction,
    );
    const create = async (
      clientId: string,
      name: string,
      rest: { grantTypes: string[]; roles?: string[]; resourceServerFor?: string[] },
    ) => {
      const { secret } = await clients.create(
        {
          clientId,
          sample: true,
          metadata: {
            client_name: name,
            grant_types: rest.grantTypes,
            response_types: [],
            redirect_uris: [],
            token_endpoint_auth_method: 'client_secret_basic',
          },
          roles: rest.roles ?? [],
          resourceServerFor: rest.resourceServerFor ?? [],
        },
        transaction,
      );
      if (!secret) throw new Error('a confidential client has a secret');
      return { clientId, secret: secret.value };
    };
    return {
      resource,
      app: await create('sample-app', 'Sample app', {
        grantTypes: ['client_credentials'],
        roles: ['reader'],
      }),
      resourceServer: await create('sample-api', 'Sample API server', {
        grantTypes: [],
        resourceServerFor: [resource],
      }),
    };
  });
}
