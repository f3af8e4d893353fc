import { sql } from 'kysely';
import { operatorClientId } from '../../config/clients.ts';
import { apiScopes } from '../../config/scopes.ts';
import type { Database } from '../../db/database.ts';
import type { Connection } from '../../db/schema.ts';
import type { Keyring } from '../crypto/sealing.ts';
import { makeSealedKey } from './keys/sealed-keys.ts';
import { generateSigningKey, signingAlgs, storeSigningKey } from './keys/signing-keys.ts';

/** The resource that Writ's own API is: its tokens open nothing else, and no other token opens it. */
export const apiResource = (issuer: string): string => `${issuer}/api/v1`;

/** An installation keeps its issuer for ever: tokens, clients and resource servers hold on to it. */
export class OtherIssuerError extends Error {
  constructor(stored: string, given: string) {
    super(
      `This installation has the issuer ${stored}, and was started as ${given}. Set ISSUER=${stored}, or use another database.`,
    );
    this.name = 'OtherIssuerError';
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
 * Makes what every installation has: its issuer, its keys, the resource of its API and the owner of
 * the operator's key. Of several processes that start at once on an empty database, one makes them.
 * True where this call did. Throws OtherIssuerError.
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
    await transaction
      .insertInto('client')
      .values({
        client_id: operatorClientId,
        app_id: null,
        metadata: JSON.stringify({
          client_name: 'Operator',
          grant_types: [],
          response_types: [],
          redirect_uris: [],
          token_endpoint_auth_method: 'none',
        }),
        disabled_at: null,
        deleted_at: null,
      })
      .execute();
    return true;
  });
  return made || ensureInstallation(database, { issuer, keyring });
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
