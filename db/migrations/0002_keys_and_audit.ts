import { type Kysely, sql } from 'kysely';

/** Rotation of signing keys, the signing key of each token, and the audit log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
  // Detached partitions keep their tokens for a week and can be attached again.
  const { rows } = await sql<{ shelf: number }>`
    select shelf from shelf where to_regclass('token_shelf_' || shelf) is not null
      and not exists (select from pg_inherits where inhrelid = to_regclass('token_shelf_' || shelf))`.execute(
    db,
  );
  for (const { shelf } of rows)
    await sql`alter table ${sql.table(`token_shelf_${shelf}`)}
      add column kid text, add column digest bytea, drop column jwt`.execute(db);
}

const statements = [
  'alter table signing_key add column signing_since timestamptz, add column retired_at timestamptz',
  `update signing_key set signing_since = created_at where state = 'signing'`,
  // However many processes create or promote keys at once, each algorithm has at most one of each.
  `create unique index signing_key_signing on signing_key (alg) where state = 'signing'`,
  `create unique index signing_key_announced on signing_key (alg) where state = 'announced'`,
  'alter table token add column kid text, add column digest bytea',
  // So far each algorithm had one key, and the resource of a token names the algorithm. The JWTs themselves were not
  // stored, so introspection no longer recognizes older ones; verifiers that check signatures still do.
  `update token set kid = coalesce((select k.kid from resource r join signing_key k on k.alg = r.signing_alg
    where r.identifier = token.audience[1] limit 1), '') where jwt`,
  'alter table token drop column jwt',
  'alter table change add column kid text',
  'create sequence audit_event_id',
  // No DEFAULT partition: partitions of months are created in advance and dropped whole.
  `create table audit_event (
    id bigint not null default nextval('audit_event_id'),
    at timestamptz not null default now(),
    action text not null,
    result text not null check (result in ('success', 'refused')),
    actor_kind text not null,
    actor_id text,
    token_id text,
    target_kind text,
    target_id text,
    ip text,
    request_id text,
    details jsonb,
    primary key (id, at)
  ) partition by range (at)`,
  'create index audit_event_target on audit_event (target_id, id)',
  'create index audit_event_actor on audit_event (actor_id, id)',
];
