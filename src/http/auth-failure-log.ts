import type { Context } from 'koa';
import { clientIdOf } from './access-log.ts';
import { targetOf } from './errors.ts';
import type { Log } from './log.ts';
import { requestIdOf } from './request-id.ts';

/** How long refusals for one reason are counted before they are told of again. */
const seconds = 10;

/** Reasons are few; should whoever calls find out how to make new ones, they share a place. */
const mostReasons = 50;

/** Runs something later, unless the process ends before. */
export type Later = (run: () => void, seconds: number) => void;

const byTimer: Later = (run, delay) => setTimeout(run, 1000 * delay).unref();

interface Count {
  count: number;
  /** The last request that was refused: its address, id, and client where that is known. */
  last: object;
}

/**
 * Tells of failed authentications: the first of a reason at once, those that follow as one line with
 * their number, so that a flood of them does not flood the log. What was presented is never told.
 */
export function createAuthFailureLog(log: Log, later: Later = byTimer) {
  const open = new Map<string, Count>();

  const tell = (reason: string, { count, last }: Count) =>
    log.info({ reason, count, ...last }, 'authentication failed');

  const turn = (reason: string) => {
    const counted = open.get(reason);
    open.delete(reason);
    if (!counted?.count) return;
    tell(reason, counted);
    begin(reason);
  };

  const begin = (reason: string) => {
    open.set(reason, { count: 0, last: {} });
    later(() => turn(reason), seconds);
  };

  return {
    note(ctx: Context, why: string): void {
      const reason = open.has(why) || open.size < mostReasons ? why : 'other reasons';
      const clientId = clientIdOf(ctx);
      const last = {
        request_id: requestIdOf(ctx),
        path: targetOf(ctx),
        ip: ctx.ip,
        ...(clientId !== undefined && { client_id: clientId }),
      };
      const counted = open.get(reason);
      if (counted) open.set(reason, { count: counted.count + 1, last });
      else {
        tell(reason, { count: 1, last });
        begin(reason);
      }
    },

    /** Tells of what was counted and not told yet. */
    close(): void {
      for (const [reason, counted] of open) if (counted.count) tell(reason, counted);
      open.clear();
    },
  };
}

export type AuthFailureLog = ReturnType<typeof createAuthFailureLog>;
