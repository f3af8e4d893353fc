import { sql } from 'kysely';
import { overlaps } from '../../../../config/tokens.ts';
import type { Connection } from '../../../../db/schema.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { recordChange } from '../../audit/change-feed.ts';
import { recordMail } from '../../mail/outbox.ts';
import { partitionTable } from '../partitions.ts';
import { type NamedTokenKind, publicId } from '../value.ts';
import { recordNamedTokenEvent } from './events.ts';
import type { Shown } from './find.ts';
import { insertNamedToken } from './insert.ts';
import { requireExpiry } from './rules.ts';
import type { Rotation, ShownToken } from './types.ts';

/** Throws `conflict` for a token that is over, or was replaced: the one that took its place is changed instead. */
export function requireChangeable({ status, successor }: ShownToken): void {
  if (status !== 'active')
    throw new OAuthError('conflict', 'This token is over; make a new one instead.');
  if (successor !== null)
    throw new OAuthError(
      'conflict',
      `This token was replaced by ${successor}, and ends soon: change that one instead.`,
    );
}

/**
 * Gives a token a new value under a new id, in a transaction that holds it. The new one has everything of
 * the old, which ends at once, or after the overlap where that is sooner than its own end. `maxTtl` is
 * in seconds; null: it may live for ever.
 */
export async function rotateNamedToken(
  transaction: Connection,
  token: Shown<NamedTokenKind>,
  { overlap, expiresAt }: Rotation,
  maxTtl: number | null,
): Promise<{ id: string; value: string }> {
  requireChangeable(token);
  requireOverlap(overlap);
  const end = endOfNew(token, expiresAt, maxTtl);
  const { id: place, value } = await insertNamedToken(transaction, {
    kind: token.kind,
    clientId: token.clientId,
    accountId: token.accountId ?? undefined,
    name: token.name ?? '',
    scope: scopeTokens(token.scope),
    resource: token.audience?.[0] ?? '',
    subject: token.subject ?? undefined,
    payload: token.payload ?? undefined,
    expiresAt: end,
  });
  const ends =
    overlap === 0
      ? sql`revoked_at = now()`
      : sql`expires_at = least(expires_at, now() + ${overlap}::float8 * interval '1 second')`;
  await sql`update ${sql.table(partitionTable(token.id.partition))} set successor = ${place.key}, ${ends}
    where shelf = ${token.id.partition} and key = ${token.id.key}`.execute(transaction);
  const [tokenId, id] = [publicId(token.id), publicId(place)];
  await recordNamedTokenEvent(transaction, 'rolled', token, {
    name: token.name,
    client_id: token.clientId,
    scope: token.scope ?? '',
    successor: id,
    overlap_seconds: overlap,
    expires_at: end,
  });
  if (token.accountId !== null)
    await recordMail(transaction, {
      kind: 'token_created',
      accountId: token.accountId,
      details: { token_id: id },
    });
  await recordChange(transaction, {
    kind: overlap === 0 ? 'token.revoked' : 'token.changed',
    tokenId,
    clientId: token.clientId,
  });
  return { id, value };
}

/** As given; else as long from now as the old one was made for, as far as that is still allowed. */
function endOfNew(
  { issuedAt, expiresAt: before }: ShownToken,
  given: Date | null | undefined,
  maxTtl: number | null,
): Date | null {
  if (given !== undefined) return requireExpiry(given, maxTtl);
  const seconds = Math.min(
    before === null ? Number.POSITIVE_INFINITY : before - issuedAt,
    maxTtl ?? Number.POSITIVE_INFINITY,
  );
  return Number.isFinite(seconds) ? new Date(Date.now() + seconds * 1000) : null;
}

function requireOverlap(overlap: number): void {
  if (!overlaps.includes(overlap))
    throw new OAuthError(
      'invalid_request',
      `The value before goes on for one of these numbers of seconds: ${overlaps.join(', ')}.`,
      { parameter: 'overlap_seconds' },
    );
}
