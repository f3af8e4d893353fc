import { type Clock, clockTolerance } from '../domain/database/clock.ts';
import type { Log } from '../http/log.ts';

/** Logs once when the clock of this process becomes wrong, and once when it is right again. */
export async function watchClock({
  clock,
  log,
  onClose,
}: {
  clock: Clock;
  log: Pick<Log, 'error' | 'info'>;
  /** Receives what ends the watch. */
  onClose: (closer: () => unknown) => void;
}): Promise<void> {
  const watch = await clock.watch((isAccurate, seconds) => {
    if (isAccurate) return log.info('the clock of this process is right again: it issues tokens');
    log.error(
      { seconds: Math.round(seconds * 10) / 10 },
      `the clock of this process is more than ${clockTolerance} seconds off that of Postgres: it issues no tokens until it is right; run NTP on both machines`,
    );
  });
  onClose(() => watch.stop());
}
