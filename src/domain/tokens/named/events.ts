import type { Connection } from '../../../../db/schema.ts';
import { recordEvent } from '../../audit/events.ts';
import { type NamedTokenKind, publicId, type TokenId } from '../value.ts';

/** Writes what was done to an owned token, in the transaction of that; the app of its client has it among what happened there. */
export const recordNamedTokenEvent = (
  transaction: Connection,
  happened: 'created' | 'updated' | 'rolled',
  { kind, id }: { kind: NamedTokenKind; id: TokenId },
  /** What it is called and whose it is, and what else is to be told; never its value, nor its attributes, which are of somebody else. */
  details: { name: unknown; client_id: string } & Record<string, unknown>,
): Promise<void> =>
  recordEvent(transaction, {
    action: `${kind}.${happened}`,
    target: { kind: 'token', id: publicId(id) },
    details,
  });
