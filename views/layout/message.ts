import { html } from 'hono/html';
import { infoIcon } from '../components/icons.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from './frame.ts';
import { cardPage } from './layout.ts';

export interface MessageProps {
  title: string;
  text: string;
  action?: { href: string; label: string } | undefined;
  /** What the log calls the request, for whoever is asked about it. */
  requestId?: string | undefined;
}

/** A page that says one thing: something is not there, has expired, or went wrong. */
export function message(frame: Frame, { title, text, action, requestId }: MessageProps): Html {
  return cardPage(frame, {
    title,
    symbol: symbol(infoIcon, 'neutral'),
    lead: text,
    body: html`${action && html`<a class="button wide" href="${action.href}">${action.label}</a>`}
    ${
      requestId &&
      html`<p class="fine">If you ask somebody about this, tell them this number: <code>${requestId}</code></p>`
    }`,
  });
}
