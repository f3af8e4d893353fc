import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';

interface FormOptions {
  className?: string;
  /** The server checks the fields, all at once. Otherwise the browser stops at the first empty one. */
  noValidate?: boolean;
  /** More attributes, each after a space. */
  attributes?: Html;
}

/** A form that posts to this server, with the CSRF value of the visit. A string is the class of the form. */
export function postForm(
  frame: Frame,
  action: string,
  content: Html,
  options: string | FormOptions = {},
): Html {
  const { className, noValidate, attributes }: FormOptions =
    typeof options === 'string' ? { className: options } : options;
  return html`<form method="post" action="${action}"${className && html` class="${className}"`}${noValidate && html` novalidate`}${attributes}>
    <input type="hidden" name="csrf" value="${frame.csrf}">
    ${content}
  </form>`;
}

/** Makes a form take effect once, however often it is sent (`src/web/framework/form-idempotency.ts`). */
export const onceField = (key: string): Html =>
  html`<input type="hidden" name="idempotency_key" value="${key}">`;

/** The button that signs this browser out. */
export function signOutForm(frame: Frame, look = 'quiet'): Html {
  return postForm(
    frame,
    '/sign-out',
    html`<button type="submit" class="${look}">${frame.messages.layout.signOut}</button>`,
    'inline',
  );
}
