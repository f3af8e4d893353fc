import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { describedBy } from './field.ts';
import { dayInWords, duration } from './time.ts';

/** What a form says of when something ends: `expiryOf` (`src/web/tokens/named-token-form.ts`) reads it. */
export interface ExpiryFilled {
  /** Seconds from now, `date`, `never`, or `keep` to leave it as it is. */
  expiry?: string | undefined;
  /** A day such as 2026-11-22, at whose end (UTC) it ends. */
  expiry_date?: string | undefined;
}

export interface ExpiryChoiceProps {
  /** Where another form of the page has such a choice. */
  id?: string | undefined;
  legend: string;
  /** Seconds that can be chosen; those that are too long are left out. */
  choices: readonly number[];
  /** Seconds that it may live at most; null where it may live for ever. */
  longest: number | null;
  /** Where it can stay as it is: the words for that. */
  keep?: string | undefined;
  /** As it is, it never ends. */
  isNever?: boolean;
  /** What is chosen. */
  values: ExpiryFilled;
  now: Date;
  problem?: string | undefined;
  autofocus?: boolean;
}

/** When something ends: in so many days, on a date, or never where that is allowed. */
export function expiryChoice(props: ExpiryChoiceProps): Html {
  const { id = 'expiry', legend, choices, longest, keep, isNever, values, now } = props;
  const { problem, autofocus } = props;
  const fitting = choices.filter((seconds) => longest === null || seconds <= longest);
  const offered = fitting.length > 0 || longest === null ? fitting : [longest];
  const last = longest === null ? undefined : new Date(now.getTime() + longest * 1000);
  const hint = last && `At most ${duration(longest ?? 0)}: until ${dayInWords(last)}.`;
  const options: (readonly [value: string, label: string])[] = [
    ...(keep ? [['keep', keep] as const] : []),
    ...offered.map((seconds) => [String(seconds), duration(seconds)] as const),
    ['date', 'Until a date'],
    ...(last || isNever ? [] : [['never', 'Never'] as const]),
  ];
  const [first] = options;
  const focused = options.some(([value]) => value === values.expiry) ? values.expiry : first?.[0];
  return html`<div class="expiry">
    <fieldset class="choice" ${describedBy({ id, hint, problem })}>
      <legend>${legend}</legend>
      <div>${options.map(
        ([value, label]) =>
          html`<label><input type="radio" name="expiry" value="${value}" required${value === values.expiry && html` checked`}${autofocus && value === focused && html` autofocus`}> ${label}</label>`,
      )}</div>
    </fieldset>
    <div class="field expiry-date">
      <label for="${id}-date">Until the end of this day, UTC</label>
      <input id="${id}-date" name="expiry_date" type="date" value="${isDay(values.expiry_date) && values.expiry_date}" min="${isoDay(now)}"${last && html` max="${isoDay(wholeDayBefore(last))}"`}${problem && html` aria-invalid="true"`}>
    </div>
    ${problem && html`<p class="field-problem" id="${id}-problem" role="alert">${problem}</p>`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

const isDay = (text = ''): boolean => /^\d{4}-\d\d-\d\d$/.test(text);

const isoDay = (date: Date): string => date.toISOString().slice(0, 10);

/** The last day that is over by then. */
const wholeDayBefore = (date: Date): Date => new Date(date.getTime() - 86_400_000);
