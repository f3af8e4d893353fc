import { defaultAppPolicy } from '../../../config/apps.ts';
import { reservedClientIdPrefix } from '../../../config/clients.ts';
import type { Database } from '../../../db/database.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { getsIdTokens } from '../clients/client-types.ts';
import type { ClientRegistry } from '../clients/clients.ts';
import { defaultIdTokenAlg } from '../keys/signing-keys.ts';
import { defaultPersonalPolicy, type Resources } from '../resources/resources.ts';
import type { Roles } from '../roles/roles.ts';
import { serverActor } from '../roles/server-actor.ts';

/** What the first start shows, so that the next step can be pasted. */
export interface Sample {
  resource: string;
  app: { clientId: string; secret: string };
  resourceServer: { clientId: string; secret: string };
  /** A public client that people log in by a code (RFC 8628). */
  commandLine: { clientId: string };
}

/** The API that the sample is about; the example API of an embedded server answers for it. */
export const sampleResource = 'https://api.example.com';

const editor = 'editor';

/**
 * What the first administrator may do at the sample API, so that a first token of their own opens it:
 * nothing where the sample was never made, or its role is gone.
 */
export const sampleRoles = async (roles: Pick<Roles, 'named'>): Promise<string[]> =>
  (await roles.named([editor])).map(({ name }) => name);

interface Dependencies {
  database: Database;
  resources: Resources;
  roles: Roles;
  clients: ClientRegistry;
}

/**
 * Makes an API to try things on, two roles, a client with one of them, the server of the API, and a
 * command line for people.
 * Only where nobody has made a client yet; a deleted one leaves its row, so the sample comes once.
 */
export async function seedSampleData({
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
  await roles.set(serverActor, {
    name: 'reader',
    description: 'Sees everything, changes nothing',
    permissions: ['things.read'],
  });
  await roles.set(serverActor, {
    name: editor,
    description: 'Sees and changes everything',
    permissions: ['things.read', 'things.write'],
  });
  return database.kysely.transaction().execute(async (transaction) => {
    await resources.create(
      {
        identifier: sampleResource,
        name: 'Sample API',
        scopes: [
          { name: 'things:read', description: 'See your things' },
          { name: 'things:write', description: 'Make, change and delete your things' },
        ],
        tokenFormat: 'opaque',
        signingAlg: 'ES256',
        accessTokenTtl: null,
        isDefault: true,
        appPolicy: {
          token_formats: ['opaque', 'jwt'],
          longest_access_token_ttl: defaultAppPolicy.longestAccessTokenTtl,
        },
        personalPolicy: defaultPersonalPolicy,
        detailsTypes: [
          { type: 'thing', description: 'One thing, by its id', actions: ['read', 'write'] },
        ],
      },
      transaction,
    );
    const create = (
      clientId: string,
      name: string,
      {
        grantTypes: grants,
        authMethod = 'client_secret_basic',
        ...rights
      }: {
        grantTypes: string[];
        authMethod?: 'client_secret_basic' | 'none';
        roles?: string[];
        resourceServerFor?: string[];
      },
    ) =>
      clients.create(
        serverActor,
        {
          clientId,
          sample: true,
          metadata: {
            client_name: name,
            grant_types: grants,
            response_types: [],
            redirect_uris: [],
            token_endpoint_auth_method: authMethod,
            ...(getsIdTokens({ grant_types: grants }) && {
              id_token_signed_response_alg: defaultIdTokenAlg,
            }),
          },
          ...rights,
        },
        transaction,
      );
    const confidential = async (...given: Parameters<typeof create>) => {
      const { client, secret } = await create(...given);
      if (!secret) throw new Error('a confidential client has a secret');
      return { clientId: client.client_id, secret: secret.value };
    };
    const commandLine = await create('sample-cli', 'Sample command line', {
      grantTypes: [grantTypes.deviceCode, grantTypes.refreshToken],
      authMethod: 'none',
    });
    return {
      resource: sampleResource,
      app: await confidential('sample-app', 'Sample app', {
        grantTypes: [grantTypes.clientCredentials],
        roles: ['reader'],
      }),
      resourceServer: await confidential('sample-api', 'Sample API server', {
        grantTypes: [],
        resourceServerFor: [sampleResource],
      }),
      commandLine: { clientId: commandLine.client.client_id },
    };
  });
}

/** Disables the clients of a sample that an older version made: their ids are known to everyone. Gives the ids. */
export async function disableSampleClients({
  database,
  clients,
}: Pick<Dependencies, 'database' | 'clients'>): Promise<string[]> {
  const samples = await database.kysely
    .selectFrom('client')
    .select('client_id')
    .where('sample', '=', true)
    .where('deleted_at', 'is', null)
    .where('disabled_at', 'is', null)
    .execute();
  for (const { client_id: clientId } of samples) await clients.disable(serverActor, clientId);
  return samples.map(({ client_id: clientId }) => clientId);
}
