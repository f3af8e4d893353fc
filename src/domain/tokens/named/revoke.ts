import { sql } from 'kysely';
import type { Connection } from '../../../../db/schema.ts';
import { recordChange } from '../../audit/change-feed.ts';
import { recordEvent } from '../../audit/events.ts';
import { partitionTable } from '../partitions.ts';
import { publicId } from '../value.ts';
import type { ShownToken } from './types.ts';

/** Revokes a token that the transaction has locked. No effect if it is expired or revoked. */
export async function revokeNamedToken(
  transaction: Connection,
  {
    id,
    kind,
    name,
    clientId,
    audience,
    status,
  }: Pick<ShownToken, 'id' | 'kind' | 'name' | 'clientId' | 'audience' | 'status'>,
): Promise<void> {
  if (status === 'expired' || status === 'revoked') return;
  await sql`update ${sql.table(partitionTable(id.partition))} set revoked_at = now() where shelf = ${id.partition} and key = ${id.key}`.execute(
    transaction,
  );
  const tokenId = publicId(id);
  await recordEvent(transaction, {
    action: 'token.revoked',
    target: { kind: 'token', id: tokenId },
    details: { kind, name, client_id: clientId },
  });
  await recordChange(transaction, { kind: 'token.revoked', tokenId, clientId, audience });
}
