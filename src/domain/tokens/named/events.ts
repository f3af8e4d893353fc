import type { Connection } from '../../../../db/schema.ts';
import { recordEvent } from '../../audit/events.ts';
import { type NamedTokenKind, publicId, type TokenId } from '../value.ts';

/**
 * Records the audit event of a change to a named token in the transaction of the change; it also appears in the
 * activity of the client's app. `details` must contain neither the value of the token nor its attributes, which are
 * data of third parties.
 */
export const recordNamedTokenEvent = (
  transaction: Connection,
  change: 'created' | 'updated' | 'rolled',
  { kind, id }: { kind: NamedTokenKind; id: TokenId },
  details: { name: unknown; client_id: string } & Record<string, unknown>,
): Promise<void> =>
  recordEvent(transaction, {
    action: `${kind}.${change}`,
    target: { kind: 'token', id: publicId(id) },
    details,
  });
