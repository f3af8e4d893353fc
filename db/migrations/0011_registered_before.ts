import { type Kysely, sql } from 'kysely';

/**
 * What clients could do before they may do still, and now it is written down with each, so that an upgrade breaks none:
 * assertions that name the token endpoint, and codes without PKCE for those that keep a secret. `writ doctor` lists
 * them.
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
