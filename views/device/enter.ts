import { html } from 'hono/html';
import { field } from '../components/field.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface DeviceEnterProps {
  userCode?: string | undefined;
  problem?: string | undefined;
}

/** Where a person types the code that a device shows (RFC 8628 §3.3). */
export function deviceEnter(frame: Frame, { userCode, problem }: DeviceEnterProps): Html {
  return cardPage(frame, {
    title: 'Connect a device',
    lead: 'Type the code that your device shows.',
    problem,
    body: html`<form method="get" action="/device">
      ${field({
        name: 'user_code',
        label: 'Code',
        value: userCode,
        autocomplete: 'off',
        hint: 'Eight letters, such as BCDF-GHJK. Small letters and a missing dash are fine.',
        describedBy: problem ? 'problem' : undefined,
        autofocus: true,
        maxLength: 40,
        attributes: html`class="code-field" autocapitalize="characters" autocorrect="off" spellcheck="false" inputmode="text"${problem && html` aria-invalid="true"`}`,
      })}
      <button type="submit" class="wide">Continue</button>
    </form>
    <p class="fine">Only type a code that you asked for yourself, on a device of your own.</p>`,
  });
}
