import { type Kysely, sql } from 'kysely';

/** For finding people by the beginnings of words of their names and addresses, and those whose account is disabled. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Words are separated by ASCII characters that are no letters or digits, whatever the locale; none is too long for the index.
  `create function account_words(name text, email text) returns tsvector language sql immutable parallel safe as $$
    select array_to_tsvector(array_remove(
      regexp_split_to_array(lower(left(name, 400) || ' ' || left(coalesce(email, ''), 400)), '[\\x01-/:-@[-\`{-\\x7f]+'), ''))
  $$`,
  'create index account_search on account using gin (account_words(name, email)) where deleted_at is null',
  'create index account_disabled on account (id) where disabled_at is not null and deleted_at is null',
];
