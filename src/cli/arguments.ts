import { InvalidArgumentError } from 'commander';

/** For options that may come several times. */
export const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/** For options that are an address to sign in with, which others are told from by its at sign. */
export function emailAddress(value: string): string {
  if (!/^[^@\s]+@[^@\s]+$/.test(value)) throw new InvalidArgumentError('It is an e-mail address.');
  return value;
}

/** For options that are a time in seconds. */
const seconds = (value: string): number => wholeNumber(value, 'seconds');

/** For options that are times in seconds. */
export const collectSeconds = (value: string, earlier: number[] = []): number[] => [
  ...earlier,
  seconds(value),
];

/** For options that say how many. */
export function wholeNumber(value: string, what?: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError(`It is a whole number${what ? ` of ${what}` : ''}.`);
  return number;
}

const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 7 * 86_400 };

/** A length of time, `90d`, `12h` or `3600`; undefined where it is none. */
function lengthOf(value: string): number | undefined {
  const [, count, unit = 's'] = /^(\d{1,9})([smhdw])?$/.exec(value) ?? [];
  return count === undefined ? undefined : Number(count) * units[unit as 's'];
}

/** What has no end: options cannot be null. */
type Never = 'never';

/** As the API has it. */
export const orNull = <Value>(value: Value | Never): Value | null =>
  value === 'never' ? null : value;

/** For options that are a length of time, in seconds unless it says otherwise. */
export function length(value: string): number {
  const found = lengthOf(value);
  if (!found) throw new InvalidArgumentError('It is a length of time, such as 3600, 12h or 90d.');
  return found;
}

/** For those that may be no time at all. */
export const lengthOrZero = (value: string): number => (value === '0' ? 0 : length(value));

/** For those that may have no end. */
export const lengthOrNever = (value: string): number | Never =>
  value === 'never' ? value : length(value);

/** For options that say when something ends: so long from now, a day, a time, or `never`. */
export function end(value: string, now: Date): string | Never {
  if (value === 'never') return value;
  const seconds = lengthOf(value);
  return (
    seconds === undefined ? moment(value, now) : new Date(now.getTime() + 1000 * seconds)
  ).toISOString();
}

/**
 * For options that are a moment: so long ago (`24h`, `7d`), a day, which begins at midnight where the
 * command runs, or a time, also as tables show it.
 */
export function moment(value: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(value) ?? [];
  if (count) return new Date(now.getTime() - 1000 * Number(count) * units[unit as 's']);
  const [, day, time = 'T00:00'] = /^(\d{4}-\d\d-\d\d)([T ].+)?$/.exec(value) ?? [];
  const date = new Date(`${day}${time.replace(' ', 'T')}`);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError(
      'It is a time, such as 24h, 7d, 2026-11-01 or 2026-11-01T08:30Z.',
    );
  return date;
}
