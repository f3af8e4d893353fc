import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Database } from '../../db/database.ts';

interface Dependencies {
  version: string;
  database: Pick<Database, 'connections'>;
  /** Requests in progress and open connections. */
  load: () => { requests: number; connections: number };
  isStopping: () => boolean;
  /** Open streams of revocations. */
  countStreams: () => number;
}

/**
 * Metrics of this process: CPU, memory, collections and the delay of the event loop (all from prom-client, `process_*`
 * and `nodejs_*`), its connections, and whether it is stopping.
 */
export function measureProcess(
  registry: Registry,
  { version, database, load, isStopping, countStreams }: Dependencies,
): void {
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'writ_build_info',
    help: 'The version of Writ; always 1.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  new Gauge({
    name: 'writ_stopping',
    help: 'Whether the process is stopping, and gets no new requests: 1 or 0.',
    registers,
    collect() {
      this.set(Number(isStopping()));
    },
  });
  new Gauge({
    name: 'writ_http_requests_in_progress',
    help: 'Requests that have begun and have no complete response yet.',
    registers,
    collect() {
      this.set(load().requests);
    },
  });
  new Gauge({
    name: 'writ_http_connections',
    help: 'Open connections.',
    registers,
    collect() {
      this.set(load().connections);
    },
  });
  new Gauge({
    name: 'writ_revocation_streams',
    help: 'Resource servers that follow revocations here.',
    registers,
    collect() {
      this.set(countStreams());
    },
  });
  const { connections } = database;
  if (!connections) return;
  new Gauge({
    name: 'writ_database_connections',
    help: 'Connections of this process to Postgres, by state.',
    labelNames: ['state'],
    registers,
    collect() {
      const { total, idle } = connections();
      this.set({ state: 'busy' }, total - idle);
      this.set({ state: 'idle' }, idle);
    },
  });
  new Gauge({
    name: 'writ_database_waiting',
    help: 'Statements that wait for a connection to Postgres.',
    registers,
    collect() {
      this.set(connections().waiting);
    },
  });
}
