import { type Kysely, sql } from 'kysely';

/**
 * What signs the ID tokens of a client that says nothing was ES256, and is RS256 from now on. Clients that can
 * have ID tokens keep what their programs may expect.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`update client
    set metadata = metadata || '{"id_token_signed_response_alg": "ES256"}'
    where deleted_at is null
      and metadata->'id_token_signed_response_alg' is null
      and (metadata->'grant_types' @> '["authorization_code"]'
        or metadata->'grant_types' @> '["urn:ietf:params:oauth:grant-type:device_code"]')`.execute(
    database,
  );
}
