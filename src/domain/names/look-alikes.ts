/**
 * Names by which people decide: those of clients and apps, on the pages where they let a program in. None looks like
 * that of another owner, of a client of this server, or of the server itself. What looks alike is what has one
 * `name_skeleton`, a function of the database (migration 0012).
 */
import { sql } from 'kysely';
import { ownerRole } from '../../../config/apps.ts';
import {
  operatorClientId,
  operatorClientName,
  personalClientId,
  personalClientName,
} from '../../../config/clients.ts';
import type { Connection } from '../../../db/schema.ts';
import { parameterError } from '../../oauth/errors.ts';
import type { Product } from '../accounts/password-policy.ts';

/** A name that an app or a client of one is to get. */
export interface NewName {
  name: string;
  /** Where it came from, as callers spell it. */
  parameter: string;
  /** The id of the app, if there is one already. */
  appId?: string | undefined;
  /** The account that is to be the Owner of a new app. */
  ownerId?: string | undefined;
}

/**
 * Throws `conflict` where another owner has a name that looks the same, without saying whose it is, and
 * `invalid_request` where it is that of this server or of what belongs to it. Apps that have an Owner in common may
 * share names. To be called in the transaction that writes the name, right before: of two at once that look alike, the
 * second waits for the first.
 */
export type RequireDistinctName = (transaction: Connection, name: NewName) => Promise<void>;

/** The check, for a product: no app or client has its name or its address. */
export function createDistinctNames({ product }: { product: Product }): RequireDistinctName {
  const ours = [
    product.brand,
    product.issuer,
    new URL(product.issuer).hostname,
    ...[operatorClientId, operatorClientName, personalClientId, personalClientName],
  ];
  return async (transaction, { name, parameter, appId, ownerId }) => {
    const { rows } = await sql<{ skeleton: string; isOurs: boolean }>`
      select mine.skeleton, exists (select from unnest(${ours}::text[]) our where name_skeleton(our) = mine.skeleton) as "isOurs"
      from (select name_skeleton(${name}) as skeleton) mine`.execute(transaction);
    const [{ skeleton, isOurs } = { skeleton: '', isOurs: false }] = rows;
    // Of signs that count as letters: there is nothing that it could look like.
    if (skeleton === '') return;
    if (isOurs)
      throw parameterError(
        'invalid_request',
        parameter,
        'looks like the name of this service, or of a part of it; choose another.',
      );
    await sql`select pg_advisory_xact_lock(hashtextextended('writ name ' || ${skeleton}::text, 0))`.execute(
      transaction,
    );
    if (await isTaken(transaction, skeleton, { appId, ownerId }))
      throw parameterError(
        'conflict',
        parameter,
        'looks too much like a name that is in use here; choose another.',
      );
  };
}

/** Whether an app of another owner, or a client outside the own apps, has a name of the skeleton. */
async function isTaken(
  transaction: Connection,
  skeleton: string,
  {
    appId = null,
    ownerId = null,
  }: { appId?: string | undefined | null; ownerId?: string | undefined | null },
): Promise<boolean> {
  // A server that was given no name is called as in its app, and people outside that never read it.
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
      select from client where deleted_at is null
        and name_skeleton(coalesce(metadata->>'client_name', client_id)) = ${skeleton}
        and not exists (select from own where own.app_id = client.app_id)
        and not (app_id is not null and metadata->'grant_types' @> '["client_credentials"]'
          and metadata->>'client_name' = split_part(client_id, ':', 2))
    ) as taken`.execute(transaction);
  return rows[0]?.taken === true;
}
