import { type Kysely, sql } from 'kysely';

/**
 * Issuers whose tokens are accepted in place of a secret (Kubernetes, GitHub Actions), as subjects of an exchange, as ID-JAG or
 * as software statements. `rules` map their claims to clients.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Without `jwks_uri` and `jwks` its keys are found by discovery. Without audiences, tokens are for this server.
  `create table trusted_issuer (
    id text primary key,
    name text not null,
    issuer text not null unique,
    jwks_uri text,
    jwks jsonb,
    algorithms text[] not null,
    audiences text[] not null default '{}',
    uses text[] not null,
    rules jsonb not null default '[]',
    provider_id text references identity_provider on delete set null,
    max_age integer not null,
    token_lifetime integer not null,
    single_use boolean not null,
    private_network boolean not null default false,
    enabled boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
];
