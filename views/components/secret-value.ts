import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { copyable } from './code-block.ts';
import { caution } from './notice.ts';

/** A value that is shown this once, and how to treat it. `what` is what it is: token, API key. */
export const secretValue = (what: string, value: string): Html =>
  html`${caution(
    html`<p><strong>Copy the ${what} now: it is shown this once.</strong> Treat it like a password: keep it where your program’s other secrets are, not in its code, and send it to nobody.</p>`,
  )}
  ${copyable(what, value)}`;
