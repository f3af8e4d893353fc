import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** Something that can be done to the thing of a page: what it does, and the button of the page that does it. */
export const actionRow = (props: {
  title: Html | string;
  text: Html | string;
  href: string;
  button: Html | string;
  danger?: boolean;
}): Html =>
  html`<div class="action-row">
    <div><h3>${props.title}</h3><p class="sub">${props.text}</p></div>
    <a class="button ${props.danger ? 'warn' : 'plain'}" href="${props.href}">${props.button}</a>
  </div>`;
