import { type Kysely, sql } from 'kysely';

/**
 * The default algorithm of ID tokens changes from ES256 to RS256. Existing clients that can get ID tokens keep ES256,
 * because their programs can depend on it.
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
