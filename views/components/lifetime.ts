import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { describedBy } from './field.ts';
import { duration } from './time.ts';

const units = [
  [86_400, 'days'],
  [3600, 'hours'],
  [60, 'minutes'],
] as const;

/** Seconds as a number of the largest unit that divides them; an empty number for null, if the API decides. */
export function lifetimeParts(seconds: number | null): [lifetime: string, unit: string] {
  if (seconds === null) return ['', '86400'];
  const [unit] = units.find(([length]) => seconds % length === 0) ?? [60];
  return [String(Math.ceil(seconds / unit)), String(unit)];
}

/** The lifetime of access tokens: a number and its unit, in the fields `lifetime` and `lifetime_unit`. */
export function lifetimeField(props: {
  value: string;
  unit: string;
  /** Seconds. */
  longest: number | null;
  problem?: string | undefined;
  autofocus?: boolean;
}): Html {
  const { value, unit, longest, problem, autofocus } = props;
  const hint = `${longest ? `At most ${duration(longest)}. ` : ''}Default: as the API decides.`;
  return html`<fieldset class="field">
    <legend>Lifetime of access tokens <span class="optional">optional</span></legend>
    <div class="beside">
      <input id="lifetime" name="lifetime" type="text" inputmode="numeric" autocomplete="off" maxlength="9" value="${value}" aria-label="Number"
        ${autofocus && html`autofocus`} ${problem && html`aria-invalid="true"`} ${describedBy({ id: 'lifetime', hint, problem })}>
      <select name="lifetime_unit" aria-label="Unit">${units.map(
        ([length, name]) =>
          html`<option value="${length}"${unit === String(length) && html` selected`}>${name}</option>`,
      )}</select>
    </div>
    ${problem && html`<p class="field-problem" id="lifetime-problem" role="alert">${problem}</p>`}
    <p class="hint" id="lifetime-hint">${hint}</p>
  </fieldset>`;
}
