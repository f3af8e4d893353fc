import { sql } from 'kysely';
import { Gauge, type Registry } from 'prom-client';
import type { Connection } from '../../db/schema.ts';
import type { SigningKeyDescription } from '../domain/keys/rotation.ts';
import type { PartitionCounts } from '../domain/tokens/partitions.ts';

interface Dependencies {
  kysely: Connection;
  listKeys: () => Promise<SigningKeyDescription[]>;
  countPartitions: () => Promise<PartitionCounts>;
}

/** What the stores hold, read when Prometheus asks. All processes of an installation show the same. */
export interface StoreMetrics {
  /** Reads the stores. If they do not respond, their metrics are left out and `writ_store_metrics_up` is 0. */
  refresh(): Promise<void>;
}

export function createStoreMetrics(
  registry: Registry,
  { kysely, listKeys, countPartitions }: Dependencies,
): StoreMetrics {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const up = gauge(
    'writ_store_metrics_up',
    'Whether the metrics of the database could be read: 1 or 0.',
  );
  const partitions = gauge(
    'writ_token_partitions',
    'Weekly partitions of the token table, by state; detached ones are dropped a week later.',
    ['state'],
  );
  const ahead = gauge(
    'writ_token_partitions_ahead',
    'Weeks from this one on that have a partition.',
  );
  const keys = gauge('writ_signing_keys', 'Signing keys, by algorithm and state.', [
    'alg',
    'state',
  ]);
  const keyAge = gauge(
    'writ_signing_key_age_seconds',
    'How long the signing key of an algorithm has signed.',
    ['alg'],
  );
  const mails = gauge(
    'writ_mails_waiting',
    'Emails that were not sent yet; delayed: at least one attempt failed.',
    ['state'],
  );
  const notices = gauge(
    'writ_logout_notices_waiting',
    'Logout notices that clients have not confirmed yet; delayed: at least one attempt failed.',
    ['state'],
  );
  const change = gauge('writ_change_number', 'The number of the latest change in the change feed.');

  const read = async () => {
    const [listed, counted, waitingMails, waitingNotices, latest] = await Promise.all([
      listKeys(),
      countPartitions(),
      kysely
        .selectFrom('mail')
        .select([
          sql<string>`count(*) filter (where attempts = 0)`.as('new'),
          sql<string>`count(*) filter (where attempts > 0)`.as('delayed'),
        ])
        .where('sent_at', 'is', null)
        .executeTakeFirstOrThrow(),
      kysely
        .selectFrom('logout_notice')
        .select([
          sql<string>`count(*) filter (where attempts = 0)`.as('new'),
          sql<string>`count(*) filter (where attempts > 0)`.as('delayed'),
        ])
        .executeTakeFirstOrThrow(),
      kysely.selectFrom('change_counter').select('last').executeTakeFirst(),
    ]);
    return { listed, counted, waitingMails, waitingNotices, latest };
  };

  return {
    async refresh() {
      const state = await read().catch(() => undefined);
      for (const each of [partitions, ahead, keys, keyAge, mails, notices, change]) each.reset();
      up.set(state ? 1 : 0);
      if (!state) {
        // A gauge without labels would show 0, which is an answer.
        for (const each of [ahead, change]) each.remove();
        return;
      }
      const { listed, counted, waitingMails, waitingNotices, latest } = state;
      for (const { alg, state: keyState, signing_since: since } of listed) {
        keys.inc({ alg, state: keyState });
        if (keyState === 'signing' && since)
          keyAge.set({ alg }, (Date.now() - since.getTime()) / 1000);
      }
      partitions.set({ state: 'attached' }, counted.attached);
      partitions.set({ state: 'detached' }, counted.detached);
      ahead.set(counted.ahead);
      for (const [metric, waiting] of [
        [mails, waitingMails],
        [notices, waitingNotices],
      ] as const) {
        metric.set({ state: 'new' }, Number(waiting.new));
        metric.set({ state: 'delayed' }, Number(waiting.delayed));
      }
      change.set(Number(latest?.last ?? 0));
    },
  };
}
