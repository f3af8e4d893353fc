import { sql } from 'kysely';
import { appLimits, formerOwnerRole, ownerRole } from '../../../config/apps.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { isUuid } from '../database/text-checks.ts';
import {
  type Access,
  type AppAccess,
  requireCovers,
  requireManages,
  seesAddresses,
} from './access.ts';
import type { MemberCredentials } from './member-credentials.ts';
import { assertMayOwnAnother, requireAnotherOwner, requireUsable } from './ownership.ts';
import { findRole, requireRole } from './roles.ts';
import type { AppActor, AppMember, AppMembers } from './types.ts';

const membersOf = (connection: Connection, appId: string) =>
  connection
    .selectFrom('app_member')
    .innerJoin('account', 'account.id', 'app_member.account_id')
    .select([
      'account.id as accountId',
      'account.name',
      'account.email',
      'app_member.role',
      'app_member.created_at as since',
    ])
    .where('app_member.app_id', '=', appId);

const findMember = async (
  connection: Connection,
  appId: string,
  accountId: string,
): Promise<AppMember | undefined> =>
  isUuid(accountId)
    ? membersOf(connection, appId).where('account.id', '=', accountId).executeTakeFirst()
    : undefined;

async function requireMember(
  connection: Connection,
  appId: string,
  accountId: string,
): Promise<AppMember> {
  const member = await findMember(connection, appId, accountId);
  if (!member) throw new OAuthError('not_found', `There is no member ${accountId} in this app.`);
  return member;
}

/** Makes a member of an account that can be used. Throws `conflict` where the app has as many as it can. */
export async function addMember(
  transaction: Connection,
  { id }: Access['app'],
  { accountId, role }: { accountId: string; role: string },
): Promise<void> {
  await requireUsable(transaction, accountId);
  const { there } = await transaction
    .selectFrom('app_member')
    .select(sql<number>`count(*)::integer`.as('there'))
    .where('app_id', '=', id)
    .executeTakeFirstOrThrow();
  if (there >= appLimits.members)
    throw new OAuthError('conflict', `An app has at most ${appLimits.members} members.`);
  await transaction
    .insertInto('app_member')
    .values({ app_id: id, account_id: accountId, role })
    .execute();
  await recordEvent(transaction, {
    action: 'app_member.added',
    target: { kind: 'account', id: accountId },
    details: { role },
    app: id,
  });
}

/** Whoever manages the app no more lets nobody in any more, least of all themself by another address. */
async function revokeInvitationsOf(
  transaction: Connection,
  { id, name }: Access['app'],
  accountId: string,
): Promise<void> {
  const revoked = await transaction
    .deleteFrom('app_invitation')
    .where('app_id', '=', id)
    .where('invited_by', '=', accountId)
    .returning(['email', 'role'])
    .execute();
  for (const { email, role } of revoked)
    await recordEvent(transaction, {
      action: 'app_invitation.revoked',
      target: { kind: 'app', id: name },
      details: { email, role, because: 'whoever invited them manages the app no more' },
      app: id,
    });
}

async function changeRole(
  transaction: Connection,
  app: Access['app'],
  { accountId, role: before }: AppMember,
  role: string,
): Promise<void> {
  await transaction
    .updateTable('app_member')
    .set({ role })
    .where('app_id', '=', app.id)
    .where('account_id', '=', accountId)
    .execute();
  await recordEvent(transaction, {
    action: 'app_member.changed',
    target: { kind: 'account', id: accountId },
    details: { role: { before, after: role } },
    app: app.id,
  });
  if ((await findRole(transaction, app.id, role))?.manages !== 'app')
    await revokeInvitationsOf(transaction, app, accountId);
}

async function removeMember(
  transaction: Connection,
  app: Access['app'],
  { accountId, role }: AppMember,
): Promise<void> {
  await transaction
    .deleteFrom('app_member')
    .where('app_id', '=', app.id)
    .where('account_id', '=', accountId)
    .execute();
  await recordEvent(transaction, {
    action: 'app_member.removed',
    target: { kind: 'account', id: accountId },
    details: { role },
    app: app.id,
  });
  await revokeInvitationsOf(transaction, app, accountId);
}

const changed = (transaction: Connection, { name, epoch }: Access['app']) =>
  recordChange(transaction, { kind: 'app.changed', app: name, epoch });

/** The people of an app. What their tokens show changes with the next introspection; nothing of theirs is revoked but what `endCredentials` ends. */
export function createAppMembers({
  access,
  credentials,
}: {
  access: AppAccess;
  credentials: MemberCredentials;
}): AppMembers {
  return {
    list: (actor, appName) =>
      access.read(actor, appName, async ({ app, rights }, connection) => {
        const members = await membersOf(connection, app.id)
          .orderBy(sql`app_member.role <> ${ownerRole}`)
          .orderBy('account.name')
          .orderBy('account.id')
          .execute();
        if (seesAddresses(rights)) return members;
        const own = actor.kind === 'account' ? actor.accountId : undefined;
        return members.map((member) =>
          member.accountId === own ? member : { ...member, email: null },
        );
      }),

    set: (actor, appName, accountId, role) =>
      access.change(actor, appName, async ({ app, rights }, transaction) => {
        requireManages(rights, 'app');
        requireCovers(rights, await requireRole(transaction, app.id, role), 'role');
        const before = rights.operator
          ? await findMember(transaction, app.id, accountId)
          : await requireMember(transaction, app.id, accountId);
        if (before?.role === role) return before;
        if (role === ownerRole) await assertMayOwnAnother(transaction, accountId);
        if (before?.role === ownerRole) await requireAnotherOwner(transaction, app.id, accountId);
        if (before) await changeRole(transaction, app, before, role);
        else await addMember(transaction, app, { accountId, role });
        const after = await requireMember(transaction, app.id, accountId);
        await changed(transaction, app);
        return after;
      }),

    remove: (actor, appName, accountId, { endCredentials = false } = {}) =>
      access.change(actor, appName, async ({ app, rights }, transaction) => {
        const leaves = actor.kind === 'account' && actor.accountId === accountId;
        if (!leaves) requireManages(rights, 'app');
        const member = await requireMember(transaction, app.id, accountId);
        if (member.role === ownerRole) await requireAnotherOwner(transaction, app.id, accountId);
        await removeMember(transaction, app, member);
        if (endCredentials) await credentials.end(transaction, { app, rights }, accountId);
        await changed(transaction, app);
      }),

    credentials: (actor, appName, accountId) =>
      access.read(actor, appName, ({ app, rights }, connection) => {
        requireManages(rights, 'clients');
        return credentials.list(connection, app, accountId);
      }),

    endCredentials: (actor, appName, accountId) =>
      access.change(actor, appName, (entered, transaction) =>
        credentials.end(transaction, entered, accountId),
      ),

    handOver: (actor, appName, { to, from, leave }) =>
      access.change(actor, appName, async ({ app, rights }, transaction) => {
        requireManages(rights, 'app');
        requireCovers(rights, await requireRole(transaction, app.id, ownerRole));
        const giver = await giverOf(transaction, app, actor, from);
        if (giver?.accountId === to)
          throw new OAuthError('invalid_request', 'The app is handed over to somebody else.', {
            parameter: 'to',
          });
        const taker = await requireMember(transaction, app.id, to);
        if (taker.role !== ownerRole) {
          await assertMayOwnAnother(transaction, to, 'to');
          await changeRole(transaction, app, taker, ownerRole);
        } else await requireUsable(transaction, to, 'to');
        if (giver && leave) await removeMember(transaction, app, giver);
        else if (giver) await changeRole(transaction, app, giver, formerOwnerRole);
        await recordEvent(transaction, {
          action: 'app.handed_over',
          target: { kind: 'app', id: app.name },
          details: { from: giver?.accountId ?? null, to, left: leave },
          app: app.id,
        });
        await changed(transaction, app);
      }),
  };
}

/** The Owner who hands it over: whoever acts; for an operator the one who is named, or the only one. */
async function giverOf(
  transaction: Connection,
  { id }: Access['app'],
  actor: AppActor,
  from: string | undefined,
): Promise<AppMember | undefined> {
  if (actor.kind === 'account' && from !== undefined && from !== actor.accountId)
    throw new OAuthError('access_denied', 'Only an operator hands over what somebody else owns.', {
      parameter: 'from',
    });
  const owners = await membersOf(transaction, id)
    .where('app_member.role', '=', ownerRole)
    .execute();
  const named = actor.kind === 'account' ? actor.accountId : from;
  if (named === undefined && owners.length > 1)
    throw new OAuthError(
      'invalid_request',
      'The app has several Owners: say which of them hands it over.',
      { parameter: 'from' },
    );
  const giver =
    named === undefined ? owners[0] : owners.find(({ accountId }) => accountId === named);
  if (named !== undefined && !giver)
    throw new OAuthError('invalid_request', `${named} is no Owner of this app.`, {
      parameter: 'from',
    });
  return giver;
}
