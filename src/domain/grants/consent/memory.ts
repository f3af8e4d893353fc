import { sql } from 'kysely';
import type { Database, Statement } from '../../../../db/database.ts';
import type { Connection } from '../../../../db/schema.ts';
import { actingAs } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/events.ts';
import { hostOfClientSql } from '../../clients/documents/client-urls.ts';
import { registeredItselfSql } from '../../clients/sql.ts';
import { orUnavailable } from '../../database/retry.ts';
import { isUuid } from '../../database/text-checks.ts';
import type { ManagementActor } from '../../roles/management-actor.ts';
import { requireMayManageAccount } from '../../roles/rules.ts';
import { epochsHold } from '../grant-state.ts';
import type { Grants } from '../grants.ts';

/** Scopes of one resource that a person has allowed a client; `resource` is '' for those of OpenID Connect. */
export interface RememberedScopes {
  resource: string;
  scopes: string[];
  /** Optional scopes that the person unticked. */
  declined: string[];
}

/** What a person has allowed a client, so that they are not asked again. */
export interface RememberedConsent {
  clientId: string;
  clientName: string;
  /** The person or app that registered the client, or the host of its document, unless an operator registered it. */
  publisher: string | null;
  /** Whether it registered itself, under a name that no one has checked. */
  registeredItself: boolean;
  /** The URL that opens the client, which then starts a login; null if it registered none. */
  initiateLoginUri: string | null;
  access: RememberedScopes[];
  allowedAt: Date;
  /** When the person last allowed more. */
  updatedAt: Date;
}

const find: Statement = {
  name: 'consent-find',
  text: `select resource, scopes, declined from consent where account_id = $1::uuid and client_id = $2::uuid`,
};

const list: Statement = {
  name: 'consent-list',
  text: `select c.client_id as "clientId", coalesce(c.metadata->>'client_name', c.client_id) as "clientName",
      coalesce(p.display_name, nullif(author.name, ''), ${hostOfClientSql}) as publisher,
      ${registeredItselfSql} as "registeredItself", c.metadata->>'initiate_login_uri' as "initiateLoginUri",
      json_agg(json_build_object('resource', m.resource, 'scopes', m.scopes, 'declined', m.declined) order by m.resource) as access,
      min(m.created_at) as "allowedAt", max(m.updated_at) as "updatedAt"
    from consent m join client c on c.id = m.client_id left join app p on p.id = c.app_id
      left join account author on author.id = c.author_id
    where m.account_id = $1::uuid and c.deleted_at is null
    group by c.id, p.display_name, author.name order by max(m.updated_at) desc, c.client_id`,
};

const allowed: Statement = {
  name: 'consent-allowed',
  text: `select exists (select from consent where account_id = $1::uuid and client_id = $2::uuid)
      or exists (select from oauth_grant g join client c on c.id = g.client_id join account a on a.id = g.account_id
        left join app p on p.id = c.app_id
        where g.account_id = $1::uuid and g.client_id = $2::uuid and g.revoked_at is null and g.live_until > now()
          and not g.payload ? 'delegation'
          and ${epochsHold}) as allowed`,
};

/**
 * What people have allowed each client (RFC 6749 §10.2, OpenID Connect Core §3.1.2.4). Only decisions on the consent
 * page are remembered, so nothing here is wider than what a person has read.
 */
export function createConsentMemory({ database, grants }: { database: Database; grants: Grants }) {
  return {
    /** What the account has allowed a client, by the client's internal id. */
    find: (accountId: string, client: string): Promise<RememberedScopes[]> =>
      orUnavailable(() => database.query<RememberedScopes>(find, [accountId, client])),

    /** What the account has allowed all clients, the last changed first. */
    list: async (accountId: string): Promise<RememberedConsent[]> =>
      isUuid(accountId)
        ? orUnavailable(() => database.query<RememberedConsent>(list, [accountId]))
        : [],

    /** Whether the account has allowed a client anything that still holds. `client` is its internal id. */
    async hasAllowed(accountId: string, client: string): Promise<boolean> {
      const [row] = await orUnavailable(() =>
        database.query<{ allowed: boolean }>(allowed, [accountId, client]),
      );
      return row?.allowed ?? false;
    },

    /**
     * Withdraws what an account has allowed a client and revokes all its grants, so the client is asked for again.
     * Returns false if there was neither. Without an actor it is the person; throws `access_denied` if the actor is not allowed
     * to manage the account. With `resource` only what is for that resource.
     */
    async withdraw(
      accountId: string,
      clientId: string,
      { actor, resource = null }: { actor?: ManagementActor; resource?: string | null } = {},
    ): Promise<boolean> {
      if (!isUuid(accountId)) return false;
      if (actor) await requireMayManageAccount(database.kysely, actor, accountId);
      const run = async (): Promise<boolean> => {
        const withdrawn = await orUnavailable(() =>
          database.kysely.transaction().execute(async (transaction) => {
            const { rows } = await sql<RememberedScopes>`
              delete from consent m using client c
              where c.id = m.client_id and m.account_id = ${accountId}::uuid and c.client_id = ${clientId}
                and (${resource}::text is null or m.resource = ${resource})
              returning m.resource, m.scopes, m.declined`.execute(transaction);
            if (rows.length === 0) return false;
            await recordEvent(transaction, {
              action: 'consent.withdrawn',
              target: { kind: 'client', id: clientId },
              details: {
                account_id: accountId,
                client_id: clientId,
                scope: scopeOf(rows),
                resources: rows.flatMap(({ resource }) => resource || []),
              },
            });
            return true;
          }),
        );
        const { rows: logins } = await orUnavailable(() =>
          sql<{ id: string }>`
            select g.id from oauth_grant g join client c on c.id = g.client_id
            where g.account_id = ${accountId}::uuid and c.client_id = ${clientId} and g.revoked_at is null
              and g.live_until > now() and (${resource}::text is null or g.payload->'resources' ? ${resource})
            order by g.created_at, g.id`.execute(database.kysely),
        );
        for (const { id } of logins)
          await grants.revoke(id, actor ? undefined : 'owner', { accountId });
        return withdrawn || logins.length > 0;
      };
      return actor ? run() : actingAs({ kind: 'account', id: accountId }, run);
    },
  };
}

export type ConsentMemory = ReturnType<typeof createConsentMemory>;

const scopeOf = (access: readonly RememberedScopes[]): string =>
  [...new Set(access.flatMap(({ scopes }) => scopes))].join(' ');

/**
 * Remembers what a person has allowed on the consent page, in the transaction of their decision: allowed scopes are
 * added, and declined ones removed. `clientId` is the public id.
 */
export async function rememberConsent(
  transaction: Connection,
  { accountId, clientId }: { accountId: string; clientId: string },
  access: readonly RememberedScopes[],
): Promise<void> {
  for (const { resource, scopes, declined } of access)
    await sql`
      insert into consent (account_id, client_id, resource, scopes, declined)
      select ${accountId}::uuid, id, ${resource}, ${scopes}::text[], ${declined}::text[]
      from client where client_id = ${clientId}
      on conflict (account_id, client_id, resource) do update set
        scopes = array(select unnest(consent.scopes || excluded.scopes) except select unnest(excluded.declined) order by 1),
        declined = array(select unnest(consent.declined || excluded.declined) except select unnest(excluded.scopes) order by 1),
        updated_at = now()`.execute(transaction);
}

/**
 * Whether an account still allows a client this access, in the transaction of a grant that rests on it. What it rests on is
 * locked: a withdrawal at the same time waits, and then revokes that grant as well. `clientId` is the public id.
 */
export async function consentHolds(
  transaction: Connection,
  { accountId, clientId }: { accountId: string; clientId: string },
  access: readonly RememberedScopes[],
): Promise<boolean> {
  if (access.length === 0) return true;
  const { rows } = await sql<Pick<RememberedScopes, 'resource' | 'scopes'>>`
    select m.resource, m.scopes from consent m join client c on c.id = m.client_id
    where m.account_id = ${accountId}::uuid and c.client_id = ${clientId}
    order by m.resource for key share of m`.execute(transaction);
  const allowed = new Map(rows.map(({ resource, scopes }) => [resource, scopes]));
  return access.every(({ resource, scopes }) => {
    const names = allowed.get(resource);
    return names !== undefined && scopes.every((name) => names.includes(name));
  });
}

/** Forgets everything that an account has allowed, in the transaction that revokes all its tokens. */
export const forgetConsents = (transaction: Connection, accountId: string): Promise<unknown> =>
  transaction.deleteFrom('consent').where('account_id', '=', accountId).execute();
