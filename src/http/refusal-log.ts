import type { Context } from 'koa';
import { accountIdOf, clientIdOf } from './access-log.ts';
import type { Log } from './log.ts';
import { targetOf, withoutTokens } from './log-text.ts';
import { requestIdOf } from './request-id.ts';

/** How long refusals of one kind are counted before they are told of again. */
const seconds = 10;

/** Kinds are few; should whoever calls find out how to make new ones, they share a place. */
const mostKinds = 100;

/** A reason is a sentence of ours; whatever is longer is cut. */
const maxReasonLength = 200;

/** Runs something later, unless the process ends before. */
export type Later = (run: () => void, seconds: number) => void;

const byTimer: Later = (run, delay) => setTimeout(run, 1000 * delay).unref();

/** Why a request was refused. */
export interface Refusal {
  /** The true reason, more than the caller may read; it quotes nothing of what was presented. */
  reason: string;
  /** The error code that was answered; none where a person was told in words. */
  error?: string | undefined;
  /** The account that it is about, where that is known, and the network that it came from: each has a line of its own. */
  accountId?: string | undefined;
  network?: string | undefined;
  /** The caller was not who they said. */
  isAuthentication?: boolean;
}

interface Count {
  /** What all of this kind have in common. */
  kind: object;
  message: string;
  count: number;
  /** The last request that was refused: its address, id, and account where that is known. */
  last: object;
}

/**
 * Writes one line at info for a request that is refused: the first of a kind at once, those that follow within
 * ten seconds as one line with their number, so that a flood of them does not flood the log. Refusals are of one
 * kind where reason, error code and client are the same, and account and network where they are named. What was presented is never told.
 */
export function createRefusalLog(log: Log, later: Later = byTimer) {
  const open = new Map<string, Count>();

  const tell = ({ kind, message, count, last }: Count) =>
    log.info({ ...kind, count, ...last }, message);

  const turn = (key: string) => {
    const counted = open.get(key);
    open.delete(key);
    if (!counted?.count) return;
    tell(counted);
    begin(key, counted);
  };

  const begin = (key: string, counted: Count) => {
    open.set(key, { ...counted, count: 0, last: {} });
    later(() => turn(key), seconds);
  };

  return {
    note(
      ctx: Context,
      { reason: why, error, accountId, network, isAuthentication = false }: Refusal,
    ): void {
      const message = isAuthentication ? 'authentication failed' : 'request refused';
      const client_id = clientIdOf(ctx);
      const account_id = accountIdOf(ctx);
      let kind: object = {
        reason: withoutTokens(why).slice(0, maxReasonLength),
        ...(error !== undefined && { error }),
        ...(client_id !== undefined && { client_id }),
        ...(accountId !== undefined && { account_id: accountId }),
        ...(network !== undefined && { network }),
      };
      let key = JSON.stringify([message, kind]);
      if (!open.has(key) && open.size >= mostKinds) {
        kind = { reason: 'other reasons' };
        key = message;
      }
      const last = {
        request_id: requestIdOf(ctx),
        path: targetOf(ctx),
        ip: ctx.ip,
        ...(account_id !== undefined && { account_id }),
      };
      const counted = open.get(key);
      if (counted) open.set(key, { ...counted, count: counted.count + 1, last });
      else {
        const first = { kind, message, count: 1, last };
        tell(first);
        begin(key, first);
      }
    },

    /** Tells of what was counted and not told yet. */
    close(): void {
      for (const counted of open.values()) if (counted.count) tell(counted);
      open.clear();
    },
  };
}

export type RefusalLog = ReturnType<typeof createRefusalLog>;
