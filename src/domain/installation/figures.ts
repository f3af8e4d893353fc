import type { Database, Statement } from '../../../db/database.ts';
import {
  introspected,
  limitReached,
  requestRefused,
  signedIn,
  tokenIssued,
} from '../../telemetry/channels.ts';
import type { ClientRefusal, ClientRefusals } from './client-refusals.ts';

/** Counts of one kind. */
export interface Counts {
  last_hour: number;
  last_day: number;
  last_month: number;
  /** In each of the last 24 hours, oldest first. */
  by_hour: number[];
}

const kinds = ['tokens', 'introspections', 'sign_ins', 'refusals'] as const;

export type FiguresReport = Record<(typeof kinds)[number], Counts> & {
  /** The clients that were refused most in the last hour. */
  refused_clients: { client_id: string; count: number; last: ClientRefusal[] }[];
  /** The rate limits that refused calls in the last day. */
  limits_reached: { name: string; count: number }[];
};

/** Clients that a process counts in a minute; the refusals of others are only in the total. */
const maxClients = 100;
/** Clients that a report names. */
const shownClients = 10;

const refusedClient = 'refused_client';
const limitPrefix = 'limit:';

/** Only clients that exist, so that strangers create no rows. Ordered, so that two processes cannot deadlock. */
const add: Statement = {
  name: 'figures-add',
  text: `insert into figure (name, at, client_id, count)
    select i.name, to_timestamp(floor(extract(epoch from now()) / 600) * 600), i.client_id, i.count
    from unnest($1::text[], $2::text[], $3::bigint[]) as i (name, client_id, count)
    where i.client_id = '' or exists (select from client where client.client_id = i.client_id)
    order by i.name, i.client_id
    on conflict (name, at, client_id) do update set count = figure.count + excluded.count`,
};

/**
 * What a row adds to the last hour: of the ten minutes in which the hour begins, the part that is within it, so that the sum does
 * not jump when they end.
 */
const withinHour = `count * greatest(0, least(1, extract(epoch from (at + interval '70 minutes' - now())) / 600))`;

const sums: Statement = {
  name: 'figures-sums',
  text: `select name,
      coalesce(round(sum(${withinHour})), 0)::float8 as hour,
      coalesce(sum(count) filter (where at > now() - interval '24 hours'), 0)::float8 as day,
      sum(count)::float8 as month
    from figure where name = any ($1::text[]) and at > now() - interval '30 days' group by name`,
};

const hours: Statement = {
  name: 'figures-hours',
  text: `select name, least(23, floor(extract(epoch from now() - at) / 3600))::int as ago, sum(count)::float8 as count
    from figure where name = any ($1::text[]) and at > now() - interval '24 hours' group by 1, 2`,
};

const refused: Statement = {
  name: 'figures-refused',
  text: `select client_id, round(sum(${withinHour}))::float8 as count from figure
    where name = '${refusedClient}' and at > now() - interval '70 minutes' group by 1 order by 2 desc, 1 limit ${shownClients}`,
};

const limits: Statement = {
  name: 'figures-limits',
  text: `select substr(name, ${limitPrefix.length + 1}) as name, sum(count)::float8 as count from figure
    where at > now() - interval '24 hours' and name like '${limitPrefix}%' group by 1 order by 2 desc, 1`,
};

/**
 * What all processes did: counted in memory, and added to a row for each kind and ten minutes once a minute (with
 * `lastUsed`), so requests write nothing, and a crash loses up to a minute.
 */
export function createFigures({
  database,
  clientRefusals,
}: {
  database: Database;
  clientRefusals: Pick<ClientRefusals, 'last'>;
}) {
  let counts = new Map<string, number>();
  let clients = new Map<string, number>();

  const count = (name: string, by = 1): void => void counts.set(name, (counts.get(name) ?? 0) + by);
  const countClient = (id: string, by = 1): void => {
    if (clients.has(id) || clients.size < maxClients) clients.set(id, (clients.get(id) ?? 0) + by);
  };

  return {
    /** Counts what this process does from now on. Returns a function that ends it. */
    observe(): () => void {
      const ends = [
        tokenIssued.subscribe(() => count('tokens')),
        introspected.subscribe(() => count('introspections')),
        signedIn.subscribe(() => count('sign_ins')),
        limitReached.subscribe(({ name }) => count(`${limitPrefix}${name}`)),
        requestRefused.subscribe(({ clientId }) => {
          count('refusals');
          if (clientId !== undefined) countClient(clientId);
        }),
      ];
      return () => {
        for (const end of ends) end();
      };
    },

    /** Adds the counts to the table. Keeps them for the next call if that fails. */
    async write(): Promise<void> {
      if (counts.size + clients.size === 0) return;
      const [written, ofClients] = [counts, clients];
      counts = new Map();
      clients = new Map();
      const rows = [
        ...[...written].map(([name, number]) => ({ name, client: '', number })),
        ...[...ofClients].map(([client, number]) => ({ name: refusedClient, client, number })),
      ];
      try {
        await database.query(add, [
          rows.map(({ name }) => name),
          rows.map(({ client }) => client),
          rows.map(({ number }) => number),
        ]);
      } catch (error) {
        for (const [name, number] of written) count(name, number);
        for (const [client, number] of ofClients) countClient(client, number);
        throw error;
      }
    },

    /** What all processes have written, up to a minute ago. */
    async read(): Promise<FiguresReport> {
      const [totals, byHour, refusedClients, limitsReached] = await Promise.all([
        database.query<{ name: string; hour: number; day: number; month: number }>(sums, [kinds]),
        database.query<{ name: string; ago: number; count: number }>(hours, [kinds]),
        database.query<{ client_id: string; count: number }>(refused, []),
        database.query<{ name: string; count: number }>(limits, []),
      ]);
      const lastRefusals = await clientRefusals.last(
        refusedClients.map(({ client_id }) => client_id),
      );
      const countsOf = (kind: string): Counts => {
        const total = totals.find(({ name }) => name === kind);
        const by_hour = Array.from({ length: 24 }, () => 0);
        for (const { name, ago, count: number } of byHour)
          if (name === kind) by_hour[23 - Math.max(0, ago)] = number;
        return {
          last_hour: total?.hour ?? 0,
          last_day: total?.day ?? 0,
          last_month: total?.month ?? 0,
          by_hour,
        };
      };
      return {
        tokens: countsOf('tokens'),
        introspections: countsOf('introspections'),
        sign_ins: countsOf('sign_ins'),
        refusals: countsOf('refusals'),
        refused_clients: refusedClients.map((client) => ({
          ...client,
          last: lastRefusals.get(client.client_id) ?? [],
        })),
        limits_reached: limitsReached,
      };
    },
  };
}

export type Figures = ReturnType<typeof createFigures>;
