import { type Kysely, sql } from 'kysely';

/**
 * For resource servers that follow revocations: which clients and accounts have had JWTs for which audience, and the audience
 * of a token that was revoked.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'alter table change add column audience text[]',
  // `party` is the internal id of a client or of an account.
  'create table jwt_audience (party uuid not null, audience text not null, primary key (party, audience))',
  `insert into jwt_audience (party, audience)
    select distinct p.party, a.audience
    from token t cross join lateral unnest(array[t.client_id, t.account_id]) p (party)
      cross join lateral unnest(t.audience) a (audience)
    where t.kid is not null and p.party is not null
    on conflict do nothing`,
];
