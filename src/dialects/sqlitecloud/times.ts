import * as z from 'zod';

/** SQLite's format, and RFC 3339 without an offset: both are UTC. */
const withoutZone = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)$/;

const moment = z.iso.datetime({ offset: true });

/** Parses `2026-03-02T23:11:38.000Z`, other offsets, and `2023-10-01 10:11:12` as UTC; undefined for everything else. */
export function readTime(text: string): Date | undefined {
  const { success, data } = moment.safeParse(text.replace(withoutZone, '$1T$2Z'));
  return success ? new Date(data) : undefined;
}

/** Formats seconds since 1970 as `2026-03-02T23:11:38Z`, rounded down; null stays null. */
export const writeTime = (seconds: number | null): string | null =>
  seconds === null
    ? null
    : new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z');
