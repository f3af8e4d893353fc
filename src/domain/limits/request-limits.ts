/** The request limits of config/limits.ts: how often callers can send requests, and fail to authenticate. */
import type { LimitName, RequestLimit, RequestLimits } from '../../../config/limits.ts';
import { limitReached } from '../../telemetry/channels.ts';
import { networkOf } from './ip-address.ts';
import { type Limit, LimitReached, type Limits, type Policy, type Taken } from './rate-limits.ts';

/** The state of a limit, for the `RateLimit` fields of a response. */
export interface Admission {
  policy: Policy;
  /** Calls left in the current period. */
  remaining: number;
  /** Seconds until the period ends. */
  seconds: number;
}

/** The caller of a request, as far as it is known. */
export interface Caller {
  ip: string | undefined;
  /** For limits by client. */
  client?: string | undefined;
  /** For limits by account: its id. */
  account?: string | undefined;
  /** For limits by email address, in lower case. */
  address?: string | undefined;
  /** For limits by the host that this server sends a request to. */
  host?: string | undefined;
}

/** Counts requests against the configured limits. Limits that the installation has switched off never refuse. */
export interface RequestLimitCounter {
  /** Counts a request. Throws LimitReached with the limit's policy. Undefined if the limit is switched off. */
  count(name: LimitName, caller: Caller): Promise<Admission | undefined>;
  /** Throws LimitReached if the limit is already reached. Counts nothing. */
  check(name: LimitName, caller: Caller): Promise<void>;
  /**
   * Returns a point that `count` granted, because the request was not a failure after all. For limits of failures.
   */
  giveBack(name: LimitName, caller: Caller): Promise<void>;
}

interface Counter {
  policy: Policy;
  limit: Limit;
  /** The part of the limit that each network can use, independent of other networks. */
  share: Limit | undefined;
  keyOf(caller: Caller): string;
}

const keys: Record<RequestLimit['by'], (caller: Caller) => string> = {
  network: ({ ip }) => networkOf(ip),
  client: ({ client }) => client ?? '',
  account: ({ account }) => account ?? '',
  'email address': ({ address }) => address ?? '',
  host: ({ host }) => host ?? '',
  installation: () => '',
  'account and client': ({ account, client }) => JSON.stringify([account, client]),
  'client and network': ({ client, ip }) => JSON.stringify([client, networkOf(ip)]),
};

/**
 * Counts a login of a person at a client: first for that client, which cannot use up what the person has at others.
 * Throws LimitReached.
 */
export async function countLogin(
  requestLimits: Pick<RequestLimitCounter, 'count'>,
  caller: Caller & { account: string; client: string },
): Promise<void> {
  await requestLimits.count('authorization.account_client', caller);
  await requestLimits.count('authorization.account', caller);
}

/** Creates the counters of the limits that are configured. */
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
      const admission = ({ count, seconds }: Taken, points: number): Admission => ({
        policy,
        remaining: Math.max(0, points - count),
        seconds,
      });
      try {
        return admission(await limit.take(keyOf(caller)), policy.points);
      } catch (error) {
        if (!(error instanceof LimitReached)) throw error;
        if (share)
          try {
            const key = JSON.stringify([caller.client, networkOf(caller.ip)]);
            return admission(await share.take(key), table[name]?.share ?? 0);
          } catch (other) {
            if (!(other instanceof LimitReached)) throw other;
          }
        limitReached.publish({ name });
        throw new LimitReached(error.retryAfter, policy);
      }
    },

    async check(name, caller) {
      const counter = counters.get(name);
      try {
        await counter?.limit.check(counter.keyOf(caller));
      } catch (error) {
        if (!(error instanceof LimitReached)) throw error;
        limitReached.publish({ name });
        throw new LimitReached(error.retryAfter, counter?.policy);
      }
    },

    async giveBack(name, caller) {
      const counter = counters.get(name);
      await counter?.limit.giveBack(counter.keyOf(caller));
    },
  };
}
