import { html, raw } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface ResponseFormProps {
  name: string;
  /** The redirect URI of the app. */
  action: string;
  fields: [name: string, value: string][];
}

/** The only script of the form. A Content-Security-Policy allows it by its hash. */
export const submitScript = "document.getElementById('response').submit()";

/** Sends the answer to an app by a form (OAuth 2.0 Form Post Response Mode). */
export function responseForm(frame: Frame, { name, action, fields }: ResponseFormProps): Html {
  return cardPage(frame, {
    title: frame.messages.leaving.title,
    heading: frame.messages.leaving.heading(html`<bdi>${name}</bdi>`),
    lead: frame.messages.leaving.lead,
    body: html`<form method="post" action="${action}" id="response">
      ${fields.map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`)}
      <button type="submit" class="wide">${frame.messages.actions.continue}</button>
    </form>
    <script>${raw(submitScript)}</script>`,
  });
}

/** Goes on to an app by itself. */
export function leaving(frame: Frame, { name, url }: { name: string; url: string }): Html {
  return cardPage(frame, {
    title: frame.messages.leaving.title,
    heading: frame.messages.leaving.heading(html`<bdi>${name}</bdi>`),
    lead: frame.messages.leaving.lead,
    body: html`<a class="button wide" href="${url}">${frame.messages.actions.continue}</a>`,
  });
}
