import { sql } from 'kysely';
import {
  operatorClientId,
  operatorClientName,
  personalClientId,
  personalClientName,
} from '../../../config/clients.ts';
import { administratorRole } from '../../../config/roles.ts';
import { apiScopes, personalTokenScopes } from '../../../config/scopes.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { recordChange } from '../audit/change-feed.ts';
import { makeSealedKey } from '../keys/sealed-keys.ts';
import { generateSigningKey, signingAlgs, storeSigningKey } from '../keys/signing-keys.ts';
import { defaultPersonalPolicy } from '../resources/resources.ts';
import { holderOfRole } from '../roles/roles.ts';

/** The resource that Writ's own API is: its tokens open nothing else, and no other token opens it. */
export const apiResource = (issuer: string): string => urlOf(issuer, '/api/v1');

/** The same, where the issuer is not at hand: it is decided for good by the first start. */
export async function readApiResource(connection: Connection): Promise<string> {
  const { issuer } = await connection
    .selectFrom('installation')
    .select('issuer')
    .executeTakeFirstOrThrow();
  return apiResource(issuer);
}

/** The page on which whoever was invited chooses a password. */
export const invitationUri = (issuer: string, value: string): string =>
  urlOf(issuer, `/invitation/${value}`);

/** The page on which whoever was invited to an app accepts or declines. */
export const appInvitationUri = (issuer: string, value: string): string =>
  urlOf(issuer, `/apps/invitations/${value}`);

/** An installation keeps its issuer for ever: tokens, clients and resource servers hold on to it. */
export class OtherIssuerError extends Error {
  constructor(stored: string, given: string) {
    super(
      `This installation has the issuer ${stored}, and was started as ${given}. Set ISSUER=${stored}, or use another database.`,
    );
    this.name = 'OtherIssuerError';
  }
}

/** Whoever had a role of this name before it came to mean this would administer Writ from now on. */
export class RoleTakenError extends Error {
  constructor(holder: string) {
    super(
      `The role ${administratorRole} lets accounts administer Writ from this version on, and ${holder} has one of that name already. Give it another role with the version before, then start this one again.`,
    );
    this.name = 'RoleTakenError';
  }
}

/** Sample credentials are known to whoever saw the first start's output. */
export class SampleCredentialsError extends Error {
  constructor(clientId: string) {
    super(
      `The sample client ${clientId} is in this database, and the issuer is public. Delete it first: writ clients delete ${clientId}`,
    );
    this.name = 'SampleCredentialsError';
  }
}

/**
 * Makes what every installation has: its issuer, its keys, the resource of its API, the role of its
 * administrators and the owner of the operator's key. Of several processes that start at once on an empty database, one makes them.
 * True where this call did. Throws OtherIssuerError, and RoleTakenError.
 */
export async function ensureInstallation(
  database: Database,
  { issuer, keyring }: { issuer: string; keyring: Keyring },
): Promise<boolean> {
  const { kysely } = database;
  const stored = await kysely.selectFrom('installation').select('issuer').executeTakeFirst();
  if (stored) {
    if (stored.issuer !== issuer) throw new OtherIssuerError(stored.issuer, issuer);
    await keepApiScopes(kysely, issuer);
    await makeOwnClients(kysely, issuer);
    await keepAdministratorRole(database);
    return false;
  }
  const signingKeys = await Promise.all(signingAlgs.map(generateSigningKey));
  const made = await kysely.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('writ installation'))`.execute(transaction);
    if (await transaction.selectFrom('installation').select('issuer').executeTakeFirst())
      return false;
    await transaction.insertInto('installation').values({ issuer }).execute();
    await makeSealedKey(transaction, keyring, 'client-secret-digest');
    await makeSealedKey(transaction, keyring, 'cookies');
    for (const key of signingKeys) await storeSigningKey(transaction, keyring, key, 'signing');
    await makeApiResource(transaction, issuer);
    await transaction.insertInto('role').values(roleOfAdministrators).execute();
    await makeOwnClients(transaction, issuer);
    return true;
  });
  return made || ensureInstallation(database, { issuer, keyring });
}

/** Clients of Writ itself, that get nothing by a grant: they exist so that tokens have an owner. */
async function makeOwnClients(connection: Connection, issuer: string): Promise<void> {
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
    ])
    // A newer version may let these tokens have other scopes.
    .onConflict((conflict) =>
      conflict
        .column('client_id')
        .doUpdateSet({ metadata: sql`excluded.metadata` })
        .where(sql<boolean>`client.metadata <> excluded.metadata`),
    )
    .execute();
}

const scopesOfApi = () =>
  JSON.stringify(Object.entries(apiScopes).map(([name, description]) => ({ name, description })));

/** A newer version may have scopes that the installation was not made with. */
async function keepApiScopes(connection: Connection, issuer: string): Promise<void> {
  await connection
    .updateTable('resource')
    .set({ scopes: scopesOfApi() })
    .where('identifier', '=', apiResource(issuer))
    .where(sql<boolean>`scopes <> ${scopesOfApi()}::jsonb`)
    .execute();
}

const roleOfAdministrators = {
  name: administratorRole,
  description:
    'Administers Writ itself: its accounts, clients, roles, keys and all that its API does',
  permissions: ['writ.administer'],
};

/** An installation that an older version made lacks the role; one that has another of its name must not become this one unasked. */
async function keepAdministratorRole({ kysely }: Pick<Database, 'kysely'>): Promise<void> {
  const isThere = (connection: Connection) =>
    connection
      .selectFrom('role')
      .select('name')
      .where('name', '=', administratorRole)
      .where('permissions', '=', sql<string[]>`${roleOfAdministrators.permissions}::text[]`)
      .executeTakeFirst();
  if (await isThere(kysely)) return;
  await kysely.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('writ installation'))`.execute(transaction);
    if (await isThere(transaction)) return;
    const holder = await holderOfRole(transaction, administratorRole, { addresses: true });
    if (holder) throw new RoleTakenError(holder);
    const { name: _name, ...meaning } = roleOfAdministrators;
    await transaction
      .insertInto('role')
      .values(roleOfAdministrators)
      .onConflict((conflict) => conflict.column('name').doUpdateSet(meaning))
      .execute();
    await recordChange(transaction, { kind: 'role.changed' });
  });
}

async function makeApiResource(transaction: Connection, issuer: string): Promise<void> {
  await transaction
    .insertInto('resource')
    .values({
      identifier: apiResource(issuer),
      name: "Writ's own API",
      scopes: scopesOfApi(),
      token_format: 'opaque',
      signing_alg: signingAlgs[0],
      access_token_ttl: 3600,
      personal_policy: JSON.stringify(defaultPersonalPolicy),
    })
    .execute();
}

/** Throws SampleCredentialsError where what is meant for trying out is still there. */
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
