import type { Context } from 'koa';
import { requestRefused } from '../telemetry/channels.ts';
import { accountIdOf, clientIdOf } from './access-log.ts';
import type { Log } from './log.ts';
import { targetOf, withoutTokens } from './log-text.ts';
import { requestIdOf } from './request-id.ts';

/** How many seconds refusals of one kind are counted before they are logged again. */
const seconds = 10;

/** The maximum number of kinds; if a caller manages to create more, the rest share one. */
const maxKinds = 100;

/** The maximum length of a logged reason. */
const maxReasonLength = 200;

/** Runs a function after some seconds, unless the process ends first. */
export type Later = (run: () => void, seconds: number) => void;

const byTimer: Later = (run, delay) => setTimeout(run, 1000 * delay).unref();

/** Why a request was refused. */
export interface Refusal {
  /** The actual reason, which can say more than the response. It must not quote what was presented. */
  reason: string;
  /** The error code of the response; undefined if a person got a page. */
  error?: string | undefined;
  /** The account and the network that it is about, if they should be counted separately. */
  accountId?: string | undefined;
  network?: string | undefined;
  /** Whether the caller failed to authenticate. */
  isAuthentication?: boolean;
}

interface Count {
  /** The fields that all refusals of this kind share. */
  kind: object;
  message: string;
  count: number;
  /** The fields of the latest refused request: its ID, path, address, and account if known. */
  last: object;
}

/**
 * Logs refused requests at info: the first of a kind at once, and the following ones of ten seconds as one line with
 * their count, so a flood of requests does not flood the log. Refusals are of one kind if reason, error code and client
 * are equal, and account and network if given. What was presented is never logged.
 */
export function createRefusalLog(log: Log, later: Later = byTimer) {
  const open = new Map<string, Count>();

  const write = ({ kind, message, count, last }: Count) =>
    log.info({ ...kind, count, ...last }, message);

  const flush = (key: string) => {
    const counted = open.get(key);
    open.delete(key);
    if (!counted?.count) return;
    write(counted);
    startCounting(key, counted);
  };

  const startCounting = (key: string, counted: Count) => {
    open.set(key, { ...counted, count: 0, last: {} });
    later(() => flush(key), seconds);
  };

  return {
    /** Logs or counts a refusal. */
    note(
      ctx: Context,
      { reason: why, error, accountId, network, isAuthentication = false }: Refusal,
    ): void {
      const message = isAuthentication ? 'authentication failed' : 'request refused';
      const client_id = clientIdOf(ctx);
      const reason = withoutTokens(why).slice(0, maxReasonLength);
      requestRefused.publish({
        error,
        reason,
        isAuthentication,
        clientId: client_id,
        address: ctx.ip,
      });
      const account_id = accountIdOf(ctx);
      let kind: object = {
        reason,
        ...(error !== undefined && { error }),
        ...(client_id !== undefined && { client_id }),
        ...(accountId !== undefined && { account_id: accountId }),
        ...(network !== undefined && { network }),
      };
      let key = JSON.stringify([message, kind]);
      if (!open.has(key) && open.size >= maxKinds) {
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
        write(first);
        startCounting(key, first);
      }
    },

    /** Logs what was counted but not logged yet. */
    close(): void {
      for (const counted of open.values()) if (counted.count) write(counted);
      open.clear();
    },
  };
}

/** See `createRefusalLog`. */
export type RefusalLog = ReturnType<typeof createRefusalLog>;
