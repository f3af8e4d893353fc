import type { Database, Statement } from '../../../db/database.ts';
import { createLookup } from '../database/batch.ts';
import { orUnavailable } from '../database/retry.ts';
import type { GrantStates } from '../grants/grant-state.ts';
import type { Source } from './sources.ts';
import type { TokenId } from './value.ts';

const issuersInForce: Statement = {
  name: 'trusted-issuer-generations',
  text: 'select generation from trusted_issuer where generation = any ($1::uuid[]) and enabled',
};

interface Living {
  alive: boolean;
}

/** The state of what a token of token exchange comes from: of a token all of it, of a grant or an issuer whether it holds. */
export type SourceState<State extends Living> = (
  source: Source,
) => Promise<State | boolean | undefined>;

/** Whether a source holds. */
export const sourceHolds = (state: Living | boolean | undefined): boolean =>
  typeof state === 'object' ? state.alive : state === true;

/**
 * Looks up sources. `read` finds a token by itself, without its own sources: those are among the sources of the token that
 * comes from it. `grantStates` is needed for tokens that come from ID tokens.
 */
export function createSourceState<State extends Living>({
  database,
  read,
  grantStates,
}: {
  database: Database;
  read: (id: TokenId) => Promise<State | undefined>;
  grantStates?: Pick<GrantStates, 'find'> | undefined;
}): SourceState<State> {
  const issuerHolds = createLookup<boolean>({
    maxConcurrent: 2,
    run: async (generations) => {
      const rows = await orUnavailable(() =>
        database.query<{ generation: string }>(issuersInForce, [generations]),
      );
      const found = new Set(rows.map(({ generation }) => generation));
      return generations.map((generation) => found.has(generation));
    },
  });

  return async (source) => {
    if ('grant' in source) return (await grantStates?.find(source.grant))?.holds ?? false;
    return 'issuer' in source ? issuerHolds(source.issuer) : read(source.token);
  };
}
