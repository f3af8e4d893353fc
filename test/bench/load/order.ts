/** What the process that makes the load is asked for: the same request, again and again. */
export interface Order {
  port: number;
  path: string;
  /** What every request says. */
  form: Record<string, string>;
  /**
   * What differs from request to request: a parameter, and a file with its values, one a line. Taken
   * at random; or `chained`: one a connection, replaced by the refresh token in each answer.
   */
  vary?: { parameter: string; file: string; chained: boolean };
  /** Stands in every right answer, whose status is 200. */
  expects: string;
  connections: number;
  /** Whether each answer is looked at, which wrk does not. */
  checked?: boolean;
  /** When to stop: after a time, or after so many answers. */
  until: { seconds: number } | { answers: number };
  /** A file for the access tokens that the answers hold, one a line. */
  keep?: string;
}

/** What came of it. Times are in milliseconds. */
export interface Outcome {
  answers: number;
  elapsed: number;
  p50: number;
  p99: number;
  errors: number;
  /** The first error, in words. */
  firstError?: string;
}
