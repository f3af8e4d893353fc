/**
 * METRICS: what `/metrics` serves (`server.ts`) and OpenTelemetry exports (`../open-telemetry`). Without a setting that asks for
 * them, nothing is measured.
 */
import type { Server } from 'node:http';
import { Registry } from 'prom-client';
import { countEvents } from './events.ts';
import { measureProcess } from './process.ts';
import { measureRequests } from './requests.ts';
import { createStoreMetrics } from './stores.ts';

type Dependencies = Parameters<typeof measureProcess>[1] &
  Parameters<typeof createStoreMetrics>[1] & {
    /** The label of a path; of few values, since each is a series. */
    endpointOf: (path: string) => string;
    isOurs: (server: Server) => boolean;
  };

/** A metric as prom-client has it, whose types say less. */
export interface Metric {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  values: {
    value: number;
    labels: Record<string, string>;
    /** Of a histogram: with `_bucket`, `_sum` or `_count`. */
    metricName?: string;
  }[];
}

export interface Metrics {
  /** All metrics as they are now. Readers that ask at the same time share one reading. */
  read(): Promise<Metric[]>;
  /** The same in the format of Prometheus. */
  text(): Promise<string>;
  /** The media type of that format. */
  contentType: string;
  /** Stops measuring. */
  close(): void;
}

/** Starts to measure. */
export function createMetrics({ endpointOf, isOurs, ...rest }: Dependencies): Metrics {
  const registry = new Registry();
  measureProcess(registry, rest);
  const stores = createStoreMetrics(registry, rest);
  const stops = [measureRequests(registry, { endpointOf, isOurs }), countEvents(registry)];
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
  return {
    read: reader(() => registry.getMetricsAsJSON() as Promise<unknown> as Promise<Metric[]>),
    text: reader(() => registry.metrics()),
    contentType: registry.contentType,
    close() {
      for (const stop of stops) stop();
      registry.clear();
    },
  };
}
