import { sql } from 'kysely';
import type { Connection } from '../../../../db/schema.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { recordChange } from '../../audit/change-feed.ts';
import { diffOf } from '../../audit/events.ts';
import { namedTokenKinds, publicId } from '../value.ts';
import { recordNamedTokenEvent } from './events.ts';
import type { ShownToken } from './types.ts';

/** Changes of a named token. Members left out keep their value. */
export interface NamedTokenChanges {
  name?: string | undefined;
  scope?: readonly string[] | undefined;
  /** Null: none. */
  attributes?: Record<string, unknown> | null | undefined;
  /** Null: never. */
  expiresAt?: Date | null | undefined;
}

/**
 * Changes a token that the transaction has locked. If nothing differs, no event is recorded. Throws `conflict` if the
 * token is not active.
 */
export async function updateNamedToken(
  transaction: Connection,
  token: ShownToken,
  changes: NamedTokenChanges,
): Promise<void> {
  const kind = namedTokenKinds.find((named) => named === token.kind);
  if (!kind || token.status !== 'active')
    throw new OAuthError('conflict', 'This token is no longer active. Create a new one.');
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
    // The contents of attributes are data of third parties, which could never be erased from an event.
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
    audience: token.audience,
  });
}

/** The fields that can change, in the form of audit events. */
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
