import { sql } from 'kysely';
import {
  commandLineApiClientId,
  commandLineApiClientName,
  commandLineClientId,
  commandLineClientName,
  operatorClientId,
  operatorClientName,
  personalClientId,
  personalClientName,
} from '../../../config/clients.ts';
import { administratorRole, firstRoles } from '../../../config/roles.ts';
import { apiScopes, personalTokenScopes } from '../../../config/scopes.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { recordChange } from '../audit/change-feed.ts';
import { createSealedKey } from '../keys/sealed-keys.ts';
import { generateSigningKey, signingAlgs, storeSigningKey } from '../keys/signing-keys.ts';
import { defaultPersonalPolicy } from '../resources/resources.ts';
import { holderOfRole } from '../roles/roles.ts';

/**
 * Identifier of the resource that stands for Writ's own API. Its tokens give access to nothing else, and no other
 * token gives access to it.
 */
export const apiResource = (issuer: string): string => urlOf(issuer, '/api/v1');

/** Like `apiResource`, with the stored issuer. */
export async function readApiResource(connection: Connection): Promise<string> {
  const { issuer } = await connection
    .selectFrom('installation')
    .select('issuer')
    .executeTakeFirstOrThrow();
  return apiResource(issuer);
}

/** URL of the page where an invited person chooses a password. */
export const invitationUri = (issuer: string, value: string): string =>
  urlOf(issuer, `/invitation/${value}`);

/** URL of the page where a person accepts or declines an invitation to an app. */
export const appInvitationUri = (issuer: string, value: string): string =>
  urlOf(issuer, `/apps/invitations/${value}`);

/**
 * The configured issuer differs from the stored one. The issuer of an installation never changes, because tokens,
 * clients and resource servers depend on it.
 */
export class OtherIssuerError extends Error {
  constructor(stored: string, given: string) {
    super(
      `ISSUER is ${given}, but this database belongs to the issuer ${stored}. Set ISSUER=${stored}, or use another database.`,
    );
    this.name = 'OtherIssuerError';
  }
}

/**
 * A role with the name of the administrator role existed before that name had a meaning, and someone has it. They
 * would silently become administrators.
 */
export class RoleTakenError extends Error {
  constructor(holder: string) {
    super(
      `From this version on, the role ${administratorRole} lets accounts administer Writ, but ${holder} already has a role of that name. Start the previous version, assign a role with another name instead, then upgrade again.`,
    );
    this.name = 'RoleTakenError';
  }
}

/**
 * A sample client exists on an installation with a public issuer. Its credentials were printed by the first start.
 */
export class SampleCredentialsError extends Error {
  constructor(clientId: string) {
    super(
      `The issuer is public, but this database contains the sample client ${clientId}, whose credentials are not secret. Delete it first: writ clients delete ${clientId}`,
    );
    this.name = 'SampleCredentialsError';
  }
}

/**
 * Creates what every installation has: its issuer, keys, API resource, administrator role and built-in clients. Of
 * several processes that start on an empty database at the same time, one creates them. Returns true if this call
 * did. Throws OtherIssuerError and RoleTakenError.
 */
export async function ensureInstallation(
  database: Database,
  { issuer, keyring, brand = 'Writ' }: { issuer: string; keyring: Keyring; brand?: string },
): Promise<boolean> {
  const { kysely } = database;
  const stored = await kysely.selectFrom('installation').select('issuer').executeTakeFirst();
  if (stored) {
    if (stored.issuer !== issuer) throw new OtherIssuerError(stored.issuer, issuer);
    await updateApiResource(kysely, issuer, brand);
    await ensureOwnClients(kysely, issuer);
    await ensureAdministratorRole(database);
    return false;
  }
  const signingKeys = await Promise.all(signingAlgs.map(generateSigningKey));
  const created = await kysely.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('writ installation'))`.execute(transaction);
    if (await transaction.selectFrom('installation').select('issuer').executeTakeFirst())
      return false;
    await transaction.insertInto('installation').values({ issuer }).execute();
    await createSealedKey(transaction, keyring, 'client-secret-digest');
    await createSealedKey(transaction, keyring, 'cookies');
    for (const key of signingKeys) await storeSigningKey(transaction, keyring, key, 'signing');
    await createApiResource(transaction, issuer, brand);
    await transaction
      .insertInto('role')
      .values([
        administratorRoleRow,
        ...firstRoles.map(({ apiScopes: api_scopes, ...role }) => ({
          ...role,
          permissions: [],
          api_scopes: [...api_scopes],
        })),
      ])
      .execute();
    await ensureOwnClients(transaction, issuer);
    return true;
  });
  return created || ensureInstallation(database, { issuer, keyring, brand });
}

/** Creates the built-in clients: two own tokens but can use no grant, two are those of the command line. */
async function ensureOwnClients(connection: Connection, issuer: string): Promise<void> {
  const withoutGrants = {
    grant_types: [],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'none',
  };
  const personal = {
    client_name: personalClientName,
    ...withoutGrants,
    scope: personalTokenScopes.join(' '),
  };
  const forDevices = {
    grant_types: [grantTypes.deviceCode, grantTypes.refreshToken],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'none',
  };
  const commandLine = {
    client_name: commandLineClientName,
    ...forDevices,
    scope: [...Object.keys(apiScopes), 'openid', 'profile', 'email', 'offline_access'].join(' '),
  };
  const row = (clientId: string, metadata: object, resources: string[]) => ({
    client_id: clientId,
    app_id: null,
    metadata: JSON.stringify(metadata),
    resources,
    disabled_at: null,
    deleted_at: null,
  });
  await connection
    .insertInto('client')
    .values([
      row(operatorClientId, { client_name: operatorClientName, ...withoutGrants }, []),
      row(personalClientId, personal, [apiResource(issuer)]),
      row(commandLineClientId, commandLine, [apiResource(issuer)]),
      row(commandLineApiClientId, { client_name: commandLineApiClientName, ...forDevices }, []),
    ])
    // A newer version may allow these tokens other scopes.
    .onConflict((conflict) =>
      conflict
        .column('client_id')
        .doUpdateSet({ metadata: sql`excluded.metadata` })
        .where(sql<boolean>`client.metadata <> excluded.metadata`),
    )
    .execute();
}

const apiScopesJson = () =>
  JSON.stringify(Object.entries(apiScopes).map(([name, description]) => ({ name, description })));

/** Updates the scopes of the API resource to those of this version. */
async function updateApiResource(
  connection: Connection,
  issuer: string,
  brand: string,
): Promise<void> {
  const name = apiName(brand);
  await connection
    .updateTable('resource')
    .set({ name, scopes: apiScopesJson() })
    .where('identifier', '=', apiResource(issuer))
    .where(sql<boolean>`(name <> ${name} or scopes <> ${apiScopesJson()}::jsonb)`)
    .execute();
}

const administratorRoleRow = {
  name: administratorRole,
  description:
    'Administers Writ itself: accounts, clients, roles, keys and everything else in its API',
  permissions: ['writ.administer'],
};

/**
 * Creates the administrator role in an installation of an older version. A custom role with that name only becomes
 * the administrator role if no one has it.
 */
async function ensureAdministratorRole({ kysely }: Pick<Database, 'kysely'>): Promise<void> {
  const isThere = (connection: Connection) =>
    connection
      .selectFrom('role')
      .select('name')
      .where('name', '=', administratorRole)
      .where('permissions', '=', sql<string[]>`${administratorRoleRow.permissions}::text[]`)
      .executeTakeFirst();
  if (await isThere(kysely)) return;
  await kysely.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('writ installation'))`.execute(transaction);
    if (await isThere(transaction)) return;
    const holder = await holderOfRole(transaction, administratorRole, { addresses: true });
    if (holder) throw new RoleTakenError(holder);
    const { name: _name, ...meaning } = administratorRoleRow;
    await transaction
      .insertInto('role')
      .values(administratorRoleRow)
      .onConflict((conflict) => conflict.column('name').doUpdateSet(meaning))
      .execute();
    await recordChange(transaction, { kind: 'role.changed' });
  });
}

/** What people read on pages and in emails. */
const apiName = (brand: string): string => `${brand} account and apps API`;

async function createApiResource(
  transaction: Connection,
  issuer: string,
  brand: string,
): Promise<void> {
  await transaction
    .insertInto('resource')
    .values({
      identifier: apiResource(issuer),
      name: apiName(brand),
      scopes: apiScopesJson(),
      token_format: 'opaque',
      signing_alg: signingAlgs[0],
      access_token_ttl: 3600,
      personal_policy: JSON.stringify(defaultPersonalPolicy),
    })
    .execute();
}

/** Throws SampleCredentialsError if an enabled sample client exists. */
export async function refuseSampleCredentials(connection: Connection): Promise<void> {
  const sample = await connection
    .selectFrom('client')
    .select('client_id')
    .where('sample', '=', true)
    .where('deleted_at', 'is', null)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  if (sample) throw new SampleCredentialsError(sample.client_id);
}
