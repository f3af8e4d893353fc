/**
 * Compares the clock of this process with the database's. Tokens carry times of both, so a process whose clock is
 * wrong issues none: other servers would reject them, or they would be valid for longer than they state. The
 * comparison runs in the background, and no request waits for it.
 */
import type { Database, Statement } from '../../../db/database.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** Maximum difference between the clocks of a process and the database, in seconds. */
export const clockTolerance = 5;

/** Milliseconds between two measurements. */
const interval = 10_000;

const statement: Statement = {
  name: 'clock',
  unsettled: true,
  text: 'select extract(epoch from clock_timestamp())::float8 as now',
};

/** Returns seconds since 1970. */
export type Now = () => number;

/** The clock of the process. */
export const processTime: Now = () => Date.now() / 1000;

/**
 * Seconds by which the process is ahead of the database; negative if it is behind. The round trip leaves a range,
 * of which the value closest to 0 is returned.
 */
export async function measureClock(
  database: Pick<Database, 'query'>,
  now: Now = processTime,
): Promise<number> {
  const before = now();
  const [row] = await database.query<{ now: number }>(statement, []);
  const after = now();
  const databaseTime = row?.now ?? Number.NaN;
  if (after < databaseTime) return after - databaseTime;
  return before > databaseTime ? before - databaseTime : 0;
}

/** Refuses work that needs a correct clock. */
export interface Clock {
  /** Throws `temporarily_unavailable` while the clock is known to be wrong. */
  requireAccurate(): void;
  /** Measures once. If the database does not respond, the last result stays. */
  measure(): Promise<void>;
  /**
   * Measures now and every ten seconds until `stop`. `onChange` is called each time the clock becomes wrong or
   * correct, with the seconds by which it is ahead.
   */
  watch(onChange: (isAccurate: boolean, seconds: number) => void): Promise<{ stop(): void }>;
}

/** Creates a clock that is considered correct until a measurement shows otherwise. */
export function createClock({
  database,
  now = processTime,
}: {
  database: Pick<Database, 'query'>;
  now?: Now;
}): Clock {
  let isAccurate = true;
  let notify: (isAccurate: boolean, seconds: number) => void = () => {};

  const measure = async () => {
    const seconds = await measureClock(database, now).catch(() => undefined);
    if (seconds === undefined) return;
    const accurate = Math.abs(seconds) <= clockTolerance;
    if (accurate === isAccurate) return;
    isAccurate = accurate;
    notify(accurate, seconds);
  };

  return {
    requireAccurate() {
      if (!isAccurate)
        throw new OAuthError(
          'temporarily_unavailable',
          'The clock of this server is wrong, so it cannot issue tokens. Try again in a few seconds.',
        );
    },
    measure,
    async watch(onChange) {
      notify = onChange;
      await measure();
      const timer = setInterval(measure, interval).unref();
      return { stop: () => clearInterval(timer) };
    },
  };
}
