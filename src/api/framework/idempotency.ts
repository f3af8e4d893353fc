/** `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that is sent again makes nothing new. */
import type { Context } from 'koa';
import { idempotencyWindow } from '../../../config/tokens.ts';
import { sha256 } from '../../crypto/digest.ts';
import { createIdempotency, type Idempotency } from '../../domain/database/idempotency.ts';
import { parameterError } from '../../oauth/errors.ts';
import { bearerOf } from './authenticate.ts';

export const idempotencyHeader = 'Idempotency-Key';

export const maxIdempotencyKeyLength = 255;

/**
 * What makes a request once, for the token that came with it: another token may use the same key. Nothing
 * without the header; throws `invalid_request` where it holds no key.
 */
export function readIdempotency(ctx: Context, body: unknown): Idempotency | undefined {
  const header = ctx.headers[idempotencyHeader.toLowerCase()];
  const credential = bearerOf(ctx);
  if (header === undefined || credential === undefined) return undefined;
  const key = parseIdempotencyKey(String(header));
  if (key === undefined)
    throw parameterError(
      'invalid_request',
      idempotencyHeader,
      `send 1 to ${maxIdempotencyKeyLength} visible ASCII characters, as a UUID is, with or without quotes.`,
    );
  return createIdempotency({
    key,
    credential,
    fingerprint: sha256(JSON.stringify([ctx.method, ctx.path, inOrder(body)])),
    seconds: idempotencyWindow,
  });
}

/** A string as RFC 8941 §3.3.3 writes it, or the same characters without its quotes. Undefined where it is no key. */
export function parseIdempotencyKey(header: string): string | undefined {
  const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header) ?? [];
  if (quoted === undefined && header.includes('"')) return undefined;
  const key = quoted?.replaceAll(/\\(["\\])/g, '$1') ?? header;
  return key.length <= maxIdempotencyKeyLength && /^[\x21-\x7e]+$/.test(key) ? key : undefined;
}

/** The same JSON whatever the order of its members. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, inOrder(member)]),
  );
}
