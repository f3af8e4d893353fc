import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { checkIcon, infoIcon, shieldIcon, warningIcon } from './icons.ts';

/** What has just been done. With the focus, keyboards and screen readers go on from there after a form was sent. */
export const notice = (
  text: string | undefined,
  { isFocused = false }: { isFocused?: boolean } = {},
): Html | '' =>
  text
    ? html`<div class="box done" role="status"${isFocused && html` tabindex="-1" autofocus`}>${checkIcon}<p>${text}</p></div>`
    : '';

/** What is wrong with the form as a whole; a field can name it as its description by the id `problem`. */
export const problemBox = (text: Html | string | undefined): Html | '' =>
  text
    ? html`<div class="box problem" role="alert" id="problem">${warningIcon}<p>${text}</p></div>`
    : '';

/** What to be careful about. */
export const caution = (content: Html): Html =>
  html`<div class="box caution">${shieldIcon}<div>${content}</div></div>`;

/** Something to know. */
export const information = (content: Html): Html =>
  html`<div class="box information">${infoIcon}<div>${content}</div></div>`;

/** Something that went wrong. */
export const warning = (content: Html): Html =>
  html`<div class="box warning">${warningIcon}<div>${content}</div></div>`;
