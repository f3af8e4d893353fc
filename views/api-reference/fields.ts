import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { inline } from './markdown.ts';
import type { ReferenceField, ReferenceParameter } from './props.ts';

/** The members of a body, or the parameters of a call, one under the other. */
export const fieldList = (fields: readonly (ReferenceField | ReferenceParameter)[]): Html =>
  html`<ul class="members">${fields.map(member)}</ul>`;

/** In a request members are required or optional; in a response they are there or, where optional, may be absent. */
function member(field: ReferenceField | ReferenceParameter): Html {
  const { name, type, required, description, defaultValue, fields } = field;
  const place = 'in' in field ? field.in : undefined;
  return html`<li>
    <p class="member"><code class="member-name">${name}</code> <span class="member-type">${type}</span>${place === 'header' && html` <span class="member-type">header</span>`}${required && html` <span class="member-required">required</span>`}</p>
    ${description !== '' && html`<p>${inline(description)}</p>`}
    ${defaultValue !== undefined && html`<p>Default: <code>${defaultValue}</code></p>`}
    ${
      fields.length > 0 &&
      html`<details class="nested"><summary>Fields<span class="visually-hidden"> of ${name}</span></summary>${fieldList(fields)}</details>`
    }
  </li>`;
}
