import { type RawBuilder, sql } from 'kysely';
import type { Connection, Schema } from '../../../../db/schema.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { tokenIssued } from '../../../telemetry/channels.ts';
import { actingAccount } from '../../audit/actor.ts';
import { clientIsEnabled } from '../../clients/sql.ts';
import { assertAllExist } from '../../database/existence.ts';
import { actingTokenIsActive, requireActingToken } from '../acting-token.ts';
import type { Subject } from '../token-state.ts';
import { hintOf, mintToken, type NamedTokenKind, partitionFor, type TokenId } from '../value.ts';
import { nextTokenNumber } from './numbers.ts';

/** A named token to store. */
export interface NewNamedToken {
  kind: NamedTokenKind;
  /** The public id of the client. */
  clientId: string;
  accountId?: string | undefined;
  name: string;
  scope: readonly string[];
  /** The identifier of its resource. */
  resource: string;
  subject?: Subject | undefined;
  /** Data that introspection uses: `attributes`, `roles` and `rar` (authorization details). */
  payload?: Record<string, unknown> | undefined;
  expiresAt?: Date | null | undefined;
}

/**
 * Stores a new token in partition 0 and returns its value. The token gets the current epochs of its client, app and
 * account, so a concurrent revocation of all their tokens includes it. Throws `conflict` if one of them is deleted or
 * disabled, `invalid_request` if the resource does not exist, and `invalid_token` if the token that authenticates the
 * actor is no longer active.
 */
export async function insertNamedToken(
  transaction: Connection,
  { kind, clientId, accountId, name, scope, resource, subject, payload, expiresAt }: NewNamedToken,
): Promise<{ id: TokenId; value: string }> {
  // Locks the resource. If it were deleted concurrently, a later one with the same identifier would accept the token.
  await assertAllExist(transaction, 'resource', { resource: [resource] });
  const { value, id } = mintToken(kind, partitionFor(kind, 0, undefined));
  const columns = {
    shelf: sql`${id.partition}::integer`,
    key: sql`${id.key}::bytea`,
    kind: sql`${kind}::text`,
    client_id: sql`c.id`,
    account_id: sql`a.id`,
    client_epoch: sql`c.epoch`,
    app_epoch: sql`coalesce(p.epoch, 0)`,
    account_epoch: sql`coalesce(a.epoch, 0)`,
    grant_epoch: sql`0`,
    scope: sql`${scope.join(' ') || null}::text`,
    audience: sql`array[${resource}::text]`,
    payload: sql`${payload ? JSON.stringify(payload) : null}::jsonb`,
    name: sql`${name}::text`,
    hint: sql`${hintOf(value)}::text`,
    subject_type: sql`${subject?.type ?? null}::text`,
    subject_id: sql`${subject?.id ?? null}::text`,
    issued_at: sql`now()`,
    expires_at: sql`${expiresAt ?? null}::timestamptz`,
    number: kind === 'api_token' ? nextTokenNumber : sql`null::bigint`,
    created_by: sql`${kind === 'api_key' ? actingAccount() : null}::uuid`,
  } satisfies Partial<Record<keyof Schema['token'], RawBuilder<unknown>>>;
  const { rows } = await sql`
    insert into token (${sql.join(Object.keys(columns).map((column) => sql.ref(column)))})
    select ${sql.join(Object.values(columns))}
    from client c
    left join app p on p.id = c.app_id
    left join account a on a.id = ${accountId ?? null}::uuid and a.disabled_at is null
    where c.client_id = ${clientId} and ${sql.raw(clientIsEnabled)}
      and (${accountId ?? null}::uuid is null or a.id is not null) and ${actingTokenIsActive()}
    returning 1`.execute(transaction);
  if (rows.length === 0) await requireActingToken(transaction);
  if (rows.length === 0)
    throw new OAuthError(
      'conflict',
      'The client, its app or the account is disabled or deleted, so no token can be created for it.',
    );
  tokenIssued.publish({ kind, isJwt: false });
  return { id, value };
}
