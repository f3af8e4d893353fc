import { type RawBuilder, sql } from 'kysely';
import type { Connection, Schema } from '../../../../db/schema.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { actingAccount } from '../../audit/actor.ts';
import { clientIsEnabled } from '../../clients/sql.ts';
import { assertAllExist } from '../../database/existence.ts';
import { actingTokenIsActive, requireActingToken } from '../acting-token.ts';
import type { Subject } from '../token-state.ts';
import { hintOf, mintToken, type NamedTokenKind, partitionFor, type TokenId } from '../value.ts';
import { nextTokenNumber } from './numbers.ts';

/** An owned token to be stored. */
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
  /** What introspection reads: `attributes`, `roles` and `rar`. */
  payload?: Record<string, unknown> | undefined;
  expiresAt?: Date | null | undefined;
}

/**
 * Stores a new token on partition 0, with the epochs of its owners as they are in this moment: where one of
 * them is ended meanwhile, so is the token. Gives its value, this once. Throws `conflict` where the client,
 * its app or the account is gone or disabled, `invalid_request` where the resource is gone, and
 * `invalid_token` where whoever acts does so by a token that has ended since it was shown.
 */
export async function insertNamedToken(
  transaction: Connection,
  { kind, clientId, accountId, name, scope, resource, subject, payload, expiresAt }: NewNamedToken,
): Promise<{ id: TokenId; value: string }> {
  // Held: a resource that is deleted in this moment would take the token along if it were made anew.
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
      'Whose token it would be is disabled or gone, and gets no tokens.',
    );
  return { id, value };
}
