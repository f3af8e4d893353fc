/**
 * THE CLOCK OF THIS PROCESS beside that of the database. Tokens carry times of both, so a process whose clock is wrong
 * issues none: they would be refused elsewhere, or outlive what they say. It is looked at in the background, and no
 * request waits for that.
 */
import type { Database, Statement } from '../../../db/database.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** Seconds that a process's clock may differ from the database's. */
export const clockTolerance = 5;

/** Milliseconds between two looks. */
const interval = 10_000;

const statement: Statement = {
  name: 'clock',
  unsettled: true,
  text: 'select extract(epoch from clock_timestamp())::float8 as now',
};

/** Seconds since 1970, as the process has them. */
export type Now = () => number;

export const processTime: Now = () => Date.now() / 1000;

/**
 * Seconds by which the process is ahead of the database, negative where it is behind. What the answer took is in
 * doubt, and counts for the process: 0 where both can be right.
 */
export async function measureClock(
  database: Pick<Database, 'query'>,
  now: Now = processTime,
): Promise<number> {
  const before = now();
  const [row] = await database.query<{ now: number }>(statement, []);
  const after = now();
  const there = row?.now ?? Number.NaN;
  if (after < there) return after - there;
  return before > there ? before - there : 0;
}

/** Refuses what needs a clock while that of the process is wrong. */
export interface Clock {
  /** Throws `temporarily_unavailable` while the clock is known to be wrong. */
  requireRight(): void;
  /** Measures once. A database that does not answer changes nothing. */
  look(): Promise<void>;
  /**
   * Measures now, and every ten seconds until `stop`. `onChange` is told each time that the clock turns wrong, or
   * right again, with the seconds by which it is ahead.
   */
  watch(onChange: (isRight: boolean, seconds: number) => void): Promise<{ stop(): void }>;
}

export function createClock({
  database,
  now = processTime,
}: {
  database: Pick<Database, 'query'>;
  now?: Now;
}): Clock {
  let isRight = true;
  let tell: (isRight: boolean, seconds: number) => void = () => {};

  const look = async () => {
    const seconds = await measureClock(database, now).catch(() => undefined);
    if (seconds === undefined) return;
    const right = Math.abs(seconds) <= clockTolerance;
    if (right === isRight) return;
    isRight = right;
    tell(right, seconds);
  };

  return {
    requireRight() {
      if (!isRight)
        throw new OAuthError(
          'temporarily_unavailable',
          'The clock of this server is wrong, so it issues no tokens; try again in a few seconds.',
        );
    },
    look,
    async watch(onChange) {
      tell = onChange;
      await look();
      const timer = setInterval(look, interval).unref();
      return { stop: () => clearInterval(timer) };
    },
  };
}
