import type { Database } from '../../../db/database.ts';
import { inOneWait } from '../../../db/deadline.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Attribution, attribution } from './actor.ts';
import { recordEvent } from './events.ts';
import type { NewAuditEvent } from './types.ts';

/** Seconds for which refusals of one kind are counted before they are recorded again. */
const seconds = 10 * 60;

/** Kinds that are counted at once; all further ones share a place. */
const mostKinds = 1_000;

/** Runs something later, unless the process ends before. */
export type Later = (run: () => void, seconds: number) => void;

const byTimer: Later = (run, delay) => setTimeout(run, 1000 * delay).unref();

interface Counted {
  event: NewAuditEvent;
  /** Of the last one. */
  attribution: Attribution;
  count: number;
}

/**
 * Records that callers were refused: the first of a kind at once, those that follow within ten minutes as one event
 * with their number, so that a caller who is refused all day fills no table. Refusals are of one kind where the
 * actor, the action, the app and the error are the same; the event of several names the target of none.
 */
export function createRefusals({
  database: { kysely },
  onError,
  later = byTimer,
}: {
  database: Pick<Database, 'kysely'>;
  /** Takes the errors of writes that no request waits for. */
  onError: (error: unknown) => void;
  later?: Later;
}) {
  const open = new Map<string, Counted>();

  const record = ({ event, attribution: by, count }: Counted): Promise<void> => {
    const { target: _, details, ...rest } = event;
    return recordEvent(kysely, { ...rest, details: { ...details, count } }, 'refused', by);
  };

  const turn = async (key: string): Promise<void> => {
    const counted = open.get(key);
    open.delete(key);
    if (!counted?.count) return;
    begin(key, counted);
    await record(counted);
  };

  const begin = (key: string, counted: Counted) => {
    open.set(key, { ...counted, count: 0 });
    // A wait of its own: that of the request which was first would grow with each.
    later(() => void inOneWait(() => turn(key)).catch(onError), seconds);
  };

  return {
    /** Records that an authenticated caller was refused, or counts it. */
    async refused(event: NewAuditEvent): Promise<void> {
      const by = attribution();
      const { actor_kind, actor_id } = by;
      const { action, app, details } = event;
      const kind = JSON.stringify([actor_kind, actor_id, action, app, details?.['error']]);
      const key = open.has(kind) || open.size < mostKinds ? kind : 'others';
      const counted = open.get(key);
      if (counted) {
        open.set(key, { event, attribution: by, count: counted.count + 1 });
        return;
      }
      begin(key, { event, attribution: by, count: 0 });
      await recordEvent(kysely, event, 'refused', by);
    },

    /** Records what was counted and not recorded yet. */
    async close(): Promise<void> {
      const counted = [...open.values()].filter(({ count }) => count > 0);
      open.clear();
      for (const one of counted) await record(one);
    },
  };
}

export type Refusals = ReturnType<typeof createRefusals>;

/**
 * Runs what an authenticated caller asked for, and records where that is refused to them (403): a refusal changes nothing, so
 * nothing else records it. `describe` is asked only then; undefined where nothing is to be recorded.
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
        // Strangers write nothing into the trail of an app: callers who may try are its members, or operators.
        ...(error.code === 'insufficient_scope' && { app: null }),
        details: { error: error.code },
      });
    throw error;
  }
}
