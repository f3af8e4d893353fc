import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { example, pathCode } from './example.ts';
import { fieldList } from './fields.ts';
import { inline, markdown } from './markdown.ts';
import type { ReferenceOperation, ReferenceParameter } from './props.ts';
import { tryForm } from './try-form.ts';

/** An operation: what it does and takes on the left, the call and its response on the right. */
export function operationSection(operation: ReferenceOperation): Html {
  const { id, method, path, summary, description, parameters, body, response, errors } = operation;
  const fields = (place: ReferenceParameter['in']) =>
    parameters.filter((each) => each.in === place);
  return html`<section class="operation" id="${id}" aria-labelledby="${id}-title">
    <div class="about">
      <h2 id="${id}-title"><a href="#${id}">${summary}</a></h2>
      <p class="endpoint">${methodBadge(method)} ${pathCode(path)}</p>
      ${markdown(description, 3)}
      ${part('Path parameters', fields('path'))}
      ${part('Query parameters', fields('query'))}
      ${part('Headers', fields('header'))}
      ${body && part('Body', body.fields)}
      ${part('Response', response.fields, summary)}
      <details class="folded"><summary>Errors<span class="visually-hidden"> of ${summary}</span></summary>
        <ul class="members">${errors.map(
          (error) =>
            html`<li><p class="member"><code class="member-name">${error.status}</code></p>${markdown(error.description, 3)}</li>`,
        )}</ul></details>
    </div>
    <div class="examples">
      ${example('Request', summary, operation.curl)}
      ${
        response.example === undefined
          ? html`<p class="sub">Response: <code>${response.status}</code> ${inline(response.description)}</p>`
          : example(`Response ${response.status}`, summary, response.example)
      }
      ${tryForm(operation)}
    </div>
  </section>`;
}

export const methodBadge = (method: string): Html =>
  html`<span class="method ${method.toLowerCase()}">${method}</span>`;

const part = (
  title: string,
  fields: Parameters<typeof fieldList>[0],
  /** The operation, if the part is folded. */
  foldedOf?: string,
): Html | false =>
  fields.length > 0 &&
  (foldedOf !== undefined
    ? html`<details class="folded"><summary>${title}<span class="visually-hidden"> of ${foldedOf}</span></summary>${fieldList(fields)}</details>`
    : html`<h3>${title}</h3>${fieldList(fields)}`);
