/** THE MONTHLY LIMITS of apps' clients: counts calls and bytes, reports them to Writ, and refuses beyond a limit. */
import { refuse } from './refusals.ts';
import type { Refusal } from './types.ts';
import type { Writ } from './writ.ts';

interface Counted {
  calls: number;
  bytes: number;
}

interface Known extends Counted {
  callsLimit: number | null;
  trafficLimit: number | null;
}

const path = '/connect/guard/usage';

/** How many clients one report can contain; more are split into several reports. */
const maxReported = 1_000;

const none: Counted = { calls: 0, bytes: 0 };

/** Starts to report on a timer that does not keep the process alive. */
export function createUsage(
  writ: Pick<Writ, 'ask'>,
  { reportSeconds, notify }: { reportSeconds: number; notify: (error: unknown) => void },
) {
  /** Counts that were not reported yet. */
  let pending = new Map<string, Counted>();
  /** The totals of all guards as of the last report. */
  let known = new Map<string, Known>();
  /** When the month ends, in milliseconds since 1970. */
  let resetsAt = 0;

  const send = async (counted: readonly [string, Counted][]): Promise<void> => {
    const answer = await writ.ask(
      path,
      JSON.stringify({
        clients: counted.map(([client_id, { calls, bytes }]) => ({ client_id, calls, bytes })),
      }),
    );
    const nextReset = Number(answer['resets_at']) * 1000;
    if (nextReset !== resetsAt) known = new Map();
    resetsAt = nextReset;
    for (const one of answer['clients'] as Record<string, unknown>[])
      known.set(String(one['client_id']), {
        calls: Number(one['calls']),
        bytes: Number(one['bytes']),
        callsLimit: one['calls_limit'] as number | null,
        trafficLimit: one['traffic_limit'] as number | null,
      });
  };

  const add = (clientId: string, { calls, bytes }: Counted): void => {
    const before = pending.get(clientId) ?? none;
    pending.set(clientId, { calls: before.calls + calls, bytes: before.bytes + bytes });
  };

  let reporting: Promise<void> = Promise.resolve();
  const reportPending = async (): Promise<void> => {
    // Clients without new counts are included, because their limits can have changed.
    const clients = new Set([...known.keys(), ...pending.keys()]);
    const counted = pending;
    pending = new Map();
    const all = [...clients].map((id): [string, Counted] => [id, counted.get(id) ?? none]);
    for (let start = 0; start < all.length; start += maxReported) {
      const part = all.slice(start, start + maxReported);
      try {
        await send(part);
      } catch (error) {
        for (const [id, use] of part) add(id, use);
        notify(error);
      }
    }
  };
  const report = (): Promise<void> => {
    reporting = reporting.then(reportPending);
    return reporting;
  };
  const timer = setInterval(report, reportSeconds * 1000);
  timer.unref();

  return {
    add,
    report,

    /** The refusal of a client that has reached its limit; undefined if it has none or is below it. */
    async beyondLimit(clientId: string): Promise<Refusal | undefined> {
      // The totals of a client are fetched before its first call, and before its first call of a month.
      if (!known.has(clientId) || Date.now() >= resetsAt) await send([[clientId, none]]);
      const {
        calls = 0,
        bytes = 0,
        callsLimit = null,
        trafficLimit = null,
      } = known.get(clientId) ?? {};
      const more = pending.get(clientId) ?? none;
      const isBeyond =
        (callsLimit !== null && calls + more.calls >= callsLimit) ||
        (trafficLimit !== null && bytes + more.bytes >= trafficLimit);
      if (!isBeyond) return undefined;
      return refuse(429, 'too_many_requests', 'The client has reached its monthly limit.', {
        'Retry-After': String(Math.max(1, Math.ceil((resetsAt - Date.now()) / 1000))),
      });
    },

    async close(): Promise<void> {
      clearInterval(timer);
      await report();
    },
  };
}
