import type { Database } from '../../../db/database.ts';
import { withWaitBudget } from '../../../db/deadline.ts';
import { type Attribution, attribution } from './actor.ts';
import { recordEvent } from './events.ts';
import type { NewAuditEvent } from './types.ts';

/** Seconds over which events of one kind are counted before one with their number is recorded. */
const periodSeconds = 10 * 60;

/** Kinds counted at the same time; any others are counted together. */
const maxKinds = 1_000;

/** Runs something after a delay, unless the process exits first. */
export type Later = (run: () => void, seconds: number) => void;

const byTimer: Later = (run, delay) => setTimeout(run, 1000 * delay).unref();

interface Counted {
  event: NewAuditEvent;
  /** Actor and origin of the most recent one. */
  attribution: Attribution;
  count: number;
}

/**
 * Records frequent events. The first of a kind is recorded at once, those that follow within ten minutes as one event with their
 * number, so that a caller that comes all day does not fill the table. An event for several has no target.
 */
export function createCountedEvents({
  database: { kysely },
  result,
  kindOf,
  onError,
  later = byTimer,
}: {
  database: Pick<Database, 'kysely'>;
  result: 'success' | 'refused';
  /** What events of one kind have in common, besides the actor and the action. */
  kindOf: (event: NewAuditEvent) => unknown;
  /** Called with errors of writes that no request waits for. */
  onError: (error: unknown) => void;
  later?: Later;
}) {
  const open = new Map<string, Counted>();

  const record = ({ event, attribution: by, count }: Counted): Promise<void> => {
    const { target: _, details, ...rest } = event;
    return recordEvent(kysely, { ...rest, details: { ...details, count } }, result, by);
  };

  const flush = async (key: string): Promise<void> => {
    const counted = open.get(key);
    open.delete(key);
    if (!counted?.count) return;
    begin(key, counted);
    await record(counted);
  };

  const begin = (key: string, counted: Counted) => {
    open.set(key, { ...counted, count: 0 });
    // A wait budget of its own. Otherwise every period would count toward the budget of the first request.
    later(() => void withWaitBudget(() => flush(key)).catch(onError), periodSeconds);
  };

  return {
    /** Records or counts an event. */
    async note(event: NewAuditEvent): Promise<void> {
      const by = attribution();
      const kind = JSON.stringify([by.actor_kind, by.actor_id, event.action, kindOf(event)]);
      const key = open.has(kind) || open.size < maxKinds ? kind : 'others';
      const counted = open.get(key);
      if (counted) {
        open.set(key, { event, attribution: by, count: counted.count + 1 });
        return;
      }
      begin(key, { event, attribution: by, count: 0 });
      await recordEvent(kysely, event, result, by);
    },

    /** Records the events that were only counted so far. */
    async close(): Promise<void> {
      const counted = [...open.values()].filter(({ count }) => count > 0);
      open.clear();
      for (const one of counted) await record(one);
    },
  };
}

export type CountedEvents = ReturnType<typeof createCountedEvents>;
