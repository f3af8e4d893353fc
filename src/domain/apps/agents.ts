/**
 * AGENTS OF AN APP: who answers for one, for whom it acts, what it has used and done. It is stopped by disabling its client,
 * which revokes all of its tokens, and those that others got with one of them.
 */
import { sql } from 'kysely';
import { ownerRole } from '../../../config/apps.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import type { Audit } from '../audit/events.ts';
import { type Agent, type AgentUse, isWithin } from '../clients/agents.ts';
import { isUuid } from '../database/text-checks.ts';
import { type Delegations, endDelegation } from '../delegations/delegations.ts';
import { type Access, type AppAccess, requireManages } from './access.ts';
import { asMembersSee } from './activity.ts';
import { type ChangeClient, findClient } from './client-access.ts';
import type { AppActor, AppAgents, AppClient } from './types.ts';

interface Dependencies {
  database: Database;
  access: AppAccess;
  changeClient: ChangeClient;
  audit: Pick<Audit, 'page'>;
  delegations: Pick<Delegations, 'listPeople'>;
  agentUse: AgentUse;
}

/** The operations on agents, and on the delegations of any client of an app. */
export function createAppAgents({
  access,
  changeClient,
  audit,
  delegations,
  agentUse,
}: Dependencies): AppAgents {
  /** People outside the app go by the ID that the app's programs know; their names are theirs. */
  const namesOf = async (
    connection: Connection,
    { app, rights }: Access,
    accountIds: readonly string[],
  ): Promise<Map<string, string>> => {
    const { rows } = await sql<{ id: string; name: string }>`
      select a.id, a.name from account a
      where a.id = any (${accountIds}::uuid[]) and (${rights.operator} or exists (
        select from app_member m where m.app_id = ${app.id} and m.account_id = a.id))`.execute(
      connection,
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  };

  return {
    state: (actor, appName, name) =>
      access.read(actor, appName, async ({ app }, connection) => {
        const client = await findClient(connection, app, name);
        const { rows } = await sql<{ people: number; owner: string | null; isMember: boolean }>`
          select
            (select count(*)::integer from delegation d where d.client_id = ${client.id}
              and d.grant_id is not null and d.ended_at is null) as people,
            (select a.name from account a where a.id = ${client.agent?.owner ?? null}::uuid) as owner,
            exists (select from app_member m join account a on a.id = m.account_id
              where m.app_id = ${app.id} and m.account_id = ${client.agent?.owner ?? null}::uuid
                and a.disabled_at is null) as "isMember"`.execute(connection);
        const [{ people, owner, isMember } = { people: 0, owner: null, isMember: false }] = rows;
        return {
          people,
          owner: isMember ? owner : null,
          use: client.agent ? await agentUse(client.id) : { requests: 0, tokens: 0 },
          isWithinHours: !client.agent?.hours || isWithin(client.agent.hours, new Date()),
        };
      }),

    people: (actor, appName, name, page) =>
      access.read(actor, appName, async (entered, connection) => {
        requireManages(entered.rights, 'app');
        const { clientId } = await findClient(connection, entered.app, name);
        const found = await delegations.listPeople(clientId, page);
        const names = await namesOf(
          connection,
          entered,
          found.map(({ accountId }) => accountId),
        );
        return found.map((one) => ({ ...one, name: names.get(one.accountId) ?? null }));
      }),

    endDelegation: (actor, appName, name, accountId) =>
      changeClient(actor, appName, name, async ({ clientId }, transaction, { rights }) => {
        requireManages(rights, 'app');
        if (isUuid(accountId) && (await endDelegation(transaction, accountId, clientId))) return;
        throw new OAuthError(
          'not_found',
          `The client ${name} does not act for the account ${accountId}.`,
        );
      }),

    activity: (actor, appName, name, { person, ...page }) =>
      access.read(actor, appName, async ({ app, rights }, connection) => {
        if (person !== undefined) requireManages(rights, 'app');
        const { clientId } = await findClient(connection, app, name);
        const { items, next } = await audit.page({
          ...page,
          app: app.id,
          about: clientId,
          ...(person !== undefined && { person }),
        });
        return {
          items: rights.operator
            ? items
            : items.map((event) => asMembersSee(event, { addresses: false })),
          next,
        };
      }),
  };
}

/**
 * The agent with its owner: a member of the app. By default the person who creates it, or the first Owner of the app. Throws
 * `invalid_request` for someone else; an unchanged owner who has left stays until someone else is named.
 */
export async function withAgentOwner(
  transaction: Connection,
  { app }: Pick<Access, 'app'>,
  actor: AppActor,
  agent: Agent,
  before: Pick<AppClient, 'agent'> | undefined,
): Promise<Agent> {
  const given =
    agent.owner ??
    before?.agent?.owner ??
    (actor.kind === 'account' ? actor.accountId : await firstOwner(transaction, app.id));
  if (given === undefined) return agent;
  if (given !== before?.agent?.owner && !(await isMember(transaction, app.id, given)))
    throw parameterError('invalid_request', 'agent.owner', 'must be a member of the app.');
  return { ...agent, owner: given };
}

async function firstOwner(transaction: Connection, appId: string): Promise<string | undefined> {
  const owner = await transaction
    .selectFrom('app_member')
    .select('account_id')
    .where('app_id', '=', appId)
    .where('role', '=', ownerRole)
    .orderBy('created_at')
    .orderBy('account_id')
    .executeTakeFirst();
  return owner?.account_id;
}

async function isMember(
  transaction: Connection,
  appId: string,
  accountId: string,
): Promise<boolean> {
  if (!isUuid(accountId)) return false;
  const member = await transaction
    .selectFrom('app_member as m')
    .innerJoin('account as a', 'a.id', 'm.account_id')
    .select('m.account_id')
    .where('m.app_id', '=', appId)
    .where('m.account_id', '=', accountId)
    .where('a.disabled_at', 'is', null)
    .executeTakeFirst();
  return member !== undefined;
}
