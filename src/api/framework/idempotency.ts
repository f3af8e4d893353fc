/** `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a repeated request creates nothing new. */
import type { Context } from 'koa';
import { idempotencyWindow } from '../../../config/tokens.ts';
import { sha256 } from '../../crypto/digest.ts';
import { createIdempotency, type Idempotency } from '../../domain/database/idempotency.ts';
import { parameterError } from '../../oauth/errors.ts';
import { tokenOf } from './authenticate.ts';

export const idempotencyHeader = 'Idempotency-Key';

export const maxIdempotencyKeyLength = 255;

/**
 * The idempotency of a request. Keys are scoped to the token of the request. Returns undefined without the header;
 * throws `invalid_request` if its value is not a valid key.
 */
export function readIdempotency(ctx: Context, body: unknown): Idempotency | undefined {
  const header = ctx.headers[idempotencyHeader.toLowerCase()];
  const credential = tokenOf(ctx);
  if (header === undefined || credential === undefined) return undefined;
  const key = parseIdempotencyKey(String(header));
  if (key === undefined)
    throw parameterError(
      'invalid_request',
      idempotencyHeader,
      `must be 1 to ${maxIdempotencyKeyLength} visible ASCII characters, such as a UUID, with or without quotes.`,
    );
  return createIdempotency({
    key,
    credential,
    fingerprint: sha256(JSON.stringify([ctx.method, ctx.path, sortMembers(body)])),
    seconds: idempotencyWindow,
  });
}

/** Parses a string of RFC 8941 §3.3.3; also accepts it without its quotes. Undefined if it is not a valid key. */
export function parseIdempotencyKey(header: string): string | undefined {
  const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header) ?? [];
  if (quoted === undefined && header.includes('"')) return undefined;
  const key = quoted?.replaceAll(/\\(["\\])/g, '$1') ?? header;
  return key.length <= maxIdempotencyKeyLength && /^[\x21-\x7e]+$/.test(key) ? key : undefined;
}

/** Sorts the members of objects, so that their order does not change the fingerprint. */
function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sortMembers(member)]),
  );
}
