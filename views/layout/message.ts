import { html } from 'hono/html';
import { facts } from '../components/facts.ts';
import { infoIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from './frame.ts';
import { cardPage } from './layout.ts';

export interface MessageProps {
  title: string;
  text: Html | string;
  /** Where the person goes next. It is `plain` if it does not help with what they wanted. */
  action?: { href: string; label: string; plain?: boolean } | undefined;
  /** The ID of the request in the log, for people who ask for help. */
  requestId?: string | undefined;
  /** The error of an app's request, for its developers. */
  developers?:
    | {
        error: string;
        description: string;
        /** The redirect URI of the request, if it is the one thing that is wrong. */
        redirectUri?: string | undefined;
        requestId: string;
      }
    | undefined;
}

/** A page that says one thing: something does not exist, has expired, or failed. */
export function message(frame: Frame, props: MessageProps): Html {
  const { title, text, action, requestId, developers } = props;
  const { errors } = frame.messages;
  return cardPage(frame, {
    title,
    symbol: symbol(infoIcon, 'neutral'),
    lead: text,
    body: html`${action && html`<a class="button wide${action.plain && ' plain'}" href="${action.href}">${action.label}</a>`}
    ${
      requestId &&
      html`<p class="fine">${errors.contact(support(frame), html`<code>${requestId}</code>`)}</p>`
    }
    ${developers && forDevelopers(frame, developers)}`,
  });
}

/** The error itself is English in every language, as it is in the response to a program. */
function forDevelopers(
  { messages: { errors } }: Frame,
  { error, description, redirectUri, requestId }: NonNullable<MessageProps['developers']>,
): Html {
  return html`<section class="developers" aria-labelledby="developers"><h2 id="developers">${errors.forDevelopers}</h2>
    ${facts([
      [errors.error, html`<code>${error}</code>`],
      [errors.description, html`<bdi lang="en">${description}</bdi>`],
      ...(redirectUri
        ? [[errors.redirectUri, html`<code><bdi>${redirectUri}</bdi></code>`] as [string, Html]]
        : []),
      [errors.requestId, html`<code>${requestId}</code>`],
    ])}</section>`;
}
