/**
 * FOLLOWING REVOCATIONS: one look at the database every fifth of a second serves all followers of this process, and there is
 * none without followers. A follower reads at its own pace, from memory or, if it is behind, from the database.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import { withWaitBudget } from '../../../db/deadline.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { LimitReached } from '../limits/rate-limits.ts';
import {
  type AddressedRevocation,
  concerns,
  FeedGap,
  type Revocation,
  type Revocations,
  revocationBatch,
} from './revocations.ts';

/** What a follower gets: changes, a sign of life without any, or the end because of a gap. */
export type Followed =
  | { kind: 'changes'; items: Revocation[]; last: number }
  | { kind: 'alive'; last: number }
  | { kind: 'gap' };

/** Milliseconds. */
export const streamPace = {
  poll: 200,
  /** Between two signs of life. */
  alive: 5_000,
  /** A follower that has taken nothing for so long is cut off; it continues where it was when it returns. */
  stuck: 60_000,
};

/** Streams that one client, and all clients, can have open at this process. */
export const streamLimits = { ofClient: 50, ofProcess: 1_000 };

/** Changes that are kept in memory for followers. */
const recentSize = 4_000;

/** What a client follows. */
interface Following {
  client: string;
  resources: readonly string[];
  /** The number after which the changes begin. */
  begin: number;
  /** Whether the client may still follow these resources: asked as often as there is a sign of life. Otherwise the stream ends. */
  isAllowed: () => Promise<boolean>;
  signal: AbortSignal;
}

/** Creates the streams of this process. `onError` gets what a look at the database throws; it is repeated. */
export function createRevocationStreams({
  revocations,
  onError,
}: {
  revocations: Revocations;
  onError: (error: unknown) => void;
}) {
  const open = new Map<string, number>();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  // The looks serve all followers, so they are no part of the trace of the first one.
  const outside = AsyncLocalStorage.snapshot();
  let followers = 0;
  let timer: NodeJS.Timeout | undefined;
  /** The last number that was seen; undefined while nothing is followed. */
  let seen: number | undefined;
  let recent: AddressedRevocation[] = [];
  let waiting: (() => void)[] = [];

  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const each of woken) each();
  };

  const look = async (): Promise<void> => {
    const last = await revocations.lastNumber();
    if (seen === undefined || last < seen) {
      seen = last;
      recent = [];
    }
    while (seen < last) {
      const rows: AddressedRevocation[] = await revocations.after(seen);
      if (rows.length === 0) break;
      recent = [...recent, ...rows].slice(-recentSize);
      seen = rows.at(-1)?.number ?? seen;
    }
  };

  const poll = async (): Promise<void> => {
    const before = seen;
    try {
      await withWaitBudget(look);
    } catch (error) {
      if (error instanceof FeedGap) seen = undefined;
      else onError(error);
    }
    if (seen !== before) wake();
    timer =
      followers > 0 && !closing.signal.aborted
        ? setTimeout(poll, streamPace.poll).unref()
        : undefined;
    if (!timer) {
      seen = undefined;
      recent = [];
    }
  };

  /** The changes after a number: from memory if they are there. */
  const after = async (number: number): Promise<AddressedRevocation[]> => {
    if (number === seen) return [];
    const [first] = recent;
    if (first && number >= first.number - 1 && seen !== undefined && number < seen)
      return recent.filter((row) => row.number > number).slice(0, revocationBatch);
    return withWaitBudget(() => revocations.after(number));
  };

  /** Waits for a change, the next sign of life, or the end. */
  const next = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(alive);
        signal.removeEventListener('abort', done);
        closing.signal.removeEventListener('abort', done);
        waiting = waiting.filter((each) => each !== done);
        resolve();
      };
      const alive = setTimeout(done, streamPace.alive).unref();
      waiting.push(done);
      signal.addEventListener('abort', done, { once: true });
      closing.signal.addEventListener('abort', done, { once: true });
      if (signal.aborted || closing.signal.aborted) done();
    });

  async function* run({
    resources,
    begin,
    isAllowed,
    signal,
  }: Following): AsyncGenerator<Followed> {
    const isMine = concerns(resources);
    let position = begin;
    yield { kind: 'alive', last: position };
    let told = performance.now();
    let checked = told;
    while (!signal.aborted && !closing.signal.aborted) {
      if (performance.now() - checked >= streamPace.alive - 100) {
        if (!(await withWaitBudget(isAllowed))) return;
        checked = performance.now();
      }
      let rows: AddressedRevocation[];
      try {
        rows = await after(position);
      } catch (error) {
        if (!(error instanceof FeedGap)) throw error;
        yield { kind: 'gap' };
        return;
      }
      position = rows.at(-1)?.number ?? position;
      const items = rows.filter(isMine);
      if (items.length > 0) yield { kind: 'changes', items, last: position };
      else if (performance.now() - told >= streamPace.alive - 100)
        yield { kind: 'alive', last: position };
      else {
        if (rows.length === 0) await next(signal);
        continue;
      }
      told = performance.now();
    }
  }

  return {
    /**
     * Follows the changes after a number that concern one of the audiences, until the client may no longer, `signal` is aborted or
     * the process stops.
     * Throws FeedGap, LimitReached beyond the streams of the client, and `temporarily_unavailable`.
     */
    async follow(following: Following): Promise<AsyncGenerator<Followed>> {
      const { client, begin, signal } = following;
      if (closing.signal.aborted || followers >= streamLimits.ofProcess)
        throw new OAuthError(
          'temporarily_unavailable',
          'No further stream can be opened here now. Try again in a few seconds.',
        );
      const ofClient = open.get(client) ?? 0;
      if (ofClient >= streamLimits.ofClient) throw new LimitReached(5);
      open.set(client, ofClient + 1);
      followers++;
      let isReleased = false;
      const release = () => {
        if (isReleased) return;
        isReleased = true;
        followers--;
        const left = (open.get(client) ?? 1) - 1;
        if (left > 0) open.set(client, left);
        else open.delete(client);
      };
      try {
        await revocations.after(begin);
      } catch (error) {
        release();
        throw error;
      }
      // A stream that is cut off before it begins never runs.
      signal.addEventListener('abort', release, { once: true });
      if (signal.aborted) release();
      timer ??= outside(() => setTimeout(poll, 0).unref());
      return (async function* () {
        try {
          yield* run(following);
        } finally {
          release();
        }
      })();
    },

    /** The open streams of this process. */
    count: (): number => followers,

    /** Ends all streams; no further one is opened. */
    close(): void {
      closing.abort();
      clearTimeout(timer);
    },
  };
}

export type RevocationStreams = ReturnType<typeof createRevocationStreams>;
