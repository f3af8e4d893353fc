import { type Kysely, sql } from 'kysely';

/**
 * When the algorithm of a signing key was last seen in use; what people tell apps about themselves (OpenID Connect Core §5.1), whether the email address is known to be theirs,
 * and attributes that administrators set.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table account
    add column email_verified boolean not null default false,
    add column given_name text,
    add column family_name text,
    add column nickname text,
    add column picture text,
    add column locale text,
    add column zoneinfo text,
    add column phone_number text,
    add column phone_number_verified boolean not null default false,
    add column address jsonb,
    add column attributes jsonb not null default '{}',
    add column profile_updated_at timestamptz not null default now()`.execute(db);
  await sql`update account set profile_updated_at = created_at`.execute(db);
  // Keys of algorithms that are in use are looked for often.
  for (const field of [
    'id_token_signed_response_alg',
    'userinfo_signed_response_alg',
    'access_token_format',
  ])
    await sql`create index ${sql.id(`client_${field}`)} on client ((metadata->>${sql.lit(field)}))
      where deleted_at is null`.execute(db);
  // Verifiers can need every key that was there before.
  await sql`alter table signing_key add column used_at timestamptz`.execute(db);
  await sql`update signing_key set used_at = now()`.execute(db);
}
