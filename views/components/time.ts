import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { en, type Messages } from '../messages/en.ts';
import { count } from './number.ts';

const day = 86_400;

const units = [
  ['year', 365 * day],
  ['day', day],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

// English is written out instead of asking Intl, whose words differ between versions of Node.
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** 22 November 2026, 04:30 UTC */
export const inWords = (date: Date, { code }: Pick<Messages, 'code'> = en): string =>
  code === 'en'
    ? `${dayInWords(date)}, ${clockTime(date)} UTC`
    : `${new Intl.DateTimeFormat(code, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(date)} UTC`;

/** 22 November 2026 */
export const dayInWords = (date: Date): string => `${dayAndMonth(date)} ${date.getUTCFullYear()}`;

const monthOf = (date: Date): string => months[date.getUTCMonth()] ?? '';

const dayAndMonth = (date: Date): string => `${date.getUTCDate()} ${monthOf(date)}`;

/** 22 Nov; in September 22 Sept, as in British English */
export const shortDay = (date: Date): string => dayAndMonth(date).replace(/ (Sept|\w{3}).*/, ' $1');

/** 22 Nov 2026, where a line is short */
export const shortDate = (date: Date): string => `${shortDay(date)} ${date.getUTCFullYear()}`;

/** 04:30, in UTC */
export const clockTime = (date: Date): string => date.toISOString().slice(-13, -8);

/**
 * The units of relative times: seconds, the least number of them that is used, and the part of a unit that may be missing
 * from a time ahead. A token created to live one year expires "in 1 year" for some days, not "in 11 months" a minute
 * later.
 */
const steps = [
  { unit: 'year', seconds: 365 * day, leastAhead: 1, missing: 0.02 },
  // Months differ in length: within the next two, days say more.
  { unit: 'month', seconds: 30.4375 * day, leastAhead: 2, missing: 0.1 },
  { unit: 'day', seconds: day, leastAhead: 1, missing: 0.1 },
  { unit: 'hour', seconds: 3600, leastAhead: 1, missing: 0.1 },
  { unit: 'minute', seconds: 60, leastAhead: 1, missing: 0 },
] as const;

type Times = Pick<Messages, 'code' | 'times'>;

/** 3 minutes ago, in 2 days, just now */
export function fromNow(date: Date, now: Date, messages: Times = en): string {
  const { code, times } = messages;
  const ahead = (date.getTime() - now.getTime()) / 1000;
  for (const { unit, seconds, leastAhead, missing } of steps) {
    const number = ahead > 0 ? Math.floor(ahead / seconds + missing) : Math.floor(-ahead / seconds);
    if (number >= (ahead > 0 ? leastAhead : 1)) {
      if (code !== 'en')
        return new Intl.RelativeTimeFormat(code).format(ahead > 0 ? number : -number, unit);
      const words = `${count(number)} ${unit}${number === 1 ? '' : 's'}`;
      return ahead > 0 ? `in ${words}` : `${words} ago`;
    }
  }
  return ahead > 0 ? times.soon : times.now;
}

/** A moment: in UTC, and in the time zone of a browser with JavaScript (`views/assets/times.ts`). */
export const moment = (date: Date, messages: Times = en): Html =>
  html`<time datetime="${date.toISOString()}" data-shows="moment">${inWords(date, messages)}</time>`;

/** A moment in other words, such as "3 minutes ago"; its title is the moment itself. */
export const briefly = (date: Date, text: string): Html =>
  html`<time datetime="${date.toISOString()}" data-shows="words" title="${inWords(date)}">${text}</time>`;

/** 3 minutes ago, with the moment as its title */
export const ago = (date: Date, now: Date): Html => briefly(date, fromNow(date, now));

/** How far a moment is from now, and the moment. */
export const momentFromNow = (date: Date, now: Date, messages: Times = en): Html =>
  html`${fromNow(date, now, messages)} <span class="aside">${moment(date, messages)}</span>`;

/** A length of time in the largest unit that measures it exactly: 1 year, 30 days, 90 minutes */
export function duration(seconds: number, messages: Times = en): string {
  const [unit, length] = units.find(([, length]) => seconds % length === 0) ?? ['second', 1];
  return numberOf(unit, seconds / length, messages);
}

/** So many of a unit: 30 days, 1 Tag */
export const numberOf = (
  unit: (typeof units)[number][0],
  number: number,
  { code }: Pick<Messages, 'code'> = en,
): string =>
  code === 'en'
    ? `${number} ${unit}${number === 1 ? '' : 's'}`
    : new Intl.NumberFormat(code, { style: 'unit', unit, unitDisplay: 'long' }).format(number);
