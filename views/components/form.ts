import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';

/** A form that posts to this server, with the value that proves that one of our pages sent it. */
export function postForm(frame: Frame, action: string, content: Html, name?: string): Html {
  return html`<form method="post" action="${action}"${name && html` class="${name}"`}>
    <input type="hidden" name="csrf" value="${frame.csrf}">
    ${content}
  </form>`;
}

/** What makes a form do its work once, however often it is sent (`src/web/framework/form-idempotency.ts`). */
export const onceField = (key: string): Html =>
  html`<input type="hidden" name="idempotency_key" value="${key}">`;

/** The button that ends this browser's session. */
export function signOutForm(frame: Frame, look = 'quiet'): Html {
  return postForm(
    frame,
    '/sign-out',
    html`<button type="submit" class="${look}">Sign out</button>`,
    'inline',
  );
}
