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
