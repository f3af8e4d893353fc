import { defaultAppPolicy } from '../../../config/apps.ts';
import { reservedClientIdPrefix } from '../../../config/clients.ts';
import type { Database } from '../../../db/database.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { getsIdTokens } from '../clients/client-types.ts';
import type { ClientRegistry } from '../clients/clients.ts';
import { defaultIdTokenAlg } from '../keys/signing-keys.ts';
import {
  defaultPersonalPolicy,
  defaultSelfRegisteredPolicy,
  type Resources,
} from '../resources/resources.ts';
import type { Roles } from '../roles/roles.ts';
import { serverActor } from '../roles/server-actor.ts';

/** Identifiers and secrets of the sample data, shown by the first start. */
export interface Sample {
  resource: string;
  app: { clientId: string; secret: string };
  resourceServer: { clientId: string; secret: string };
  /** A public client with the device grant (RFC 8628). */
  commandLine: { clientId: string };
}

/** The API of the sample data; the example API of an embedded server implements it. */
export const sampleResource = 'https://api.example.com';

const editor = 'editor';

/**
 * Roles of the first administrator for the sample API, so that their first token can call it. Empty if the sample
 * data was never created or its role was deleted.
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
 * Creates the sample data: an API, two roles, a client with one of them, a client for the API's server, and a
 * command line client for people. Skipped if any client has been created before, even if it was deleted since.
 * Returns the credentials.
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
    description: 'Can see everything',
    permissions: ['things.read'],
  });
  await roles.set(serverActor, {
    name: editor,
    description: 'Can see and change everything',
    permissions: ['things.read', 'things.write'],
  });
  return database.kysely.transaction().execute(async (transaction) => {
    await resources.create(
      {
        identifier: sampleResource,
        name: 'Sample API',
        scopes: [
          { name: 'things:read', description: 'See your things' },
          { name: 'things:write', description: 'Create, change and delete your things' },
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
        selfRegisteredPolicy: defaultSelfRegisteredPolicy,
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
      if (!secret) throw new Error('a confidential client must have a secret');
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

/** Disables sample clients of an older version, whose ids are public. Returns their ids. */
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
