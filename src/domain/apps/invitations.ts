import { sql } from 'kysely';
import { appInvitationLifetime, appLimits, ownerRole } from '../../../config/apps.ts';
import { invitationMails } from '../../../config/attempts.ts';
import type { Connection } from '../../../db/schema.ts';
import { sha256 } from '../../crypto/digest.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { inActorTransaction } from '../database/actor-transaction.ts';
import { runOnce } from '../database/idempotency.ts';
import { orUnavailable } from '../database/retry.ts';
import { isOneLine, isUuid } from '../database/text-checks.ts';
import { LimitReached, type Limits } from '../limits/rate-limits.ts';
import { choosesEmail, recordMail } from '../mail/outbox.ts';
import {
  type AppAccess,
  lockById,
  requireCovers,
  requireManages,
  seesAddresses,
} from './access.ts';
import { addMember } from './members.ts';
import { assertMayOwnAnother } from './ownership.ts';
import { requireRole } from './roles.ts';
import type { AppActor, AppInvitation, AppInvitations, ReceivedInvitation } from './types.ts';

/** Prefix of the values of invitations to apps. */
const appInvitationPrefix = 'writ_app_';

const shape = new RegExp(`^${appInvitationPrefix}[0-9A-Za-z]{${lengthOf256Bits}}$`);

const maxEmailLength = 320;

const live = sql<boolean>`i.expires_at > now()`;

/** Query for invitations that have not expired, with their inviters. */
const invitations = (connection: Connection) =>
  connection
    .selectFrom('app_invitation as i')
    .leftJoin('account as inviter', 'inviter.id', 'i.invited_by')
    .where(live);

const sentBy = (connection: Connection, appId: string) =>
  invitations(connection)
    .select([
      'i.id',
      'i.email',
      'i.role',
      'inviter.name as invitedBy',
      'i.created_at as createdAt',
      'i.expires_at as expiresAt',
    ])
    .where('i.app_id', '=', appId);

const asReceived = (connection: Connection) =>
  invitations(connection)
    .innerJoin('app', 'app.id', 'i.app_id')
    .innerJoin('app_role as r', (join) =>
      join
        .onRef('r.name', '=', 'i.role')
        .on(sql<boolean>`(r.app_id = i.app_id or r.app_id is null)`),
    )
    .select([
      'i.id',
      'app.name',
      'app.display_name as displayName',
      'i.role',
      'r.description as roleDescription',
      'i.email',
      'inviter.name as invitedBy',
      'i.expires_at as expiresAt',
    ])
    .where('app.deleted_at', 'is', null);

type ReceivedRow = Omit<ReceivedInvitation, 'app'> & ReceivedInvitation['app'];

const describeReceived = ({ name, displayName, ...rest }: ReceivedRow): ReceivedInvitation => ({
  ...rest,
  app: { name, displayName },
});

const noInvitation = () =>
  new OAuthError('not_found', 'The invitation does not exist or is no longer valid.');

/** Invitations to apps. An Owner invites an email address, and the person with that address accepts or declines. */
export function createAppInvitations({
  access,
  kysely,
  keyring,
  limits,
  sendsEmails,
}: {
  access: AppAccess;
  kysely: Connection;
  keyring: Pick<Keyring, 'seal'>;
  limits: Limits;
  /** Whether there is a mail server. */
  sendsEmails: boolean;
}): AppInvitations {
  const ofActor = limits.limit('invitation-mails', invitationMails.ofActor);
  const ofAddress = limits.limit('invitation-mails-address', invitationMails.ofAddress);

  /** Whether the invitation is sent by email: not if the actor or the mailbox had too many. */
  const isMailed = async (
    actor: AppActor,
    { email, sendEmail }: { email: string; sendEmail?: boolean | undefined },
  ): Promise<boolean> => {
    if (!choosesEmail(sendEmail, sendsEmails)) return false;
    try {
      await ofActor.consume(JSON.stringify(actor));
      await ofAddress.consume(email.trim().normalize('NFKC').toLowerCase());
      return true;
    } catch (error) {
      if (error instanceof LimitReached) return false;
      throw error;
    }
  };

  /** Consumes an invitation and runs the response to it. Of concurrent responses one succeeds. */
  const respond = <Result>(
    accountId: string,
    id: string,
    run: (
      transaction: Connection,
      app: NonNullable<Awaited<ReturnType<typeof lockById>>>,
      invitation: { email: string; role: string },
    ) => Promise<Result>,
  ): Promise<Result> =>
    inActorTransaction(kysely, { kind: 'account', accountId }, async (transaction) => {
      if (!isUuid(id) || !isUuid(accountId)) throw noInvitation();
      const found = await transaction
        .selectFrom('app_invitation')
        .select('app_id')
        .where('id', '=', id)
        .executeTakeFirst();
      const app = found && (await lockById(transaction, found.app_id));
      if (!app) throw noInvitation();
      const invitation = await transaction
        .deleteFrom('app_invitation as i')
        .using('account')
        .where('i.id', '=', id)
        .where(live)
        .where('account.id', '=', accountId)
        .where('account.disabled_at', 'is', null)
        .where(sql<boolean>`lower(account.email) = lower(i.email)`)
        .returning(['i.email', 'i.role'])
        .executeTakeFirst();
      if (!invitation) throw noInvitation();
      return run(transaction, app, invitation);
    });

  return {
    create: async (actor, appName, given, idempotency) => {
      // Outside the transaction, because the embedded database has only one connection.
      const byEmail = await isMailed(actor, given);
      return access.change(actor, appName, async ({ app, rights }, transaction) => {
        requireManages(rights, 'app');
        const { email, role } = await checkEach({
          email: () => asEmail(given.email),
          role: async () => {
            const role = await requireRole(transaction, app.id, given.role);
            requireCovers(rights, role, 'role');
            return role;
          },
        });
        return runOnce(idempotency, transaction, async () => {
          const member = await transaction
            .selectFrom('app_member')
            .innerJoin('account', 'account.id', 'app_member.account_id')
            .select('account.id')
            .where('app_id', '=', app.id)
            .where(sql`lower(account.email)`, '=', sql<string>`lower(${email})`)
            .executeTakeFirst();
          if (member)
            throw new OAuthError('conflict', `${email} already belongs to a member.`, {
              parameter: 'email',
            });
          await transaction
            .deleteFrom('app_invitation')
            .where('app_id', '=', app.id)
            .where((eb) =>
              eb.or([
                eb(sql`lower(email)`, '=', sql<string>`lower(${email})`),
                eb('expires_at', '<=', sql<Date>`now()`),
              ]),
            )
            .execute();
          const { pending } = await transaction
            .selectFrom('app_invitation')
            .select(sql<number>`count(*)::integer`.as('pending'))
            .where('app_id', '=', app.id)
            .executeTakeFirstOrThrow();
          if (pending >= appLimits.invitations)
            throw new OAuthError(
              'conflict',
              `An app can have at most ${appLimits.invitations} pending invitations. Revoke one first.`,
            );
          const value = `${appInvitationPrefix}${randomAlphanumeric(lengthOf256Bits)}`;
          const { id } = await transaction
            .insertInto('app_invitation')
            .values({
              app_id: app.id,
              email,
              role: role.name,
              digest: sha256(value),
              invited_by: actor.kind === 'account' ? actor.accountId : null,
              created_at: sql<Date>`now()`,
              expires_at: sql<Date>`now() + ${sql.lit(appInvitationLifetime)} * interval '1 second'`,
            })
            .returning('id')
            .executeTakeFirstOrThrow();
          const invitation = await sentBy(transaction, app.id)
            .where('i.id', '=', id)
            .executeTakeFirstOrThrow();
          await recordEvent(transaction, {
            action: 'app_invitation.created',
            target: { kind: 'app', id: app.name },
            details: { email, role: role.name, expires_at: invitation.expiresAt.toISOString() },
            app: app.id,
          });
          if (byEmail)
            await recordMail(transaction, {
              kind: 'app_invitation',
              recipient: email,
              details: { invitation_id: id },
              secret: { keyring, value },
            });
          return { invitation, value, sentTo: byEmail ? email : null };
        });
      });
    },

    list: (actor, appName): Promise<AppInvitation[]> =>
      access.read(actor, appName, async ({ app, rights }, connection) => {
        const sent = await sentBy(connection, app.id)
          .orderBy('i.created_at')
          .orderBy('i.id')
          .execute();
        return seesAddresses(rights)
          ? sent
          : sent.map((invitation) => ({ ...invitation, email: null }));
      }),

    revoke: (actor, appName, id) =>
      access.change(actor, appName, async ({ app, rights }, transaction) => {
        requireManages(rights, 'app');
        const revoked = isUuid(id)
          ? await transaction
              .deleteFrom('app_invitation')
              .where('app_id', '=', app.id)
              .where('id', '=', id)
              .returning(['email', 'role'])
              .executeTakeFirst()
          : undefined;
        if (!revoked) throw noInvitation();
        await recordEvent(transaction, {
          action: 'app_invitation.revoked',
          target: { kind: 'app', id: app.name },
          details: revoked,
          app: app.id,
        });
      }),

    received: async (accountId) => {
      if (!isUuid(accountId)) return [];
      const rows = await orUnavailable(() =>
        asReceived(kysely)
          .innerJoin('account as a', (join) =>
            join.on(sql<boolean>`lower(a.email) = lower(i.email)`),
          )
          .where('a.id', '=', accountId)
          .where('a.disabled_at', 'is', null)
          .orderBy('i.created_at')
          .orderBy('i.id')
          .execute(),
      );
      return rows.map(describeReceived);
    },

    find: async (value) => {
      if (!shape.test(value)) return undefined;
      const row = await orUnavailable(() =>
        asReceived(kysely).where('i.digest', '=', sha256(value)).executeTakeFirst(),
      );
      return row && describeReceived(row);
    },

    accept: (accountId, id) =>
      respond(accountId, id, async (transaction, app, { email, role }) => {
        const existing = await transaction
          .selectFrom('app_member')
          .select('role')
          .where('app_id', '=', app.id)
          .where('account_id', '=', accountId)
          .executeTakeFirst();
        // An existing member, added by an operator or through another address, keeps their role.
        if (!existing) {
          if (role === ownerRole) await assertMayOwnAnother(transaction, accountId);
          await addMember(transaction, app, { accountId, role });
        }
        await recordEvent(transaction, {
          action: 'app_invitation.accepted',
          target: { kind: 'app', id: app.name },
          details: { account_id: accountId, email, role: existing?.role ?? role },
          app: app.id,
        });
        if (!existing)
          await recordChange(transaction, {
            kind: 'app.changed',
            app: app.name,
            epoch: app.epoch,
          });
        return { app: app.name };
      }),

    decline: (accountId, id) =>
      respond(accountId, id, (transaction, app, { email, role }) =>
        recordEvent(transaction, {
          action: 'app_invitation.declined',
          target: { kind: 'app', id: app.name },
          details: { account_id: accountId, email, role },
          app: app.id,
        }),
      ),
  };
}

function asEmail(text: string): string {
  const email = text.trim();
  if (email.length > maxEmailLength || !isOneLine(email) || !/^[^\s@]+@[^\s@]+$/.test(email))
    throw new OAuthError(
      'invalid_request',
      email === ''
        ? 'Enter an email address.'
        : `${JSON.stringify(email.slice(0, 100))} is not a valid email address.`,
      { parameter: 'email' },
    );
  return email;
}
