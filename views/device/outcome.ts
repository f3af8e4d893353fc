import { html } from 'hono/html';
import { checkIcon, clockIcon, crossIcon, infoIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface DeviceEndProps {
  clientName: string;
}

const anotherCode = html`<p class="fine"><a href="/device">Enter another code</a></p>`;

/** The person approved it. */
export function deviceApproved(frame: Frame, { clientName }: DeviceEndProps): Html {
  return cardPage(frame, {
    title: 'Connected',
    symbol: symbol(checkIcon, 'good'),
    heading: html`<bdi>${clientName}</bdi> is connected`,
    lead: 'Return to your device: it continues by itself within a few seconds. You can close this page.',
    body: html`<a class="button wide plain" href="/account/connected">See connected apps and devices</a>
    ${anotherCode}`,
  });
}

/** The person denied it. */
export function deviceDenied(frame: Frame, { clientName }: DeviceEndProps): Html {
  return cardPage(frame, {
    title: 'Denied',
    symbol: symbol(crossIcon, 'neutral'),
    heading: html`<bdi>${clientName}</bdi> was not connected`,
    lead: 'It cannot use your account. You can close this page.',
    body: html`<p class="centred">Did someone else send you the code? Tell ${support(frame.brand)}.</p>
    <a class="button wide plain" href="/account/connected">See connected apps and devices</a>
    ${anotherCode}`,
  });
}

/** The code has expired. */
export function deviceExpired(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: 'This code has expired',
    symbol: symbol(clockIcon, 'neutral'),
    lead: 'A code works for a few minutes only. Start again on your device to get a new one.',
    body: html`<a class="button wide" href="/device">Enter a new code</a>`,
  });
}

/** Another person, or the same person on another page, answered it. */
export function deviceAnswered(frame: Frame, { clientName }: DeviceEndProps): Html {
  return cardPage(frame, {
    title: 'Already answered',
    symbol: symbol(infoIcon, 'neutral'),
    heading: html`This request was already answered`,
    lead: html`The request of <bdi>${clientName}</bdi> was answered on another page or by someone else.`,
    body: html`<p class="centred">Check whether it is connected to your account. If it is not, start again on the device.</p>
    <a class="button wide" href="/account/connected">See connected apps and devices</a>`,
  });
}
