import { html } from 'hono/html';
import { checkIcon, clockIcon, crossIcon, infoIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface DeviceEndProps {
  clientName: string;
}

const anotherCode = ({ messages }: Frame): Html =>
  html`<p class="fine"><a href="/device">${messages.device.anotherCode}</a></p>`;

/** The person approved it. */
export function deviceApproved(frame: Frame, { clientName }: DeviceEndProps): Html {
  return cardPage(frame, {
    title: frame.messages.device.approvedTitle,
    symbol: symbol(checkIcon, 'good'),
    heading: frame.messages.device.approvedHeading(html`<bdi>${clientName}</bdi>`),
    lead: frame.messages.device.approvedLead,
    body: html`<a class="button wide plain" href="/account/connected">${frame.messages.actions.seeConnected}</a>
    ${anotherCode(frame)}`,
  });
}

/** The person denied it. */
export function deviceDenied(frame: Frame, { clientName }: DeviceEndProps): Html {
  return cardPage(frame, {
    title: frame.messages.device.deniedTitle,
    symbol: symbol(crossIcon, 'neutral'),
    heading: frame.messages.device.deniedHeading(html`<bdi>${clientName}</bdi>`),
    lead: frame.messages.device.deniedLead,
    body: html`<p class="centred">${frame.messages.device.deniedAdvice(support(frame))}</p>
    <a class="button wide plain" href="/account/connected">${frame.messages.actions.seeConnected}</a>
    ${anotherCode(frame)}`,
  });
}

/** The code has expired. */
export function deviceExpired(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: frame.messages.device.expiredTitle,
    symbol: symbol(clockIcon, 'neutral'),
    lead: frame.messages.device.expiredLead,
    body: html`<a class="button wide" href="/device">${frame.messages.device.newCode}</a>`,
  });
}

/** Another person, or the same person on another page, answered it. */
export function deviceAnswered(frame: Frame, { clientName }: DeviceEndProps): Html {
  return cardPage(frame, {
    title: frame.messages.device.answeredTitle,
    symbol: symbol(infoIcon, 'neutral'),
    heading: html`${frame.messages.device.answeredHeading}`,
    lead: frame.messages.device.answeredLead(html`<bdi>${clientName}</bdi>`),
    body: html`<p class="centred">${frame.messages.device.answeredAdvice}</p>
    <a class="button wide" href="/account/connected">${frame.messages.actions.seeConnected}</a>`,
  });
}
