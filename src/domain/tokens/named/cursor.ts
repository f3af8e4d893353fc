import { parameterError } from '../../../oauth/errors.ts';
import { parsePublicId, publicId, type TokenId } from '../value.ts';

/** What a list of tokens is sorted by. */
export type Order = 'made' | 'name' | 'expires' | 'revoked';

/** The place of a token in a list: it stays where it is when the token is changed, or is there no more. */
export interface ListPosition {
  /** What it is sorted by: a name in small letters, or microseconds since 1970. */
  value: string;
  key: Buffer;
}

const wrong = () => parameterError('invalid_request', 'after', 'is not a cursor of this list.');

/** A number of microseconds that Postgres can make a time of. */
const microseconds = /^\d{1,17}$/;

export const cursorFor = (order: Order, { value, key }: ListPosition): string =>
  Buffer.from(JSON.stringify([order, value, publicId({ partition: 0, key })])).toString(
    'base64url',
  );

/** Throws `invalid_request` for a cursor that is none, or of a list that is sorted otherwise. */
export function readCursor(order: Order, cursor: string): ListPosition {
  const [of, value, id] = parse(cursor);
  const place: TokenId | undefined = typeof id === 'string' ? parsePublicId(id) : undefined;
  if (of !== order || typeof value !== 'string' || place?.partition !== 0) throw wrong();
  if (order === 'name' ? value.includes('\0') || !value.isWellFormed() : !microseconds.test(value))
    throw wrong();
  return { value, key: place.key };
}

function parse(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
