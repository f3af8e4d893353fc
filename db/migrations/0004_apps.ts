import { type Kysely, sql } from 'kysely';

/** Apps that people create: members, roles, invitations, activity and token counts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
  // A partition that was detached in order to be dropped can be attached again if the process crashed in between.
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class c where relkind = 'r' and relname ~ '^audit_event_\\d{4}_\\d{2}$'
      and relnamespace = (select relnamespace from pg_class where oid = 'audit_event'::regclass)
      and not exists (select from pg_inherits where inhrelid = c.oid)`.execute(db);
  for (const { name } of rows)
    await sql`alter table ${sql.table(name)} add column app_id uuid`.execute(db);
}

const statements = [
  // First, because it reads all events, and nothing that tokens need is locked yet.
  'alter table audit_event add column app_id uuid',
  'create index audit_event_app on audit_event (app_id, id)',
  // The name is the prefix of the app's client ids and never changes; the display name can.
  // An app that an operator disabled stays disabled, whatever its Owner does.
  `alter table app add column display_name text not null default '', add column deleted_at timestamptz,
    add column disabled_by text check (disabled_by in ('member', 'operator')),
    add column updated_at timestamptz not null default now()`,
  // So does a client. Until now, only operators could disable one.
  `alter table client add column disabled_by text check (disabled_by in ('member', 'operator'))`,
  `update client set disabled_by = 'operator' where disabled_at is not null`,
  'create index client_app on client (app_id) where app_id is not null',
  // Without an app: a role that every app has, whose permissions the installation decides.
  `create table app_role (
    app_id uuid references app,
    name text not null,
    description text not null default '',
    permissions text[] not null,
    manages text not null check (manages in ('nothing', 'clients', 'app')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique nulls not distinct (app_id, name)
  )`,
  // They fit an API whose permissions end in read and write; otherwise the installation changes them.
  `insert into app_role (app_id, name, description, permissions, manages) values
    (null, 'Owner', 'Everything, the app itself included', '{*}', 'app'),
    (null, 'Developer', 'Everything at the API, and the clients of the app', '{*}', 'clients'),
    (null, 'Editor', 'Sees and changes what is in the API', '{*.read,*.write,*.*.read,*.*.write}', 'nothing'),
    (null, 'Reader', 'Sees everything, changes nothing', '{*.read,*.*.read}', 'nothing')`,
  `create table app_member (
    app_id uuid not null references app,
    account_id uuid not null references account,
    role text not null,
    created_at timestamptz not null default now(),
    primary key (app_id, account_id)
  )`,
  'create index app_member_account on app_member (account_id)',
  `create table app_invitation (
    id uuid primary key default gen_random_uuid(),
    app_id uuid not null references app,
    email text not null,
    role text not null,
    digest bytea not null unique,
    invited_by uuid references account,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create unique index app_invitation_email on app_invitation (app_id, lower(email))',
  'create index app_invitation_of on app_invitation (lower(email))',
  'create index app_invitation_expires on app_invitation (expires_at)',
  // What clients of apps can get of a resource; null if nothing.
  'alter table resource add column app_policy jsonb',
  // The number of access tokens that a client got on a day, by the database's clock in UTC.
  `create table client_usage (
    client_id uuid not null references client,
    day date not null,
    access_tokens bigint not null,
    primary key (client_id, day)
  )`,
  'create index client_usage_day on client_usage (day)',
  'alter table change drop column app_id, add column app text',
];
