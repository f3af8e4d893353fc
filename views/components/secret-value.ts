import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { copyable } from './code-block.ts';
import { caution } from './notice.ts';

/** A value that is shown once, and how to treat it. `what` names it: token, API key. */
export const secretValue = (what: string, value: string): Html =>
  html`${caution(
    html`<p><strong>Copy the ${what} now: it is shown only once.</strong> Treat it like a password: keep it with the other secrets of your program, not in its code, and share it with no one.</p>`,
  )}
  ${copyable(what, value)}`;
