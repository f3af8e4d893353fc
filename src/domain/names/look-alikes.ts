/**
 * Names on which people base a decision: those of clients and apps, shown when they approve access. No name can
 * look like one of another owner, of a built-in client, or of the server itself. Two names look alike if they have
 * the same `name_skeleton`, a database function (migration 0012).
 */
import { sql } from 'kysely';
import { ownerRole } from '../../../config/apps.ts';
import {
  commandLineApiClientName,
  commandLineClientName,
  operatorClientId,
  operatorClientName,
  personalClientId,
  personalClientName,
} from '../../../config/clients.ts';
import type { Connection } from '../../../db/schema.ts';
import { parameterError } from '../../oauth/errors.ts';
import type { Product } from '../accounts/password-policy.ts';

/** A name to be given to an app or a client of an app. */
export interface NewName {
  name: string;
  /** The request parameter for errors. */
  parameter: string;
  /** Id of the app, if it already exists. */
  appId?: string | undefined;
  /** The account that will be the Owner of a new app. */
  ownerId?: string | undefined;
}

/**
 * Throws `conflict` if another owner has a name that looks the same, without naming them, and `invalid_request` if
 * the server or its parts do. Apps with an Owner in common can share names. Call this in the transaction that
 * writes the name, immediately before: of two concurrent writes of similar names, the second waits for the first.
 */
export type RequireDistinctName = (transaction: Connection, name: NewName) => Promise<void>;

/** Creates the check. The brand and the address of `product` are reserved. */
export function createDistinctNames({ product }: { product: Product }): RequireDistinctName {
  const reserved = [
    product.brand,
    product.issuer,
    new URL(product.issuer).hostname,
    ...[operatorClientId, operatorClientName, personalClientId, personalClientName],
    ...[commandLineClientName, commandLineApiClientName],
  ];
  return async (transaction, { name, parameter, appId, ownerId }) => {
    const { rows } = await sql<{ skeleton: string; isReserved: boolean }>`
      select mine.skeleton, exists (select from unnest(${reserved}::text[]) text where name_skeleton(text) = mine.skeleton) as "isReserved"
      from (select name_skeleton(${name}) as skeleton) mine`.execute(transaction);
    const [{ skeleton, isReserved } = { skeleton: '', isReserved: false }] = rows;
    // Only characters without a skeleton: the name cannot look like any other.
    if (skeleton === '') return;
    if (isReserved)
      throw parameterError(
        'invalid_request',
        parameter,
        'looks like the name of this service or of a part of it. Choose another name.',
      );
    await sql`select pg_advisory_xact_lock(hashtextextended('writ name ' || ${skeleton}::text, 0))`.execute(
      transaction,
    );
    if (await isTaken(transaction, skeleton, { appId, ownerId }))
      throw parameterError(
        'conflict',
        parameter,
        'looks too similar to a name that is already in use. Choose another name.',
      );
  };
}

/**
 * Whether an app of another owner, or a client outside the owner's apps, has a name with this skeleton. Clients that registered
 * themselves, outside of apps, take no name: strangers would keep owners from theirs.
 */
async function isTaken(
  transaction: Connection,
  skeleton: string,
  {
    appId = null,
    ownerId = null,
  }: { appId?: string | undefined | null; ownerId?: string | undefined | null },
): Promise<boolean> {
  // Server clients without a name of their own are named after their id within the app, and only its members see
  // that.
  const { rows } = await sql<{ taken: boolean }>`
    with own as (
      select app_id from app_member where role = ${ownerRole} and account_id in (
        select account_id from app_member where app_id = ${appId}::uuid and role = ${ownerRole}
        union select ${ownerId}::uuid)
      union select ${appId}::uuid)
    select exists (
      select from app where deleted_at is null and name_skeleton(display_name) = ${skeleton}
        and not exists (select from own where own.app_id = app.id)
      union all
      select from client where deleted_at is null and (origin is null or app_id is not null)
        and name_skeleton(coalesce(metadata->>'client_name', client_id)) = ${skeleton}
        and not exists (select from own where own.app_id = client.app_id)
        and not (app_id is not null and metadata->'grant_types' @> '["client_credentials"]'
          and metadata->>'client_name' = split_part(client_id, ':', 2))
    ) as taken`.execute(transaction);
  return rows[0]?.taken === true;
}
