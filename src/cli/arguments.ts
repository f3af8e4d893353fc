import { InvalidArgumentError } from 'commander';

/** Collects the values of an option that can be repeated. */
export const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/** Parses an email address. Only the at sign is needed: it tells an address from an ID. */
export function emailAddress(value: string): string {
  if (!/^[^@\s]+@[^@\s]+$/.test(value))
    throw new InvalidArgumentError('Expected an email address.');
  return value;
}

const seconds = (value: string): number => wholeNumber(value, 'seconds');

/** Collects times in seconds. */
export const collectSeconds = (value: string, earlier: number[] = []): number[] => [
  ...earlier,
  seconds(value),
];

/** Parses a whole number from 1 on. `what`: what it counts. */
export function wholeNumber(value: string, what?: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError(
      `Expected a whole number${what ? ` of ${what}` : ''}, from 1 on.`,
    );
  return number;
}

const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 7 * 86_400 };

/** The seconds of a length of time, `90d`, `12h` or `3600`; undefined if it is none. */
function lengthOf(value: string): number | undefined {
  const [, count, unit = 's'] = /^(\d{1,9})([smhdw])?$/.exec(value) ?? [];
  return count === undefined ? undefined : Number(count) * units[unit as 's'];
}

/** No expiry, since options cannot be null. */
type Never = 'never';

/** The same in the API. */
export const orNull = <Value>(value: Value | Never): Value | null =>
  value === 'never' ? null : value;

/** Parses a length of time, in seconds unless it has a unit. */
export function length(value: string): number {
  const found = lengthOf(value);
  if (!found)
    throw new InvalidArgumentError('Expected a length of time, such as 3600, 12h or 90d.');
  return found;
}

/** The same, or 0. */
export const lengthOrZero = (value: string): number => (value === '0' ? 0 : length(value));

/** The same, or `never`. */
export const lengthOrNever = (value: string): number | Never =>
  value === 'never' ? value : length(value);

/** Parses when something expires: a length of time from now, a day, a time, or `never`. */
export function end(value: string, now: Date): string | Never {
  if (value === 'never') return value;
  const seconds = lengthOf(value);
  return (
    seconds === undefined ? moment(value, now) : new Date(now.getTime() + 1000 * seconds)
  ).toISOString();
}

/**
 * Parses a moment: a length of time before now (`24h`, `7d`), a day, which begins at local midnight, or a time, also as
 * tables show it.
 */
export function moment(value: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(value) ?? [];
  if (count) return new Date(now.getTime() - 1000 * Number(count) * units[unit as 's']);
  const [, day, time = 'T00:00'] = /^(\d{4}-\d\d-\d\d)([T ].+)?$/.exec(value) ?? [];
  const date = new Date(`${day}${time.replace(' ', 'T')}`);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError(
      'Expected a time, such as 24h, 7d, 2026-11-01 or 2026-11-01T08:30Z.',
    );
  return date;
}

/** Parses an option whose value is a JSON object. */
export function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Not JSON.
  }
  throw new InvalidArgumentError('Expected a JSON object, such as \'{"tenant_id":"acme"}\'.');
}
