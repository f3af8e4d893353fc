import { type Kysely, sql } from 'kysely';

/**
 * Records for each existing client what new clients can no longer do, so an upgrade breaks none of them: assertions that
 * name the token endpoint as audience, and codes without PKCE for clients with a secret. `writ doctor` lists them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `update client set metadata = metadata || '{"token_endpoint_audience": true}'
    where metadata->>'token_endpoint_auth_method' = 'private_key_jwt'`,
  `update client set metadata = metadata || '{"require_pkce": false}'
    where metadata->'grant_types' @> '["authorization_code"]'
      and metadata->>'token_endpoint_auth_method' is distinct from 'none'`,
];
