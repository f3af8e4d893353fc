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
import { assertMayOwnAnother, requireActiveAccount, requireAnotherOwner } from './ownership.ts';
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
  if (!member) throw new OAuthError('not_found', `This app has no member ${accountId}.`);
  return member;
}

/** Adds an active account as a member. Throws `conflict` if the app has the maximum number of members. */
export async function addMember(
  transaction: Connection,
  { id }: Access['app'],
  { accountId, role }: { accountId: string; role: string },
): Promise<void> {
  await requireActiveAccount(transaction, accountId);
  const { members } = await transaction
    .selectFrom('app_member')
    .select(sql<number>`count(*)::integer`.as('members'))
    .where('app_id', '=', id)
    .executeTakeFirstOrThrow();
  if (members >= appLimits.members)
    throw new OAuthError(
      'conflict',
      `An app can have at most ${appLimits.members} members. Remove one first.`,
    );
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

/**
 * Revokes the pending invitations of a person who no longer manages the app. Otherwise they could invite themselves
 * again with another address.
 */
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
      details: { email, role, because: 'the inviter no longer manages the app' },
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

const recordAppChange = (transaction: Connection, { name, epoch }: Access['app']) =>
  recordChange(transaction, { kind: 'app.changed', app: name, epoch });

/**
 * Members of apps. Introspection shows changes at once. Removing a member revokes nothing, unless `endCredentials`
 * is set.
 */
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
        await recordAppChange(transaction, app);
        return after;
      }),

    remove: (actor, appName, accountId, { endCredentials = false } = {}) =>
      access.change(actor, appName, async ({ app, rights }, transaction) => {
        const leaves = actor.kind === 'account' && actor.accountId === accountId;
        if (!leaves) requireManages(rights, 'app');
        const member = await requireMember(transaction, app.id, accountId);
        if (member.role === ownerRole) await requireAnotherOwner(transaction, app.id, accountId);
        await removeMember(transaction, app, member);
        if (endCredentials) await credentials.revoke(transaction, { app, rights }, accountId);
        await recordAppChange(transaction, app);
      }),

    credentials: (actor, appName, accountId) =>
      access.read(actor, appName, ({ app, rights }, connection) => {
        requireManages(rights, 'clients');
        return credentials.list(connection, app, accountId);
      }),

    endCredentials: (actor, appName, accountId) =>
      access.change(actor, appName, (entered, transaction) =>
        credentials.revoke(transaction, entered, accountId),
      ),

    handOver: (actor, appName, { to, from, leave }) =>
      access.change(actor, appName, async ({ app, rights }, transaction) => {
        requireManages(rights, 'app');
        requireCovers(rights, await requireRole(transaction, app.id, ownerRole));
        const currentOwner = await currentOwnerOf(transaction, app, actor, from);
        if (currentOwner?.accountId === to)
          throw new OAuthError(
            'invalid_request',
            'An Owner cannot transfer the app to themselves. Choose another member.',
            {
              parameter: 'to',
            },
          );
        const newOwner = await requireMember(transaction, app.id, to);
        if (newOwner.role !== ownerRole) {
          await assertMayOwnAnother(transaction, to, 'to');
          await changeRole(transaction, app, newOwner, ownerRole);
        } else await requireActiveAccount(transaction, to, 'to');
        if (currentOwner && leave) await removeMember(transaction, app, currentOwner);
        else if (currentOwner) await changeRole(transaction, app, currentOwner, formerOwnerRole);
        await recordEvent(transaction, {
          action: 'app.handed_over',
          target: { kind: 'app', id: app.name },
          details: { from: currentOwner?.accountId ?? null, to, left: leave },
          app: app.id,
        });
        await recordAppChange(transaction, app);
      }),
  };
}

/** The Owner who transfers the app: the acting person, or for an operator the named Owner or the only one. */
async function currentOwnerOf(
  transaction: Connection,
  { id }: Access['app'],
  actor: AppActor,
  from: string | undefined,
): Promise<AppMember | undefined> {
  if (actor.kind === 'account' && from !== undefined && from !== actor.accountId)
    throw new OAuthError(
      'access_denied',
      'Only an operator can transfer an app on behalf of another Owner.',
      {
        parameter: 'from',
      },
    );
  const owners = await membersOf(transaction, id)
    .where('app_member.role', '=', ownerRole)
    .execute();
  const named = actor.kind === 'account' ? actor.accountId : from;
  if (named === undefined && owners.length > 1)
    throw new OAuthError(
      'invalid_request',
      'The app has several Owners. Name the one who transfers it.',
      { parameter: 'from' },
    );
  const currentOwner =
    named === undefined ? owners[0] : owners.find(({ accountId }) => accountId === named);
  if (named !== undefined && !currentOwner)
    throw new OAuthError('invalid_request', `${named} is not an Owner of this app.`, {
      parameter: 'from',
    });
  return currentOwner;
}
