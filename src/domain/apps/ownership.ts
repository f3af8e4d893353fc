import { sql } from 'kysely';
import { appLimits, ownerRole } from '../../../config/apps.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { isUuid } from '../database/text-checks.ts';

/**
 * Locks an account that is to become the Owner of one more app, so that its apps are counted one change after
 * another. Throws `invalid_request` if the account is disabled or unknown, and `conflict` if it owns the maximum
 * number of apps.
 */
export async function assertMayOwnAnother(
  transaction: Connection,
  accountId: string,
  parameter?: string,
): Promise<void> {
  await requireActiveAccount(transaction, accountId, parameter);
  const { owned } = await transaction
    .selectFrom('app_member')
    .select(sql<number>`count(*)::integer`.as('owned'))
    .where('account_id', '=', accountId)
    .where('role', '=', ownerRole)
    .executeTakeFirstOrThrow();
  if (owned >= appLimits.appsOfAnOwner)
    throw new OAuthError(
      'conflict',
      `A person can own at most ${appLimits.appsOfAnOwner} apps. Delete or transfer one first.`,
    );
}

/**
 * Throws `conflict` if a person has created the maximum number of apps per day. The transaction must hold the
 * account's lock, as after `assertMayOwnAnother`. It counts audit events, because deleted apps have no Owner.
 */
export async function assertMayCreateAnother(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  const { created } = await transaction
    .selectFrom('audit_event')
    .select(sql<number>`count(*)::integer`.as('created'))
    .where('actor_kind', '=', 'account')
    .where('actor_id', '=', accountId)
    .where('action', '=', 'app.created')
    .where('result', '=', 'success')
    .where('at', '>', sql<Date>`now() - interval '24 hours'`)
    .executeTakeFirstOrThrow();
  if (created >= appLimits.appsMadeInADay)
    throw new OAuthError(
      'conflict',
      `A person can create at most ${appLimits.appsMadeInADay} apps in 24 hours, including deleted ones. Try again tomorrow.`,
    );
}

/**
 * Locks an account that is to become a member. Throws `invalid_request`, for the parameter, if it is unknown or
 * disabled.
 */
export async function requireActiveAccount(
  transaction: Connection,
  accountId: string,
  parameter = 'account_id',
): Promise<void> {
  const account = isUuid(accountId)
    ? await transaction
        .selectFrom('account')
        .select('id')
        .where('id', '=', accountId)
        .where('disabled_at', 'is', null)
        .forNoKeyUpdate()
        .executeTakeFirst()
    : undefined;
  if (!account)
    throw new OAuthError(
      'invalid_request',
      `The account ${accountId} does not exist or is disabled.`,
      { parameter },
    );
}

/** Throws `conflict` if no active Owner would remain. */
export async function requireAnotherOwner(
  transaction: Connection,
  appId: string,
  exceptAccountId: string,
): Promise<void> {
  const another = await transaction
    .selectFrom('app_member')
    .innerJoin('account', 'account.id', 'app_member.account_id')
    .select('account.id')
    .where('app_id', '=', appId)
    .where('role', '=', ownerRole)
    .where('account_id', '<>', exceptAccountId)
    .where('account.disabled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (!another)
    throw new OAuthError(
      'conflict',
      'The last Owner of an app cannot leave. Transfer the app or delete it.',
    );
}
