import type { Database, Statement } from '../../../db/database.ts';
import { createBatch } from '../batch.ts';
import type { Grants } from '../grants.ts';
import { orUnavailable } from '../retry.ts';
import type { TokenState } from './lookup.ts';
import { byShelf, shelfTable, unlessDropped } from './shelves.ts';
import { publicId, type TokenId } from './value.ts';

/** The numbers of the changes are drawn with the rows themselves, in the same transaction. */
const statementFor = (shelf: number): Statement => ({
  name: `token-revoke-${shelf}`,
  text: `with gone as (
      update ${shelfTable(shelf)} t set revoked_at = now()
      from unnest($1::bytea[], $2::text[]) as i (key, public_id)
      where t.key = i.key and t.revoked_at is null
      returning i.public_id, t.client_id
    ),
    counter as (
      update change_counter set last = last + (select count(*) from gone) where exists (select from gone) returning last
    )
    insert into change (number, kind, token_id, client_id)
    select counter.last - row_number() over () + 1, 'token.revoked', gone.public_id, client.client_id
    from counter cross join gone join client on client.id = gone.client_id`,
});

/** Ends single tokens, those of a tick that lie on one shelf in one statement. */
export function createTokenRevocation({ database }: { database: Database }) {
  return createBatch<TokenId, void>({
    inFlight: 1,
    run: async (ids) => {
      for (const [shelf, found] of byShelf(ids)) {
        // In the order of their keys, so that two processes never wait for each other in a circle.
        const keys = found.sort(Buffer.compare);
        const publicIds = keys.map((key) => publicId({ shelf, key }));
        await orUnavailable(() =>
          database.query(statementFor(shelf), [keys, publicIds]).catch(unlessDropped),
        );
      }
      return ids.map(() => undefined);
    },
  });
}

/**
 * Ends a token; with a refresh token its grant, and so every token of the login (RFC 7009 §2.1), also
 * by one that was rotated away since.
 */
export const createTokenEnding =
  ({ revoke, grants }: { revoke: RevokeToken; grants: Grants }) =>
  ({ kind, grantId, id }: TokenState): Promise<void> =>
    kind === 'refresh_token' && grantId ? grants.revoke(grantId) : revoke(id);

export type EndToken = ReturnType<typeof createTokenEnding>;

/** Resolves once the token is inactive for every request that begins from now on. Revoking again changes nothing. */
export type RevokeToken = ReturnType<typeof createTokenRevocation>;
