import type { Database, Statement } from '../../../db/database.ts';
import { createBatch } from '../batch.ts';
import { orUnavailable } from '../retry.ts';
import { publicId, type TokenId } from './value.ts';

/** The numbers of the changes are drawn with the rows themselves, in the same transaction. */
const statement: Statement = {
  name: 'token-revoke',
  text: `with gone as (
      update token t set revoked_at = now()
      from unnest($1::integer[], $2::bytea[], $3::text[]) as i (shelf, key, public_id)
      where t.shelf = i.shelf and t.key = i.key and t.shelf = any ($1::integer[]) and t.revoked_at is null
      returning i.public_id, t.client_id
    ),
    counter as (
      update change_counter set last = last + (select count(*) from gone) where exists (select from gone) returning last
    )
    insert into change (number, kind, token_id, client_id)
    select counter.last - row_number() over () + 1, 'token.revoked', gone.public_id, client.client_id
    from counter cross join gone join client on client.id = gone.client_id`,
};

/** Ends single tokens. */
export function createTokenRevocation({ database }: { database: Database }) {
  return createBatch<TokenId, void>({
    inFlight: 1,
    run: async (ids) => {
      // In the order of their keys, so that two processes never wait for each other in a circle.
      const ordered = [...ids].sort((a, b) => a.shelf - b.shelf || Buffer.compare(a.key, b.key));
      await orUnavailable(() =>
        database.query(statement, [
          ordered.map(({ shelf }) => shelf),
          ordered.map(({ key }) => key),
          ordered.map(publicId),
        ]),
      );
      return ids.map(() => undefined);
    },
  });
}

/** Resolves once the token is inactive for every request that begins from now on. Revoking again changes nothing. */
export type RevokeToken = ReturnType<typeof createTokenRevocation>;
