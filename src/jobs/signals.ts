/**
 * PUSHED EVENTS (RFC 8935): sends what waits for the receivers of streams. One statement claims a stream, so only one of several
 * processes delivers it; after a crash between the answer of a receiver and our commit an event is sent again, with the same `jti`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { sql } from 'kysely';
import { signalDelivery } from '../../config/signals.ts';
import type { Database } from '../../db/database.ts';
import type { Keyring } from '../crypto/sealing.ts';
import { clientIsEnabled } from '../domain/clients/sql.ts';
import { authorizationPlace } from '../domain/signals/authorization.ts';
import { disableStream, type SignalOutbox } from '../domain/signals/outbox.ts';
import type { PushSignal, SignSignal } from '../domain/signals/types.ts';
import type { Log } from '../http/log.ts';

interface Dependencies {
  database: Database;
  keyring: Keyring;
  outbox: SignalOutbox;
  sign: SignSignal;
  push: PushSignal;
  log: Log;
}

interface Due {
  id: string;
  endpointUrl: string;
  sealed: Buffer | null;
  attempts: number;
  isHopeless: boolean;
}

const failedForLong =
  'The endpoint has failed for three days. Correct it, introspect the tokens that you know, and enable the stream again.';

/** Creates the job. Its turns only start and stop a timer of its own, which pushes what waits every second. */
export function createSignalJob({ database, keyring, outbox, sign, push, log }: Dependencies) {
  const { kysely } = database;
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  // The request that creates a stream lends the pushes neither its name in the audit nor its wait budget.
  const outside = AsyncLocalStorage.snapshot();

  const claim = async (): Promise<Due | undefined> => {
    const { rows } = await sql<Due>`
      update signal_stream s set next_attempt_at = now() + ${signalDelivery.taken} * interval '1 second'
      where s.id = (
        select due.id from signal_stream due join client c on c.id = due.client_id left join app p on p.id = c.app_id
        where due.endpoint_url is not null and due.status = 'enabled' and due.next_attempt_at <= now()
          and ${sql.raw(clientIsEnabled)}
          and (due.position < (select last from change_counter)
            or exists (select from signal_event e where e.stream_id = due.id))
        order by due.next_attempt_at limit 1 for update of due skip locked)
      returning s.id, s.endpoint_url as "endpointUrl", s.sealed_authorization as sealed, s.attempts,
        coalesce(s.failing_since < now() - ${signalDelivery.givenUpAfter} * interval '1 second', false) as "isHopeless"`.execute(
      kysely,
    );
    return rows[0];
  };

  const release = (id: string) =>
    sql`update signal_stream set attempts = 0, failing_since = null,
      next_attempt_at = now() + ${signalDelivery.interval / 1000} * interval '1 second' where id = ${id}`.execute(
      kysely,
    );

  const putOff = ({ id, attempts }: Due) => {
    const { pauses } = signalDelivery;
    const pause = pauses[Math.min(attempts, pauses.length - 1)] ?? 3600;
    return sql`update signal_stream set attempts = attempts + 1, failing_since = coalesce(failing_since, now()),
      next_attempt_at = now() + ${pause} * interval '1 second' where id = ${id}`.execute(kysely);
  };

  /** Leaves a stream to another process, which need not wait until this one no longer has it. */
  const handOver = (id: string) =>
    sql`update signal_stream set next_attempt_at = now() where id = ${id}`.execute(kysely);

  /** Sends what waits for one receiver, oldest first. A failure ends the turn of the stream. */
  const deliverTo = async (due: Due): Promise<void> => {
    const { id, endpointUrl, sealed } = due;
    const authorization = sealed && keyring.open(authorizationPlace(id), sealed).toString();
    await outbox.fill(id);
    const end = performance.now() + (signalDelivery.taken * 1000) / 2;
    for (const signal of await outbox.pending(id, signalDelivery.turn)) {
      if (closing.signal.aborted || performance.now() > end) break;
      const to = { endpointUrl, authorization, signal: closing.signal };
      const attempt = await push(await sign(signal), to);
      if (attempt.outcome === 'failed' && closing.signal.aborted) {
        await handOver(id);
        return;
      }
      if (attempt.outcome === 'failed') {
        log.warn(
          { stream: id, client: signal.client, reason: attempt.error },
          'an event could not be pushed',
        );
        if (due.isHopeless)
          await kysely
            .transaction()
            .execute((transaction) => disableStream(transaction, id, failedForLong));
        else await putOff(due);
        return;
      }
      if (attempt.outcome === 'refused') await outbox.settle(id, [], { [signal.jti]: attempt.err });
      else await outbox.settle(id, [signal.jti]);
    }
    await release(id);
  };

  const deliver = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const due = await claim();
      if (!due) return;
      await deliverTo(due);
    }
  };

  const hasStreams = async (): Promise<boolean> => {
    const found = await kysely
      .selectFrom('signal_stream')
      .select('id')
      .where('endpoint_url', 'is not', null)
      .where('status', '=', 'enabled')
      .limit(1)
      .execute();
    return found.length > 0;
  };

  const tick = (): Promise<void> => {
    running ??= deliver()
      .catch((err: unknown) => log.warn({ err }, 'events could not be pushed; this is repeated'))
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  /** Looks for events every second from now on. */
  const begin = (): void => {
    if (closing.signal.aborted) return;
    timer ??= outside(() => setInterval(tick, signalDelivery.interval).unref());
  };

  return {
    /** A turn of the jobs: from then on the process looks every second, as long as there are streams of this kind. */
    run: async (): Promise<void> => {
      if (await hasStreams()) begin();
      else {
        clearInterval(timer);
        timer = undefined;
      }
    },

    /** A stream was created or changed. */
    notify: begin,

    /** Ends what is being pushed: the receiver can be slow, and gets the event again from another process. */
    async close(): Promise<void> {
      closing.abort();
      clearInterval(timer);
      await running;
    },
  };
}

export type SignalJob = ReturnType<typeof createSignalJob>;
