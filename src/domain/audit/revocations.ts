/**
 * THE CHANGE FEED FOR RESOURCE SERVERS: each sees the changes that concern tokens of its own audiences, and no others. A change
 * of a client or an account concerns an audience for which it has had JWTs; that of a grant, one for which both its client and
 * its account have had JWTs; that of an app, those of its clients; what a trusted issuer
 * granted, all. Opaque tokens that are revoked one by one are included too.
 */
import type { Database, Statement } from '../../../db/database.ts';
import { orUnavailable } from '../database/retry.ts';
import type { ChangeKind } from './change-feed.ts';

/** A change as a resource server sees it. Members that say nothing are null. */
export interface Revocation {
  number: number;
  at: Date;
  kind: ChangeKind;
  tokenId: string | null;
  clientId: string | null;
  grantId: string | null;
  accountId: string | null;
  app: string | null;
  kid: string | null;
  /** Tokens with a lower epoch are revoked. */
  epoch: number | null;
}

/** A change with the audiences that it concerns; null: all. */
export interface AddressedRevocation extends Revocation {
  audiences: string[] | null;
}

/** Changes after a number, and the last number that was read for them. */
export interface RevocationPage {
  items: Revocation[];
  last: number;
  /** Whether there are further changes. */
  more: boolean;
}

/** The changes after that number are no longer kept, or there never was such a number: the follower has to read everything again. */
export class FeedGap extends Error {}

const ofParties = (parties: string) =>
  `select distinct j.audience from jwt_audience j where j.party in (${parties})`;

const audiences = `case
    when c.audience is not null then c.audience
    when c.kind in ('key.revoked', 'role.changed') then null
    when c.kind = 'grant.revoked' and c.client_id is null and c.account_id is null then null
    when c.app is not null and c.client_id is null then array(${ofParties(
      'select client.id from client join app on app.id = client.app_id where app.name = c.app',
    )})
    when c.client_id is not null and c.account_id is not null then array(
      ${ofParties('select id from client where client_id = c.client_id')} intersect ${ofParties('c.account_id')})
    when c.account_id is not null then array(${ofParties('c.account_id')})
    else array(${ofParties('select id from client where client_id = c.client_id')})
  end`;

const columns = `c.number::float8 as number, c.at, c.kind, c.token_id as "tokenId", c.client_id as "clientId", c.grant_id as "grantId",
  c.account_id as "accountId", c.app, c.kid, c.epoch, ${audiences} as audiences`;

const read: Statement = {
  name: 'revocations-read',
  text: `select ${columns} from change c where c.number > $1 order by c.number limit $2`,
};

/** The last number that is before all changes of at most this age. */
const begin: Statement = {
  name: 'revocations-begin',
  text: `select coalesce(
    (select min(number) from change where at >= now() - $1::float8 * interval '1 second') - 1,
    (select last from change_counter))::float8 as number`,
};

const counter: Statement = {
  name: 'revocations-last',
  text: 'select last::float8 as last from change_counter',
};

/** How many changes are read at once. */
export const revocationBatch = 1_000;

/** Whether a change concerns one of these audiences. */
export const concerns =
  (resources: readonly string[]) =>
  ({ audiences }: Pick<AddressedRevocation, 'audiences'>): boolean =>
    audiences === null || audiences.some((audience) => resources.includes(audience));

/** Reads the feed from the database. */
export function createRevocations({ database }: { database: Pick<Database, 'query'> }) {
  const lastNumber = async (): Promise<number> => {
    const [row] = await orUnavailable(() => database.query<{ last: number }>(counter, []));
    return row?.last ?? 0;
  };

  /** The changes after a number, at most `revocationBatch`. Throws FeedGap. */
  const after = async (number: number): Promise<AddressedRevocation[]> => {
    const rows = await orUnavailable(() =>
      database.query<AddressedRevocation>(read, [number, revocationBatch]),
    );
    const [first] = rows;
    // Numbers have no gaps, so the next one is missing only if it was deleted.
    const follows = first ? first.number === number + 1 : (await lastNumber()) === number;
    if (!follows) throw new FeedGap();
    return rows;
  };

  /** The number to begin after, to read all changes of at most this age in seconds. */
  const beginning = async (maxAge: number): Promise<number> => {
    const [row] = await orUnavailable(() => database.query<{ number: number }>(begin, [maxAge]));
    return row?.number ?? 0;
  };

  return {
    lastNumber,
    after,
    beginning,

    /** The next changes that concern one of these audiences. Throws FeedGap. */
    async page(resources: readonly string[], number: number): Promise<RevocationPage> {
      const rows = await after(number);
      return {
        items: rows.filter(concerns(resources)),
        last: rows.at(-1)?.number ?? number,
        more: rows.length === revocationBatch,
      };
    },
  };
}

export type Revocations = ReturnType<typeof createRevocations>;
