/** What the process that makes the load is asked for: the same request, again and again. */
export interface Order {
  port: number;
  path: string;
  /** What every request says. */
  form: Record<string, string>;
  /**
   * What differs from request to request: a parameter, and a file with its values, one a line. Taken
   * at random; `chained`: one a connection, replaced by the refresh token in each answer; `once`: each
   * in its turn, and none again, so the load ends early where there are too few; or `in turn`, again and again.
   */
  vary?: { parameter: string; file: string; order: 'random' | 'chained' | 'once' | 'in turn' };
  /** Stands in every right answer. */
  expects: string;
  /** The status of every right answer, if it is not 200. */
  status?: number;
  connections: number;
  /** Whether each answer is looked at, which wrk does not. */
  checked?: boolean;
  /** When to stop: after a time, or after so many answers. */
  until: { seconds: number } | { answers: number };
  /** A file for a member that the answers hold, one a line: the access token, if no other is named. */
  keep?: string;
  keepMember?: string;
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
