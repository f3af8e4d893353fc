import type { Database } from '../../../db/database.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { TokenLookup, TokenState } from './lookup.ts';
import { parsePublicId, type TokenId } from './value.ts';

/** The kinds that somebody made, named and owns; the others come and go with logins. */
export const ownedKinds = ['api_key', 'personal_access_token'] as const;

export interface OwnedFilter {
  kind?: (typeof ownedKinds)[number] | undefined;
  /** The public `client_id` of the owner. */
  clientId?: string | undefined;
  accountId?: string | undefined;
}

type OwnedPage = OwnedFilter & { after?: string | undefined; limit: number };

/** Lists tokens that have an owner. All of them lie on shelf 0, since their expiry can be edited. */
export function createOwnedTokens({
  database,
  lookup,
}: {
  database: Database;
  lookup: TokenLookup;
}) {
  const places = ({ after, limit, kind, clientId, accountId }: OwnedPage): Promise<TokenId[]> => {
    const from = after === undefined ? undefined : parsePublicId(after);
    if (after !== undefined && from?.shelf !== 0)
      throw new OAuthError('invalid_request', 'after: is not a cursor of this list.');
    return database.kysely
      .selectFrom('token')
      .innerJoin('client', 'client.id', 'token.client_id')
      .select(['token.shelf', 'token.key'])
      .where('token.shelf', '=', 0)
      .where('token.kind', 'in', kind ? [kind] : ownedKinds)
      .$if(from !== undefined, (query) => query.where('token.key', '>', from?.key as Buffer))
      .$if(clientId !== undefined, (query) =>
        query.where('client.client_id', '=', String(clientId)),
      )
      .$if(accountId !== undefined, (query) =>
        query.where('token.account_id', '=', String(accountId)),
      )
      .orderBy('token.key')
      .limit(limit)
      .execute();
  };

  return {
    /** In the order of their ids, those after the public id `after`. Throws `invalid_request` where that is none. */
    async page(query: OwnedPage): Promise<TokenState[]> {
      for (;;) {
        const found = await Promise.all((await places(query)).map((id) => lookup(id)));
        const states = found.filter((state) => state !== undefined);
        // One was swept in between: a page that is short by it would look like the last.
        if (states.length === found.length) return states;
      }
    },
  };
}

export type OwnedTokens = ReturnType<typeof createOwnedTokens>;
