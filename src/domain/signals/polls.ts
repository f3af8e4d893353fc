/** DELIVERY BY POLL (RFC 8936): each poll acknowledges events and gets those that wait, again and again until it has. */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalBounds } from '../../../config/signals.ts';
import { withWaitBudget } from '../../../db/deadline.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { SignalOutbox } from './outbox.ts';
import type { SignalStreams } from './streams.ts';
import type { SignSignal } from './types.ts';

export interface SignalPoll {
  maxEvents: number;
  returnImmediately: boolean;
  ack: readonly string[];
  /** Errors by `jti`. */
  setErrs: Readonly<Record<string, string>>;
}

export interface PolledSignals {
  /** SETs by `jti`. */
  sets: Record<string, string>;
  moreAvailable: boolean;
}

/** Milliseconds between two looks of a poll that waits. */
const pace = 500;

export function createSignalPolls({
  streams,
  outbox,
  sign,
}: {
  streams: Pick<SignalStreams, 'find'>;
  outbox: SignalOutbox;
  sign: SignSignal;
}) {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const waiting = new Map<string, number>();

  const read = async (stream: string, limit: number): Promise<PolledSignals> => {
    await outbox.fill(stream);
    const found = await outbox.pending(stream, limit + 1);
    const sets = await Promise.all(
      found.slice(0, limit).map(async (signal) => [signal.jti, await sign(signal)] as const),
    );
    return { sets: Object.fromEntries(sets), moreAvailable: found.length > limit };
  };

  /** Waits for the first event, the end of the time, or that of the server. */
  const readLong = async (clientId: string, stream: string, limit: number) => {
    const open = waiting.get(clientId) ?? 0;
    const end = performance.now() + signalBounds.longPoll * 1000;
    waiting.set(clientId, open + 1);
    try {
      for (;;) {
        const found = await withWaitBudget(() => read(stream, limit));
        const isLast =
          open >= signalBounds.longPolls || performance.now() >= end || closing.signal.aborted;
        if (Object.keys(found.sets).length > 0 || isLast) return found;
        await sleep(pace, undefined, { signal: closing.signal }).catch(() => {});
      }
    } finally {
      const left = (waiting.get(clientId) ?? 1) - 1;
      if (left > 0) waiting.set(clientId, left);
      else waiting.delete(clientId);
    }
  };

  return {
    /** Answers a poll of a client. Throws `not_found`, `access_denied`, `conflict` for a stream that is pushed, and LimitReached. */
    poll: async (
      clientId: string,
      id: string,
      { maxEvents, returnImmediately, ack, setErrs }: SignalPoll,
    ): Promise<PolledSignals> => {
      const { endpointUrl, status } = await streams.find(clientId, id);
      if (endpointUrl !== null)
        throw new OAuthError('conflict', 'The events of this stream are pushed.');
      await outbox.settle(id, ack, setErrs);
      const limit = Math.min(maxEvents, signalBounds.poll);
      if (status !== 'enabled') return { sets: {}, moreAvailable: false };
      return limit === 0 || returnImmediately ? read(id, limit) : readLong(clientId, id, limit);
    },

    /** Answers polls that wait. */
    close: (): void => closing.abort(),
  };
}

export type SignalPolls = ReturnType<typeof createSignalPolls>;
