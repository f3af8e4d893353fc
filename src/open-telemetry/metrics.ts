/** METRICS AS THEY ARE SENT: those of `/metrics`, read for each message. */
import type { Metric } from '../metrics/metric.ts';
import { attributes } from './common.ts';
import {
  bytes,
  double,
  fixed64,
  integer,
  packed,
  text,
  writeDouble,
  writeFixed64,
} from './protobuf.ts';

type Labels = Record<string, string>;

/** The values of a histogram, by their labels. */
interface Distribution {
  labels: Labels;
  /** Upper bounds, without infinity, and how many values are at most that. */
  bounds: { le: number; count: number }[];
  sum: number;
  count: number;
}

/** Since when counters count and when they were read, in nanoseconds. */
interface Period {
  began: number;
  ended: number;
}

/** Values count from the start of the process, as those of Prometheus do. */
const cumulative = integer(2, 2);

function distributionsOf({ name, values }: Metric): Distribution[] {
  const found = new Map<string, Distribution>();
  for (const { value, labels, metricName } of values) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(rest);
    const one = found.get(key) ?? { labels: rest, bounds: [], sum: 0, count: 0 };
    found.set(key, one);
    if (metricName === `${name}_sum`) one.sum = value;
    else if (metricName === `${name}_count`) one.count = value;
    else if (le !== '+Inf') one.bounds.push({ le: Number(le), count: value });
  }
  return [...found.values()];
}

const times = ({ began, ended }: Period): Buffer =>
  Buffer.concat([fixed64(2, began), fixed64(3, ended)]);

/** `HistogramDataPoint`: unlike in Prometheus, a bucket does not count what is in those below it. */
function distribution({ labels, bounds, sum, count }: Distribution, period: Period): Buffer {
  const upTo = [...bounds.map((bound) => bound.count), count];
  const counts = upTo.map((each, index) => each - (upTo[index - 1] ?? 0));
  const limits = bounds.map(({ le }) => le);
  return bytes(
    1,
    times(period),
    fixed64(4, count),
    double(5, sum),
    packed(6, counts, writeFixed64),
    packed(7, limits, writeDouble),
    attributes(9, labels),
  );
}

function dataOf(metric: Metric, period: Period): Buffer {
  if (metric.type === 'histogram') {
    const points = distributionsOf(metric).map((each) => distribution(each, period));
    return bytes(9, ...points, cumulative);
  }
  const points = metric.values
    // What has no value yet: collectors refuse NaN.
    .filter(({ value }) => !Number.isNaN(value))
    .map(({ value, labels }) => bytes(1, times(period), double(4, value), attributes(7, labels)));
  return metric.type === 'counter'
    ? bytes(7, ...points, cumulative, integer(3, 1))
    : bytes(5, ...points);
}

/** Encodes the metrics as a repeated field of `ScopeMetrics`. */
export const encodeMetrics = (metrics: readonly Metric[], period: Period): Buffer =>
  Buffer.concat(
    metrics
      .filter(({ values }) => values.length > 0)
      .map((metric) =>
        bytes(2, text(1, metric.name), text(2, metric.help), dataOf(metric, period)),
      ),
  );
