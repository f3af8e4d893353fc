import { html } from 'hono/html';
import { field, fieldsOf } from '../components/field.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface DeviceEnterProps {
  userCode?: string | undefined;
  /** What is wrong with the code. */
  problem?: string | undefined;
}

/** With a hyphen at which no line breaks. */
export const exampleCode = 'BCDF‑GHJK';

/** Where a person enters the code that a device shows (RFC 8628 §3.3). */
export function deviceEnter(frame: Frame, { userCode, problem }: DeviceEnterProps): Html {
  const problems = { user_code: problem };
  const fields = fieldsOf({ order: ['user_code'], values: { user_code: userCode }, problems });
  return cardPage(frame, {
    title: 'Connect a device',
    lead: 'Enter the code that your device shows.',
    problems,
    body: html`<form method="get" action="/device" novalidate>
      ${field({
        ...fields('user_code'),
        label: 'Code',
        hint: problem
          ? undefined
          : `Eight letters, such as ${exampleCode}. Lower case and a missing dash are fine.`,
        maxLength: 40,
        attributes: html`class="code-field" autocapitalize="characters" autocorrect="off" spellcheck="false" inputmode="text"`,
      })}
      <button type="submit" class="wide">Continue</button>
    </form>
    <p class="fine">Only enter a code that you requested yourself, on your own device.</p>`,
  });
}
