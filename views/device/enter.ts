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
  const { actions, device: said, fields: labels } = frame.messages;
  const problems = { user_code: problem };
  const fields = fieldsOf({ order: ['user_code'], values: { user_code: userCode }, problems });
  return cardPage(frame, {
    title: said.title,
    lead: said.enterLead,
    problems,
    body: html`<form method="get" action="/device" novalidate>
      ${field({
        ...fields('user_code'),
        label: labels.code,
        hint: problem ? undefined : said.hint(exampleCode),
        maxLength: 40,
        attributes: html`class="code-field" autocapitalize="characters" autocorrect="off" spellcheck="false" inputmode="text"`,
      })}
      <button type="submit" class="wide">${actions.continue}</button>
    </form>
    <p class="fine">${said.enterCaution}</p>`,
  });
}
