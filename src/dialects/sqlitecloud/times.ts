import * as z from 'zod';

/** SQLite's own spelling, and RFC 3339 without its zone: both are UTC. */
const withoutZone = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)$/;

const moment = z.iso.datetime({ offset: true });

/** Reads `2026-03-02T23:11:38.000Z`, any other offset, and `2023-10-01 10:11:12` in UTC; undefined for all else. */
export function readTime(text: string): Date | undefined {
  const { success, data } = moment.safeParse(text.replace(withoutZone, '$1T$2Z'));
  return success ? new Date(data) : undefined;
}

/** Seconds since 1970 as `2026-03-02T23:11:38Z`: whole seconds that have passed; null stays null. */
export const writeTime = (seconds: number | null): string | null =>
  seconds === null
    ? null
    : new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z');
