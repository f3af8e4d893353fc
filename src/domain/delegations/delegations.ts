/**
 * WHICH CLIENTS ACT FOR WHICH PEOPLE by token exchange (RFC 8693). All tokens that a client gets so for a person have one
 * grant, so that the person ends all of them with one write. What a person ended stays ended until they allow it again.
 */
import { sql } from 'kysely';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { parameterError } from '../../oauth/errors.ts';
import { actingAs } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import { createLookup } from '../database/batch.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { type Grant, revokeGrant } from '../grants/grants.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManageAccount } from '../roles/rules.ts';

/** A client that acts for a person, or did until the person ended it. */
export interface Delegation {
  clientId: string;
  clientName: string;
  /** The sentence that says what an agent is for; null for other clients. */
  purpose: string | null;
  /** The person or app that the client belongs to, unless an operator registered it for the installation. */
  publisher: string | null;
  since: Date;
  /** Accurate to ten minutes; null if no token was issued or used yet. */
  lastUsedAt: Date | null;
  /** When the person ended it; null while the client can act. */
  endedAt: Date | null;
}

/** A person for whom a client acts. */
export interface Represented {
  accountId: string;
  since: Date;
  lastUsedAt: Date | null;
  endedAt: Date | null;
}

/** The grant of a client's tokens for a person; `ended` if the person has ended it. */
export type DelegationGrant = Pick<Grant, 'id' | 'epoch'> | 'ended';

/** Both parties by their internal ids. */
interface Parties {
  accountId: string;
  client: string;
}

const find: Statement = {
  name: 'delegation-find',
  text: `select i.place::integer, d.ended_at is not null as ended, g.id, g.epoch
    from unnest($1::uuid[], $2::uuid[]) with ordinality as i (account, client, place)
    join delegation d on d.account_id = i.account and d.client_id = i.client
    left join oauth_grant g on g.id = d.grant_id and g.revoked_at is null`,
};

interface Row {
  ended: boolean;
  id: string | null;
  epoch: number | null;
}

const grantOf = (row: Row | undefined): DelegationGrant | undefined => {
  if (row?.ended) return 'ended';
  return row?.id != null ? { id: row.id, epoch: row.epoch ?? 0 } : undefined;
};

/** SQL for `Delegation`, of a delegation `d` with its client `c`. */
const described =
  sql.raw(`c.client_id as "clientId", coalesce(c.metadata->>'client_name', c.client_id) as "clientName",
  c.metadata->'agent'->>'purpose' as purpose, coalesce(p.display_name, nullif(author.name, '')) as publisher,
  d.since, g.last_used_at as "lastUsedAt", d.ended_at as "endedAt"`);

/** Stores who acts for whom. */
export function createDelegations({ database }: { database: Database }) {
  /** Those of a tick in one statement, by `account client`. */
  const load = createLookup<Row | undefined>({
    maxConcurrent: 2,
    run: async (keys) => {
      const pairs = keys.map((key) => key.split(' '));
      const rows = await orUnavailable(() =>
        database.query<Row & { place: number }>(find, [
          pairs.map(([account]) => account),
          pairs.map(([, client]) => client),
        ]),
      );
      const found = new Map(rows.map((row) => [row.place, row]));
      return keys.map((_, index) => found.get(index + 1));
    },
  });

  const create = ({ accountId, client }: Parties): Promise<DelegationGrant> =>
    database.kysely.transaction().execute(async (transaction) => {
      await sql`insert into delegation (account_id, client_id) values (${accountId}::uuid, ${client}::uuid)
        on conflict do nothing`.execute(transaction);
      // Locks the row, so that of several first tokens one creates the grant.
      const { rows } = await sql<Row>`
        select d.ended_at is not null as ended, g.id, g.epoch
        from delegation d left join oauth_grant g on g.id = d.grant_id and g.revoked_at is null
        where d.account_id = ${accountId}::uuid and d.client_id = ${client}::uuid for update of d`.execute(
        transaction,
      );
      const found = grantOf(rows[0]);
      if (found) return found;
      // It outlives its tokens, whatever their lifetime, so it is not extended with each.
      const created = await sql<{ id: string; epoch: number; clientId: string }>`
        with g as (
          insert into oauth_grant (id, account_id, client_id, payload, live_until)
          values (gen_random_uuid(), ${accountId}::uuid, ${client}::uuid, '{"delegation": true}', now() + interval '100 years')
          returning id, epoch
        ), d as (
          update delegation set grant_id = (select id from g), since = now()
          where account_id = ${accountId}::uuid and client_id = ${client}::uuid
        )
        select g.id, g.epoch, c.client_id as "clientId" from g, client c where c.id = ${client}::uuid`.execute(
        transaction,
      );
      const [grant] = created.rows;
      if (!grant) throw new Error('the client is gone');
      await recordEvent(transaction, {
        action: 'delegation.started',
        target: { kind: 'client', id: grant.clientId },
        details: { account_id: accountId, client_id: grant.clientId },
      });
      return { id: grant.id, epoch: grant.epoch };
    });

  return {
    /** The grant of a client's tokens for a person, which the first one creates. */
    async grantFor(parties: Parties, clientId: string): Promise<DelegationGrant> {
      const row = await load(`${parties.accountId} ${parties.client}`);
      return (
        grantOf(row) ??
        orUnavailable(() => actingAs({ kind: 'client', id: clientId }, () => create(parties)))
      );
    },

    /** The clients that act for a person or did, the newest first. */
    async list(accountId: string): Promise<Delegation[]> {
      if (!isUuid(accountId)) return [];
      const { rows } = await orUnavailable(() =>
        sql<Delegation>`
          select ${described} from delegation d join client c on c.id = d.client_id
            left join oauth_grant g on g.id = d.grant_id
            left join app p on p.id = c.app_id left join account author on author.id = c.author_id
          where d.account_id = ${accountId}::uuid and c.deleted_at is null
            and (d.grant_id is not null or d.ended_at is not null)
          order by d.since desc, c.client_id`.execute(database.kysely),
      );
      return rows;
    },

    /** The people for whom a client acts or did, the newest first. */
    async listPeople(
      clientId: string,
      { limit = 100, after }: { limit?: number; after?: string | undefined } = {},
    ): Promise<Represented[]> {
      if (after !== undefined && !isUuid(after))
        throw parameterError('invalid_request', 'after', 'is not a cursor of this list.');
      const { rows } = await orUnavailable(() =>
        sql<Represented>`
          select d.account_id as "accountId", d.since, g.last_used_at as "lastUsedAt", d.ended_at as "endedAt"
          from delegation d join client c on c.id = d.client_id left join oauth_grant g on g.id = d.grant_id
          where c.client_id = ${clientId} and (${after ?? null}::uuid is null or d.account_id > ${after ?? null}::uuid)
          order by d.account_id limit ${limit}`.execute(database.kysely),
      );
      return rows;
    },

    /**
     * Ends that a client acts for a person: revokes all its tokens for them, also those of its own logins, and refuses
     * further exchanges. Returns false if it does not act for them. Without an actor it is the person; throws
     * `access_denied` if the actor is not allowed to manage the account.
     */
    end: (accountId: string, clientId: string, actor?: ManagementActor): Promise<boolean> => {
      const run = () =>
        orUnavailable(() =>
          database.kysely.transaction().execute(async (transaction) => {
            if (actor) await requireMayManageAccount(transaction, actor, accountId);
            return endDelegation(transaction, accountId, clientId);
          }),
        );
      if (!isUuid(accountId)) return Promise.resolve(false);
      return !actor ? actingAs({ kind: 'account', id: accountId }, run) : run();
    },

    /** Lets a client act for a person again. Returns false if the person has not ended it. */
    allow: (accountId: string, clientId: string, byPerson = true): Promise<boolean> => {
      const run = () =>
        orUnavailable(() =>
          database.kysely.transaction().execute(async (transaction) => {
            const { rows } = await sql`
              delete from delegation d using client c
              where c.id = d.client_id and c.client_id = ${clientId} and d.account_id = ${accountId}::uuid
                and d.ended_at is not null returning 1`.execute(transaction);
            if (rows.length === 0) return false;
            await recordEvent(transaction, {
              action: 'delegation.allowed',
              target: { kind: 'client', id: clientId },
              details: { account_id: accountId, client_id: clientId },
            });
            return true;
          }),
        );
      if (!isUuid(accountId)) return Promise.resolve(false);
      return byPerson ? actingAs({ kind: 'account', id: accountId }, run) : run();
    },
  };
}

/** Ends that a client acts for a person, in the transaction of its caller. False if it does not. */
export async function endDelegation(
  transaction: Connection,
  accountId: string,
  clientId: string,
): Promise<boolean> {
  const { rows } = await sql`
    update delegation d set ended_at = now() from client c
    where c.id = d.client_id and c.client_id = ${clientId} and d.account_id = ${accountId}::uuid
      and d.ended_at is null returning 1`.execute(transaction);
  if (rows.length === 0) return false;
  await recordEvent(transaction, {
    action: 'delegation.ended',
    target: { kind: 'client', id: clientId },
    details: { account_id: accountId, client_id: clientId },
  });
  const grants = await sql<{ id: string }>`
    select g.id from oauth_grant g join client c on c.id = g.client_id
    where g.account_id = ${accountId}::uuid and c.client_id = ${clientId} and g.revoked_at is null
    order by g.created_at, g.id`.execute(transaction);
  for (const { id } of grants.rows) await revokeGrant(transaction, id, 'owner', { accountId });
  return true;
}

export type Delegations = ReturnType<typeof createDelegations>;
