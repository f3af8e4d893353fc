import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import type { ReferenceOperation, ReferenceParameter } from './props.ts';

/** The form that sends a call. The script of the page (`views/assets/reference-script.ts`) shows it and sends it. */
export function tryForm({
  id,
  method,
  path,
  summary,
  scope,
  open,
  parameters,
  body,
}: ReferenceOperation): Html {
  return html`<details class="folded try" hidden><summary>Try it<span class="visually-hidden">: ${summary}</span></summary>
    <form action="${path}" data-method="${method}"${scope && html` data-scope="${scope}"`}${open && html` data-open`}>
      ${parameters.map((each) => parameterField(id, each))}
      ${
        body &&
        html`<div class="field"><label for="${id}-body">Body</label><textarea id="${id}-body" data-in="body" rows="${String(Math.min(16, body.example.split('\n').length))}" spellcheck="false">${body.example}</textarea></div>`
      }
      <button type="submit">Send ${method} request</button>
    </form>
    <div class="result" role="status"></div>
  </details>`;
}

function parameterField(
  id: string,
  { name, in: place, required, placeholder, choices, defaultValue }: ReferenceParameter,
): Html {
  const field = `${id}-${place}-${name}`;
  const attributes = html` id="${field}" name="${name}" data-in="${place}"${required && html` required`}`;
  return html`<div class="field"><label for="${field}"><code>${name}</code>${!required && html` <span class="sub">optional</span>`}</label>${
    choices
      ? html`<select${attributes}>${!required && html`<option value=""></option>`}${choices.map((value) => html`<option>${value}</option>`)}</select>`
      : html`<input${attributes} autocomplete="off" autocapitalize="none" spellcheck="false"${(placeholder ?? defaultValue) && html` placeholder="${placeholder ?? defaultValue ?? ''}"`}>`
  }</div>`;
}
