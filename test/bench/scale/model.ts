// What an installation needs, worked out from what one machine used: the CPU of a request when few come at a time, which
// is an upper bound, since many at a time share statements. Measured points check it.

/** What was measured. CPU is in microseconds a request. */
export interface Costs {
  introspection: { server: number; stores: number };
  issuing: { server: number; stores: number };
  /** Bytes that a token occupies in Postgres, with its indexes. */
  bytesOfToken: number;
  /** Bytes that an issued token adds to the write-ahead log. */
  logOfToken: number;
}

/** What an installation is to serve. */
export interface Demand {
  introspections: number;
  /** Tokens issued a second. */
  issued: number;
  liveTokens: number;
}

export interface Need {
  /** Cores of all Writ processes together, each busy for `busy` of the time. */
  serverCores: number;
  /** Cores of Postgres and Redis. */
  storeCores: number;
  /** Gigabytes in Postgres. */
  disk: number;
  /** Megabytes a second of the write-ahead log. */
  log: number;
}

/** The share of its time that a core is to be busy, so that a queue stays short. */
export const busy = 0.6;

/**
 * Expired tokens stay until the week of their partition has passed, and a week more: on average half a week and one
 * week of the 30 days that a token lives.
 */
const kept = 1 + 10.5 / 30;

/** Cores that a load keeps busy, without room to spare. */
export const coresOf = (
  { introspection, issuing }: Costs,
  { introspections, issued }: Pick<Demand, 'introspections' | 'issued'>,
): { server: number; stores: number } => ({
  server: (introspections * introspection.server + issued * issuing.server) / 1e6,
  stores: (introspections * introspection.stores + issued * issuing.stores) / 1e6,
});

export function needOf(costs: Costs, demand: Demand): Need {
  const { server, stores } = coresOf(costs, demand);
  return {
    serverCores: server / busy,
    storeCores: stores / busy,
    disk: (demand.liveTokens * kept * costs.bytesOfToken) / 1e9,
    log: (demand.issued * costs.logOfToken) / 1e6,
  };
}
