import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { count } from './number.ts';

const units = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

// Written out instead of asking Intl, whose words differ between versions of Node.
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
export const inWords = (date: Date): string => `${dayInWords(date)}, ${clockTime(date)} UTC`;

/** 22 November 2026 */
export const dayInWords = (date: Date): string => `${dayAndMonth(date)} ${date.getUTCFullYear()}`;

const monthOf = (date: Date): string => months[date.getUTCMonth()] ?? '';

const dayAndMonth = (date: Date): string => `${date.getUTCDate()} ${monthOf(date)}`;

/** 22 Nov; and 22 Sept, as British English has it */
export const shortDay = (date: Date): string => dayAndMonth(date).replace(/ (Sept|\w{3}).*/, ' $1');

/** 04:30, at UTC */
export const clockTime = (date: Date): string => date.toISOString().slice(-13, -8);

/** Seconds that a longer time may lack. */
const leeway = 60;

/** 3 minutes ago, in 2 days, just now */
export function fromNow(date: Date, now: Date): string {
  const exact = (date.getTime() - now.getTime()) / 1000;
  // What was just made to live 30 days ends in 30, not in 29.
  const seconds = exact > 3600 - leeway ? exact + leeway : exact;
  // A month has not always as many days: what ends within two is told in days.
  for (const [unit, length] of units)
    if (Math.abs(seconds) >= (unit === 'month' && seconds > 0 ? 2 * length : length))
      return relative(Math.trunc(seconds / length), unit);
  return seconds > 0 ? 'in less than a minute' : 'just now';
}

/** in 2 days, 1 hour ago */
function relative(value: number, unit: string): string {
  const length = Math.abs(value);
  const words = `${count(length)} ${unit}${length === 1 ? '' : 's'}`;
  return value > 0 ? `in ${words}` : `${words} ago`;
}

/** A moment, in words that mean the same everywhere. */
export const moment = (date: Date): Html =>
  html`<time datetime="${date.toISOString()}">${inWords(date)}</time>`;

/** A moment in a few words, which says the whole of itself to whoever points at it. */
export const briefly = (date: Date, text: string): Html =>
  html`<time datetime="${date.toISOString()}" title="${inWords(date)}">${text}</time>`;

/** How far a moment is from now, and the moment. */
export const momentFromNow = (date: Date, now: Date): Html =>
  html`${fromNow(date, now)} <span class="aside">${moment(date)}</span>`;

/** A length of time, in the largest unit that measures it exactly: 1 year, 30 days, 90 minutes */
export function duration(seconds: number): string {
  const exact = [...units.filter(([unit]) => unit !== 'month'), ['second', 1] as const];
  const [unit, length] = exact.find(([, length]) => seconds % length === 0) ?? ['second', 1];
  const count = seconds / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
