/**
 * WHO HAS HAD JWTs FOR WHICH AUDIENCE: a resource server that follows revocations learns about a client or a person only if it
 * can have seen a token of theirs (`domain/audit/revocations.ts`).
 */
import type { Database, Statement } from '../../../db/database.ts';
import { orUnavailable } from '../database/retry.ts';

/** The parties of a JWT, with the epochs that it states. `id` is the internal id of the client. */
export interface JwtParties {
  client: { id: string; epoch: number; appEpoch: number } | undefined;
  account: { id: string; epoch: number } | undefined;
}

/**
 * Notes the parties of a JWT that is about to be issued. Returns false if one of them was changed in the meantime: the
 * resource server may have passed over that change, and would accept the JWT, although it is inactive.
 */
export type NoteJwtAudience = (parties: JwtParties, audience: string) => Promise<boolean>;

const insert: Statement = {
  name: 'jwt-audience-insert',
  idempotent: true,
  text: `insert into jwt_audience (party, audience) select party, $2 from unnest($1::uuid[]) party order by party
    on conflict do nothing`,
};

const currentEpochs: Statement = {
  name: 'jwt-audience-epochs',
  text: `select (select epoch from client where id = $1) as client,
    (select p.epoch from client c join app p on p.id = c.app_id where c.id = $1) as app,
    (select epoch from account where id = $2) as account`,
};

interface CurrentEpochs {
  client: number | null;
  app: number | null;
  account: number | null;
}

/** Pairs that this process remembers, so that only the first JWT of a pair costs a statement. */
const maxKnown = 200_000;

/** Creates `NoteJwtAudience`. */
export function createJwtAudiences({
  database,
}: {
  database: Pick<Database, 'query'>;
}): NoteJwtAudience {
  /** The epochs of a party that were current once its pair was stored: followers hear of each later change. */
  const known = new Map<string, readonly number[]>();

  return async ({ client, account }, audience) => {
    const parties = [
      ...(client ? [{ id: client.id, epochs: [client.epoch, client.appEpoch] }] : []),
      ...(account ? [{ id: account.id, epochs: [account.epoch] }] : []),
    ].map((party) => ({ ...party, pair: `${party.id} ${audience}` }));
    const unknown = parties.filter(({ pair }) => !known.has(pair));
    if (unknown.length === 0)
      return parties.every(({ pair, epochs }) =>
        epochs.every((epoch, index) => epoch >= (known.get(pair)?.[index] ?? 0)),
      );
    await orUnavailable(() => database.query(insert, [unknown.map(({ id }) => id), audience]));
    // Read after the pair was committed: a change that this read does not see is read with the pair by every follower. Who stored
    // the pair does not matter, since followers may have passed over a change before that.
    const [now] = await orUnavailable(() =>
      database.query<CurrentEpochs>(currentEpochs, [client?.id ?? null, account?.id ?? null]),
    );
    const isCurrent =
      (now?.client ?? 0) === (client?.epoch ?? 0) &&
      (now?.app ?? 0) === (client?.appEpoch ?? 0) &&
      (now?.account ?? 0) === (account?.epoch ?? 0);
    if (!isCurrent) return false;
    if (known.size >= maxKnown) known.clear();
    for (const { pair, epochs } of unknown) known.set(pair, epochs);
    return true;
  };
}
