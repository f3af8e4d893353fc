/**
 * WHY A TOKEN IS NOT ACTIVE, for people who look for the cause of a refused call. The reasons come from the very conditions
 * that make a token active (`token-state.ts`), so an explanation and introspection cannot disagree.
 */
import { CompiledQuery } from 'kysely';
import type { Database } from '../../../db/database.ts';
import { column, type RowOf } from '../database/columns.ts';
import { orUnavailable } from '../database/retry.ts';
import type { GrantStates } from '../grants/grant-state.ts';
import { partitionTable } from './partitions.ts';
import { createSourceState, sourceHolds } from './source-state.ts';
import { nameOfSource, type Source, sourcesOf } from './sources.ts';
import { conditions, selectTokens, type TokenLookup } from './token-state.ts';
import { isPartitionInUse, type TokenId } from './value.ts';

type Condition = keyof typeof conditions;

/** Why a token is not active. */
export type InactiveReason = {
  kind: Condition | 'redeemed' | 'source_ended';
  /** When it came about, if that is known. */
  at: Date | null;
  /** What says more: why a grant or a token was revoked, or which token, grant or issuer it came from. */
  detail: string | null;
};

/** What each reason means, in a sentence for people. */
export const reasonSentences: Readonly<Record<InactiveReason['kind'], string>> = {
  revoked: 'It was revoked.',
  expired: 'It expired.',
  key_revoked: 'The key that signed it was revoked.',
  client_disabled: 'Its client is disabled or deleted.',
  app_disabled: 'The app of its client is disabled or deleted.',
  client_tokens_ended: 'All tokens of its client were revoked at once.',
  app_tokens_ended: 'All tokens of the app of its client were revoked at once.',
  account_disabled: 'The account of its person is disabled or deleted.',
  account_tokens_ended: 'All tokens of its person were revoked at once.',
  grant_revoked: 'The login or consent that it came from was revoked.',
  grant_tokens_ended: 'All tokens of the login or consent that it came from were revoked at once.',
  redeemed: 'It is a refresh token that was used: its successor replaced it.',
  source_ended: 'It was exchanged for something that is no longer active.',
};

const time = (expression: string) => column<Date | null>(expression);

/** A column for each condition that does not hold, and when it came about. */
const columns = {
  position: column<number>('i.position::integer'),
  payload: column<Record<string, unknown> | null>('t.payload'),
  consumedAt: time('t.consumed_at'),
  revokedAt: time('t.revoked_at'),
  revokedBecause: column<string | null>('t.revoked_because'),
  expiresAt: time('t.expires_at'),
  clientDisabledAt: time('c.disabled_at'),
  appDisabledAt: time('p.disabled_at'),
  isAccountDeleted: column<boolean | null>(
    '(select deleted_at is not null from account where id = t.account_id)',
  ),
  isAppDeleted: column<boolean | null>(
    '(select deleted_at is not null from app where id = c.app_id)',
  ),
  accountDisabledAt: time('a.disabled_at'),
  grantRevokedAt: time('g.revoked_at'),
  grantRevokedBecause: column<string | null>(
    '(select revoked_because from oauth_grant where id = t.grant_id)',
  ),
  failed: column<Condition[]>(
    `array_remove(array[${Object.entries(conditions)
      .map(([name, holds]) => `case when not coalesce((${holds}), false) then '${name}' end`)
      .join(', ')}], null)`,
  ),
} as const;

const consequences: readonly (readonly [cause: Condition, effect: Condition])[] = [
  ['client_disabled', 'client_tokens_ended'],
  ['app_disabled', 'app_tokens_ended'],
  ['account_disabled', 'account_tokens_ended'],
  ['grant_revoked', 'grant_tokens_ended'],
];

/** Explains the state of tokens, from the database as it is now. */
export function createTokenExplanation({
  database,
  lookup,
  grantStates,
}: {
  database: Database;
  lookup: TokenLookup;
  grantStates: Pick<GrantStates, 'find'>;
}) {
  const { kysely } = database;
  // A source that is a token is looked up with its own sources, which are among those of this token as well.
  const stateOf = createSourceState({ database, read: lookup, grantStates });

  /** The ID of a source. Issuers have another generation when their tokens have ended, and their ID is in newer tokens only. */
  const nameForPeople = async (source: Source): Promise<string | null> => {
    if (!('issuer' in source)) return nameOfSource(source);
    const current = await orUnavailable(() =>
      kysely
        .selectFrom('trusted_issuer')
        .select('id')
        .where('generation', '=', source.issuer)
        .executeTakeFirst(),
    );
    return current?.id ?? source.issuerId ?? null;
  };

  /** Why a token is not active; none if it is. Undefined if there is no such token. */
  return async (id: TokenId): Promise<InactiveReason[] | undefined> => {
    if (!isPartitionInUse(id.partition)) return undefined;
    const { rows } = await orUnavailable(() =>
      kysely.executeQuery<RowOf<typeof columns>>(
        CompiledQuery.raw(selectTokens(partitionTable(id.partition), '', columns), [
          [id.partition],
          id.key,
        ]),
      ),
    );
    const [row] = rows;
    if (!row) return undefined;
    const at: Partial<Record<Condition, Date | null>> = {
      revoked: row.revokedAt,
      expired: row.expiresAt,
      client_disabled: row.clientDisabledAt,
      app_disabled: row.appDisabledAt,
      account_disabled: row.accountDisabledAt,
      grant_revoked: row.grantRevokedAt,
    };
    const failed = new Set(row.failed);
    // Disabling and revoking also end all tokens: that needs no second sentence.
    for (const [cause, effect] of consequences) if (failed.has(cause)) failed.delete(effect);
    // The clients of an app are deleted with it, and the logins of a person.
    if (row.isAppDeleted) failed.delete('client_disabled');
    if (row.isAccountDeleted) failed.delete('grant_revoked');
    const reasons: InactiveReason[] = [...failed].map((kind) => ({
      kind,
      at: at[kind] ?? null,
      detail:
        kind === 'revoked'
          ? row.revokedBecause
          : kind === 'grant_revoked'
            ? row.grantRevokedBecause
            : null,
    }));
    if (row.consumedAt) reasons.push({ kind: 'redeemed', at: row.consumedAt, detail: null });
    for (const source of sourcesOf(row.payload))
      if (!sourceHolds(await stateOf(source)))
        reasons.push({ kind: 'source_ended', at: null, detail: await nameForPeople(source) });
    return reasons;
  };
}

export type ExplainToken = ReturnType<typeof createTokenExplanation>;
