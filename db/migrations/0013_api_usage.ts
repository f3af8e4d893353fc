import { type Kysely, sql } from 'kysely';

/** What the guards of APIs report of a client on a day, beside the access tokens that it got: its calls, and what they were answered. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `alter table client_usage
        alter column access_tokens set default 0,
        add column api_calls bigint not null default 0,
        add column api_bytes bigint not null default 0`,
    )
    .execute(db);
}
