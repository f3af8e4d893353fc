import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { describedBy } from './field.ts';
import { dayInWords, duration, shortDate } from './time.ts';

/** How a form names an expiry; `expiryOf` (`src/web/tokens/named-token-form.ts`) reads it. */
export interface ExpiryFilled {
  /** Seconds from now, `date`, `never`, or `keep` for no change. */
  expiry?: string | undefined;
  /** A day such as 2026-11-22, at whose end (UTC) it expires. */
  expiry_date?: string | undefined;
}

export interface ExpiryChoiceProps {
  /** Default: `Expires`. */
  label?: string;
  /** Lifetimes to choose from, in seconds; those longer than `longest` are not offered. */
  choices: readonly number[];
  /** The maximum lifetime in seconds; null if there is none. */
  longest: number | null;
  /** The label for no change, if that is a choice. */
  keep?: string | undefined;
  /** It does not expire now, so `keep` stands for that. */
  isNever?: boolean;
  values: ExpiryFilled;
  now: Date;
  problem?: string | undefined;
  autofocus?: boolean;
}

/** When something expires: after some days, on a date, or never if that is allowed. */
export function expiryChoice(props: ExpiryChoiceProps): Html {
  const { label = 'Expires', choices, longest, keep, isNever, values, now } = props;
  const { problem, autofocus } = props;
  const fitting = choices.filter((seconds) => longest === null || seconds <= longest);
  const offered = fitting.length > 0 || longest === null ? fitting : [longest];
  const last = longest === null ? undefined : after(now, longest);
  const hint = last && `At most ${duration(longest ?? 0)}, until ${dayInWords(last)}.`;
  const options: (readonly [value: string, label: string])[] = [
    ...(keep ? [['keep', keep] as const] : []),
    ...offered.map(
      (seconds) =>
        [String(seconds), `In ${duration(seconds)}, ${shortDate(after(now, seconds))}`] as const,
    ),
    ['date', 'On another day…'],
    ...(last || isNever ? [] : [['never', 'Never'] as const]),
  ];
  return html`<div class="expiry">
    <div class="field">
      <label for="expiry">${label}</label>
      <select id="expiry" name="expiry"${problem && html` aria-invalid="true"`}${autofocus && html` autofocus`} ${describedBy({ id: 'expiry', hint, problem })}>${options.map(
        ([value, text]) =>
          html`<option value="${value}"${value === values.expiry && html` selected`}>${text}</option>`,
      )}</select>
    </div>
    <div class="field expiry-date">
      <label for="expiry-date">Last day, until its end in UTC</label>
      <input id="expiry-date" name="expiry_date" type="date" value="${isDay(values.expiry_date) && values.expiry_date}" min="${isoDay(now)}"${last && html` max="${isoDay(after(last, -86_400))}"`}${problem && html` aria-invalid="true"`}>
    </div>
    ${problem && html`<p class="field-problem" id="expiry-problem" role="alert">${problem}</p>`}
    ${hint && html`<p class="hint" id="expiry-hint">${hint}</p>`}
  </div>`;
}

const isDay = (text = ''): boolean => /^\d{4}-\d\d-\d\d$/.test(text);

const isoDay = (date: Date): string => date.toISOString().slice(0, 10);

const after = (date: Date, seconds: number): Date => new Date(date.getTime() + seconds * 1000);
