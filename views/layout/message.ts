import { html } from 'hono/html';
import { infoIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from './frame.ts';
import { cardPage } from './layout.ts';

export interface MessageProps {
  title: string;
  text: string;
  action?: { href: string; label: string } | undefined;
  /** The ID of the request in the log, for people who ask for help. */
  requestId?: string | undefined;
  /** The error of an app's request, for its developers. */
  developers?: { error: string; description: string; requestId: string } | undefined;
}

/** A page that says one thing: something does not exist, has expired, or failed. */
export function message(frame: Frame, props: MessageProps): Html {
  const { title, text, action, requestId, developers } = props;
  return cardPage(frame, {
    title,
    symbol: symbol(infoIcon, 'neutral'),
    lead: text,
    body: html`${action && html`<a class="button wide" href="${action.href}">${action.label}</a>`}
    ${
      requestId &&
      html`<p class="fine">If it happens again, contact ${support(frame.brand)} and include the request ID: <code>${requestId}</code></p>`
    }
    ${
      developers &&
      html`<p class="fine">For developers: <code>error: ${developers.error}</code> <bdi>${developers.description}</bdi> Request ID: <code>${developers.requestId}</code></p>`
    }`,
  });
}
