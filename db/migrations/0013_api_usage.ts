import { type Kysely, sql } from 'kysely';

/** What API guards report about a client's day, in addition to its access tokens: calls, and bytes of responses. */
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
