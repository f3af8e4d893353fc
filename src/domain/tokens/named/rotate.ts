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

/** Throws `conflict` if a token is not active, or was regenerated: then its successor can be changed instead. */
export function requireChangeable({ status, successor }: ShownToken): void {
  if (status !== 'active')
    throw new OAuthError('conflict', 'This token is no longer active. Create a new one.');
  if (successor !== null)
    throw new OAuthError(
      'conflict',
      `This token was regenerated and expires soon. Change its successor ${successor} instead.`,
    );
}

/**
 * Regenerates a token that the transaction has locked: a new token with a new id and value takes over everything else.
 * The old one is revoked at once, or expires after the overlap unless it expires earlier anyway. `maxTtl` limits the
 * lifetime of the new one in seconds; null for no limit.
 */
export async function rotateNamedToken(
  transaction: Connection,
  token: Shown<NamedTokenKind>,
  { overlap, expiresAt }: Rotation,
  maxTtl: number | null,
): Promise<{ id: string; value: string }> {
  requireChangeable(token);
  requireOverlap(overlap);
  const newExpiry = expiryOfNew(token, expiresAt, maxTtl);
  const { id: newId, value } = await insertNamedToken(transaction, {
    kind: token.kind,
    clientId: token.clientId,
    accountId: token.accountId ?? undefined,
    name: token.name ?? '',
    scope: scopeTokens(token.scope),
    resource: token.audience?.[0] ?? '',
    subject: token.subject ?? undefined,
    payload: token.payload ?? undefined,
    expiresAt: newExpiry,
  });
  const retireOld =
    overlap === 0
      ? sql`revoked_at = now()`
      : sql`expires_at = least(expires_at, now() + ${overlap}::float8 * interval '1 second')`;
  await sql`update ${sql.table(partitionTable(token.id.partition))} set successor = ${newId.key}, ${retireOld}
    where shelf = ${token.id.partition} and key = ${token.id.key}`.execute(transaction);
  const [tokenId, id] = [publicId(token.id), publicId(newId)];
  await recordNamedTokenEvent(transaction, 'rolled', token, {
    name: token.name,
    client_id: token.clientId,
    scope: token.scope ?? '',
    successor: id,
    overlap_seconds: overlap,
    expires_at: newExpiry,
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
    audience: token.audience,
  });
  return { id, value };
}

/** The given expiry, or the original lifetime of the old token counted from now, capped at `maxTtl`. */
function expiryOfNew(
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
      `The old value can remain valid for one of these numbers of seconds: ${overlaps.join(', ')}.`,
      { parameter: 'overlap_seconds' },
    );
}
