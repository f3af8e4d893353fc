import { parameterError } from '../../../oauth/errors.ts';
import { parsePublicId, publicId, type TokenId } from '../value.ts';

/** The sort order of a list of tokens, which is part of its cursors; `made` is by creation. */
export type Order = 'made' | 'name' | 'expires' | 'revoked';

/** A position in a list, which remains valid when the token at it is changed or deleted. */
export interface ListPosition {
  /** The sort value: a name in lowercase, or a time in microseconds since the epoch. */
  value: string;
  key: Buffer;
}

const malformedCursor = () =>
  parameterError('invalid_request', 'after', 'is not a cursor of this list. Use `next` of a page.');

/** Microseconds since the epoch, within the range of timestamptz. */
const microseconds = /^\d{1,17}$/;

/** The opaque cursor of a position. */
export const cursorFor = (order: Order, { value, key }: ListPosition): string =>
  Buffer.from(JSON.stringify([order, value, publicId({ partition: 0, key })])).toString(
    'base64url',
  );

/** Parses a cursor. Throws `invalid_request` if it is malformed or belongs to a list in another order. */
export function readCursor(order: Order, cursor: string): ListPosition {
  const [orderOfCursor, value, publicId] = parse(cursor);
  const id: TokenId | undefined =
    typeof publicId === 'string' ? parsePublicId(publicId) : undefined;
  if (orderOfCursor !== order || typeof value !== 'string' || id?.partition !== 0)
    throw malformedCursor();
  if (order === 'name' ? value.includes('\0') || !value.isWellFormed() : !microseconds.test(value))
    throw malformedCursor();
  return { value, key: id.key };
}

function parse(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
