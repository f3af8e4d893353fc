import { sql } from 'kysely';
import type { Connection } from '../../../../db/schema.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { recordChange } from '../../audit/change-feed.ts';
import { diffOf } from '../../audit/events.ts';
import { namedTokenKinds, publicId } from '../value.ts';
import { recordNamedTokenEvent } from './events.ts';
import type { ShownToken } from './types.ts';

/** What is left out stays as it is. */
export interface NamedTokenChanges {
  name?: string | undefined;
  scope?: readonly string[] | undefined;
  /** Null: none. */
  attributes?: Record<string, unknown> | null | undefined;
  /** Null: never. */
  expiresAt?: Date | null | undefined;
}

/**
 * Changes a token that was read in the transaction with a lock. What is as it was before is no change,
 * and is told nobody. Throws `conflict` where the token is over.
 */
export async function updateNamedToken(
  transaction: Connection,
  token: ShownToken,
  changes: NamedTokenChanges,
): Promise<void> {
  const kind = namedTokenKinds.find((owned) => owned === token.kind);
  if (!kind || token.status !== 'active')
    throw new OAuthError('conflict', 'The token is over and cannot be changed; make a new one.');
  const before = changeableFields(token);
  const after: ChangeableFields = {
    name: changes.name ?? before.name,
    scope: changes.scope?.join(' ') ?? before.scope,
    attributes: changes.attributes === undefined ? before.attributes : changes.attributes,
    expires_at:
      changes.expiresAt === undefined
        ? before.expires_at
        : (changes.expiresAt?.toISOString() ?? null),
  };
  const { attributes, ...details } = diffOf({ ...before }, { ...after });
  if (attributes === undefined && Object.keys(details).length === 0) return;
  const { attributes: _before, ...payload } = token.payload ?? {};
  const stored = { ...payload, ...(after.attributes && { attributes: after.attributes }) };
  await sql`
    update token_shelf_0 set name = ${after.name}, scope = ${after.scope || null}::text,
      payload = ${Object.keys(stored).length > 0 ? JSON.stringify(stored) : null}::jsonb,
      expires_at = ${'expires_at' in details ? sql`${after.expires_at}::timestamptz` : sql`expires_at`}
    where shelf = 0 and key = ${token.id.key}`.execute(transaction);
  await recordNamedTokenEvent(
    transaction,
    'updated',
    { ...token, kind },
    // Events are never changed, and what attributes say is of somebody else.
    {
      name: token.name,
      client_id: token.clientId,
      ...details,
      ...(attributes !== undefined && { attributes: 'changed' }),
    },
  );
  await recordChange(transaction, {
    kind: 'token.changed',
    tokenId: publicId(token.id),
    clientId: token.clientId,
  });
}

/** What can be changed, as events tell it. */
interface ChangeableFields {
  name: string | null;
  scope: string;
  attributes: Record<string, unknown> | null;
  expires_at: string | null;
}

const changeableFields = ({ name, scope, payload, expiresAt }: ShownToken): ChangeableFields => ({
  name,
  scope: scope ?? '',
  attributes: (payload?.['attributes'] as ChangeableFields['attributes']) ?? null,
  expires_at: expiresAt === null ? null : new Date(Math.round(expiresAt * 1000)).toISOString(),
});
