/**
 * METRICS: what `/metrics` serves (`server.ts`) and OpenTelemetry exports (`../open-telemetry`). Without a setting that asks for
 * them, nothing is measured.
 */
import type { Server } from 'node:http';
import { Registry } from 'prom-client';
import { countEvents } from './events.ts';
import type { Metric } from './metric.ts';
import { measureProcess } from './process.ts';
import { measureRequests } from './requests.ts';
import { createStoreMetrics } from './stores.ts';

type Dependencies = Parameters<typeof measureProcess>[1] &
  Parameters<typeof createStoreMetrics>[1] & {
    /** The label of a path; of few values, since each is a series. */
    endpointOf: (path: string) => string;
    isOurs: (server: Server) => boolean;
    /** The number of this process, if several serve one port: a label of what is measured in it. */
    worker: number | undefined;
  };

export interface Metrics {
  /** All metrics as they are now. Readers that ask at the same time share one reading. */
  read(): Promise<Metric[]>;
  /** The same in the format of Prometheus; without those of the stores, if another process adds them. */
  text(options?: { stores: boolean }): Promise<string>;
  /** Stops measuring. */
  close(): void;
}

/** Starts to measure. */
export function createMetrics({ endpointOf, isOurs, worker, ...rest }: Dependencies): Metrics {
  const ofProcess = new Registry();
  if (worker !== undefined) ofProcess.setDefaultLabels({ worker: String(worker) });
  measureProcess(ofProcess, rest);
  const ofStores = new Registry();
  const stores = createStoreMetrics(ofStores, rest);
  const stops = [measureRequests(ofProcess, { endpointOf, isOurs }), countEvents(ofProcess)];
  const reader = <Read>(read: () => Promise<Read>): (() => Promise<Read>) => {
    let running: Promise<Read> | undefined;
    return () => {
      running ??= stores
        .refresh()
        .then(read)
        .finally(() => {
          running = undefined;
        });
      return running;
    };
  };
  const all = [ofProcess, ofStores];
  const textOfAll = reader(async () =>
    (await Promise.all(all.map((registry) => registry.metrics()))).join('\n'),
  );
  return {
    read: reader(async () => {
      const read = await Promise.all(all.map((registry) => registry.getMetricsAsJSON()));
      return read.flat() as unknown as Metric[];
    }),
    text: ({ stores } = { stores: true }) => (stores ? textOfAll() : ofProcess.metrics()),
    close() {
      for (const stop of stops) stop();
      for (const registry of all) registry.clear();
    },
  };
}
