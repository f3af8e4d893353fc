import { sql } from 'kysely';
import { appLimits, ownerRole } from '../../../config/apps.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { isUuid } from '../database/text-checks.ts';

/**
 * Holds an account that is to be the Owner of one more app, so that what it has is counted one after
 * another. Throws `invalid_request` where it cannot be used, `conflict` where it has as many as it can.
 */
export async function assertMayOwnAnother(
  transaction: Connection,
  accountId: string,
  parameter?: string,
): Promise<void> {
  await requireUsable(transaction, accountId, parameter);
  const { owned } = await transaction
    .selectFrom('app_member')
    .select(sql<number>`count(*)::integer`.as('owned'))
    .where('account_id', '=', accountId)
    .where('role', '=', ownerRole)
    .executeTakeFirstOrThrow();
  if (owned >= appLimits.appsOfAnOwner)
    throw new OAuthError(
      'conflict',
      `A person owns at most ${appLimits.appsOfAnOwner} apps: one must be deleted or handed over first.`,
    );
}

/**
 * Throws `conflict` where a person has made as many apps as they can in a day. It is called while their
 * account is locked, as `assertMayOwnAnother` is. Events are counted: an app that is deleted leaves no Owner.
 */
export async function assertMayCreateAnother(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  const { made } = await transaction
    .selectFrom('audit_event')
    .select(sql<number>`count(*)::integer`.as('made'))
    .where('actor_kind', '=', 'account')
    .where('actor_id', '=', accountId)
    .where('action', '=', 'app.created')
    .where('result', '=', 'success')
    .where('at', '>', sql<Date>`now() - interval '24 hours'`)
    .executeTakeFirstOrThrow();
  if (made >= appLimits.appsMadeInADay)
    throw new OAuthError(
      'conflict',
      `A person makes at most ${appLimits.appsMadeInADay} apps in a day, deleted ones included: try again tomorrow.`,
    );
}

/** Holds an account that is to be a member. Throws `invalid_request`, of the parameter, where there is none, or it is disabled. */
export async function requireUsable(
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
      `There is no account ${accountId}, or it is disabled.`,
      { parameter },
    );
}

/** Throws `conflict` where nobody would own the app any more. Whoever is disabled cannot act as one. */
export async function requireAnotherOwner(
  transaction: Connection,
  appId: string,
  besides: string,
): Promise<void> {
  const another = await transaction
    .selectFrom('app_member')
    .innerJoin('account', 'account.id', 'app_member.account_id')
    .select('account.id')
    .where('app_id', '=', appId)
    .where('role', '=', ownerRole)
    .where('account_id', '<>', besides)
    .where('account.disabled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (!another)
    throw new OAuthError(
      'conflict',
      'This is the last Owner, and an app always has one: hand it over, or delete it.',
    );
}
