import type { Metric as RegisteredMetric, Registry } from 'prom-client';
import type { Metric } from './metric.ts';

interface Distribution {
  /** How many values are above the bound before and at most this one; the last has no bound. */
  counts: Float64Array;
  sum: number;
}

interface Options {
  name: string;
  help: string;
  label: string;
  /** Upper bounds in ascending order. */
  buckets: readonly number[];
}

export interface Durations {
  observe(label: string, seconds: number): void;
}

/** A histogram with one label. That of prom-client hashes its labels for each value, which costs as much as all else that is counted of a request. */
export function createDurations(
  registry: Registry,
  { name, help, label, buckets }: Options,
): Durations {
  const distributions = new Map<string, Distribution>();

  const valuesOf = (value: string, { counts, sum }: Distribution): Metric['values'] => {
    let upTo = 0;
    const bounds = [...counts].map((count, index) => {
      upTo += count;
      const le = String(buckets[index] ?? '+Inf');
      return { value: upTo, labels: { le, [label]: value }, metricName: `${name}_bucket` };
    });
    const labels = { [label]: value };
    return [
      ...bounds,
      { value: sum, labels, metricName: `${name}_sum` },
      { value: upTo, labels, metricName: `${name}_count` },
    ];
  };

  const metric = {
    name,
    async get(): Promise<Metric> {
      const values = [...distributions].flatMap((each) => valuesOf(...each));
      return { name, help, type: 'histogram', values };
    },
  };
  // The registry asks a metric for no more than this.
  registry.registerMetric(metric as unknown as RegisteredMetric);

  return {
    observe(value, seconds) {
      let distribution = distributions.get(value);
      if (!distribution) {
        distribution = { counts: new Float64Array(buckets.length + 1), sum: 0 };
        distributions.set(value, distribution);
      }
      let index = 0;
      while (index < buckets.length && seconds > (buckets[index] as number)) index++;
      distribution.counts[index] = (distribution.counts[index] ?? 0) + 1;
      distribution.sum += seconds;
    },
  };
}
