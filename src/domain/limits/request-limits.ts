/** The limits of requests (config/limits.ts): how often strangers may call, and be refused. */
import type { LimitName, RequestLimit, RequestLimits } from '../../../config/limits.ts';
import { networkOf } from './ip-address.ts';
import { type Limit, LimitReached, type Limits, type Policy, type Taken } from './rate-limits.ts';

/** What was counted, for the `RateLimit` fields of an answer. */
export interface Admission {
  policy: Policy;
  /** How many more within the running period. */
  remaining: number;
  /** Seconds until that is over. */
  seconds: number;
}

/** Whom a request is of, as far as that is known. */
export interface Caller {
  ip: string | undefined;
  /** Of limits by client. */
  client?: string | undefined;
  /** Of limits by account: its id. */
  account?: string | undefined;
}

export interface RequestLimitCounter {
  /**
   * Counts a request against the limit of that name. Throws LimitReached, with the limit. Undefined
   * where the installation has switched the limit off.
   */
  count(name: LimitName, caller: Caller): Promise<Admission | undefined>;
  /** Throws LimitReached where the limit is reached already; counts nothing. */
  check(name: LimitName, caller: Caller): Promise<void>;
  /** Takes back one that `count` let through: it was no refusal. For limits of refusals. */
  giveBack(name: LimitName, caller: Caller): Promise<void>;
}

interface Counter {
  policy: Policy;
  limit: Limit;
  /** What each network has of it, whatever the others use. */
  share: Limit | undefined;
  keyOf(caller: Caller): string;
}

const keys: Record<RequestLimit['by'], (caller: Caller) => string> = {
  network: ({ ip }) => networkOf(ip),
  client: ({ client }) => client ?? '',
  account: ({ account }) => account ?? '',
  'client and network': ({ client, ip }) => JSON.stringify([client, networkOf(ip)]),
};

/** Counts requests over the limits that this installation has. */
export function createRequestLimits({
  limits,
  table,
}: {
  limits: Limits;
  table: RequestLimits;
}): RequestLimitCounter {
  const counters = new Map(
    Object.entries(table).map(
      ([name, { points, seconds, by, counted, share }]): [string, Counter] => {
        const byProcess = counted === 'by process';
        const options = { points, seconds, remembersReached: !byProcess, byProcess };
        return [
          name,
          {
            policy: { name, points, seconds },
            limit: limits.limit(name, options),
            share:
              share === undefined
                ? undefined
                : limits.limit(`${name}.share`, { ...options, points: share }),
            keyOf: keys[by],
          },
        ];
      },
    ),
  );

  return {
    async count(name, caller) {
      const counter = counters.get(name);
      if (!counter) return undefined;
      const { policy, limit, share, keyOf } = counter;
      const told = ({ count, seconds }: Taken, points: number): Admission => ({
        policy,
        remaining: Math.max(0, points - count),
        seconds,
      });
      try {
        return told(await limit.take(keyOf(caller)), policy.points);
      } catch (error) {
        if (!(error instanceof LimitReached)) throw error;
        if (share)
          try {
            const key = JSON.stringify([caller.client, networkOf(caller.ip)]);
            return told(await share.take(key), table[name]?.share ?? 0);
          } catch (other) {
            if (!(other instanceof LimitReached)) throw other;
          }
        throw new LimitReached(error.retryAfter, policy);
      }
    },

    async check(name, caller) {
      const counter = counters.get(name);
      try {
        await counter?.limit.check(counter.keyOf(caller));
      } catch (error) {
        if (!(error instanceof LimitReached)) throw error;
        throw new LimitReached(error.retryAfter, counter?.policy);
      }
    },

    async giveBack(name, caller) {
      const counter = counters.get(name);
      await counter?.limit.giveBack(counter.keyOf(caller));
    },
  };
}
