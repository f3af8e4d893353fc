import { type Kysely, sql } from 'kysely';

/** Scopes of Writ's own API that people with a role have, and the roles that a new installation begins with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const reads = ['clients', 'apps', 'roles', 'resources', 'accounts', 'tokens', 'keys', 'audit'];

const roles: [name: string, description: string, scopes: string[]][] = [
  [
    'support',
    'Helps people: sees accounts and tokens, signs people out, disables accounts, resets second factors, revokes tokens',
    ['accounts:read', 'accounts:support', 'tokens:read', 'tokens:revoke'],
  ],
  [
    'auditor',
    'Sees everything in Writ, and changes nothing',
    [...reads, 'diagnostics', 'changes'].map((name) => `${name}:read`),
  ],
  [
    'developer-relations',
    'Manages the apps of all people, and resources',
    [
      ...['apps:read', 'apps:write', 'resources:read', 'resources:write'],
      ...['clients:read', 'roles:read'],
    ],
  ],
];

const statements = [
  `alter table role add column api_scopes text[] not null default '{}'`,
  // A new installation gets them with its first start. A role that has such a name keeps its meaning.
  ...roles.map(
    ([name, description, scopes]) => `
    insert into role (name, description, permissions, api_scopes)
    select '${name}', '${description}', '{}', '{${scopes.join(',')}}' where exists (select from installation)
    on conflict (name) do nothing`,
  ),
];
