import { html } from 'hono/html';
import { checkIcon, clockIcon, crossIcon, infoIcon } from '../components/icons.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface DeviceEndProps {
  clientName: string;
}

/** The person said yes. */
export function deviceApproved(frame: Frame, { clientName }: DeviceEndProps): Html {
  return cardPage(frame, {
    title: 'Connected',
    symbol: symbol(checkIcon, 'good'),
    heading: html`<bdi>${clientName}</bdi> is connected`,
    lead: 'Return to your device: it goes on by itself within a few seconds. You can close this page.',
    body: html`<a class="button wide plain" href="/account/devices">See your devices</a>`,
  });
}

/** The person said no. */
export function deviceDenied(frame: Frame, { clientName }: DeviceEndProps): Html {
  return cardPage(frame, {
    title: 'Not connected',
    symbol: symbol(crossIcon, 'neutral'),
    heading: html`<bdi>${clientName}</bdi> was not connected`,
    lead: 'It cannot use your account. You can close this page.',
    body: html`<p class="centred">Did someone else send you the code? Tell an administrator of ${frame.brand.name}.</p>
    <a class="button wide plain" href="/account/devices">See your devices</a>`,
  });
}

/** The code is too old. */
export function deviceExpired(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: 'This code has expired',
    symbol: symbol(clockIcon, 'neutral'),
    lead: 'A code is good for a few minutes only. Start again on your device to get a new one.',
    body: html`<a class="button wide" href="/device">Type a new code</a>`,
  });
}

/** Somebody else, or the same person on another page, was first. */
export function deviceAnswered(frame: Frame, { clientName }: DeviceEndProps): Html {
  return cardPage(frame, {
    title: 'Already answered',
    symbol: symbol(infoIcon, 'neutral'),
    heading: html`This was answered already`,
    lead: html`The request of <bdi>${clientName}</bdi> was already answered, on another page or by someone else. That answer stands.`,
    body: html`<p class="centred">Your devices show whether it is connected to your account. If it is not, start again on the device.</p>
    <a class="button wide" href="/account/devices">See your devices</a>`,
  });
}
