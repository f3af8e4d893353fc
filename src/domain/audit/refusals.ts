import type { Database } from '../../../db/database.ts';
import { withWaitBudget } from '../../../db/deadline.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Attribution, attribution } from './actor.ts';
import { recordEvent } from './events.ts';
import type { NewAuditEvent } from './types.ts';

/** Seconds over which refusals of one kind are counted before an event with their number is recorded. */
const periodSeconds = 10 * 60;

/** Kinds counted at the same time; any others are counted together. */
const maxKinds = 1_000;

/** Runs something after a delay, unless the process exits first. */
export type Later = (run: () => void, seconds: number) => void;

const byTimer: Later = (run, delay) => setTimeout(run, 1000 * delay).unref();

interface Counted {
  event: NewAuditEvent;
  /** Actor and origin of the most recent refusal. */
  attribution: Attribution;
  count: number;
}

/**
 * Records refusals. The first of a kind is recorded at once, those that follow within ten minutes as one event with
 * their number, so that a caller that is refused all day does not fill the table. Refusals are of one kind if the
 * actor, the action, the app and the error are the same. An event for several refusals has no target.
 */
export function createRefusals({
  database: { kysely },
  onError,
  later = byTimer,
}: {
  database: Pick<Database, 'kysely'>;
  /** Called with errors of writes that no request waits for. */
  onError: (error: unknown) => void;
  later?: Later;
}) {
  const open = new Map<string, Counted>();

  const record = ({ event, attribution: by, count }: Counted): Promise<void> => {
    const { target: _, details, ...rest } = event;
    return recordEvent(kysely, { ...rest, details: { ...details, count } }, 'refused', by);
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
    /** Records or counts the refusal of an authenticated caller. */
    async refused(event: NewAuditEvent): Promise<void> {
      const by = attribution();
      const { actor_kind, actor_id } = by;
      const { action, app, details } = event;
      const kind = JSON.stringify([actor_kind, actor_id, action, app, details?.['error']]);
      const key = open.has(kind) || open.size < maxKinds ? kind : 'others';
      const counted = open.get(key);
      if (counted) {
        open.set(key, { event, attribution: by, count: counted.count + 1 });
        return;
      }
      begin(key, { event, attribution: by, count: 0 });
      await recordEvent(kysely, event, 'refused', by);
    },

    /** Records the refusals that were only counted so far. */
    async close(): Promise<void> {
      const counted = [...open.values()].filter(({ count }) => count > 0);
      open.clear();
      for (const one of counted) await record(one);
    },
  };
}

export type Refusals = ReturnType<typeof createRefusals>;

/**
 * Runs an operation of an authenticated caller and records it if it is refused (403): a refusal changes nothing, so
 * no other event records it. `describe` is called only then; undefined if refusals of the operation are not
 * recorded.
 */
export async function recordingRefusals<Result>(
  audit: Pick<Refusals, 'refused'>,
  describe: (() => Pick<NewAuditEvent, 'action' | 'target'>) | undefined,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (describe && error instanceof OAuthError && error.status === 403)
      await audit.refused({
        ...describe(),
        // Events of an app only come from its members and from operators, not from strangers.
        ...(error.code === 'insufficient_scope' && { app: null }),
        details: { error: error.code },
      });
    throw error;
  }
}
