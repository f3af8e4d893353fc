import { html } from 'hono/html';
import type { Brand, Frame, Html } from '../layout/frame.ts';

type Supported = Pick<Frame, 'messages'> & { brand: Pick<Brand, 'name' | 'links'> };

/** Whom people ask for help, inside a sentence: a link if the installation names support, otherwise an administrator. */
export function support({ brand: { name, links = {} }, messages }: Supported): Html {
  const href = links.supportUrl ?? (links.supportEmail && `mailto:${links.supportEmail}`);
  return href
    ? html`<a href="${href}">${messages.support.team(name)}</a>`
    : messages.support.administrator(html`<bdi>${name}</bdi>`);
}

/** Links at the foot of every page; nothing if the installation has none. */
export function footerLinks({ brand: { links = {} }, messages }: Supported): Html | '' {
  const { supportUrl, supportEmail, termsUrl, privacyUrl } = links;
  const { layout } = messages;
  const shown = [
    [supportUrl, layout.support],
    [!supportUrl && supportEmail && `mailto:${supportEmail}`, supportEmail],
    [termsUrl, layout.terms],
    [privacyUrl, layout.privacy],
  ].filter(([href]) => href);
  if (shown.length === 0) return '';
  return html`<nav class="foot" aria-label="${layout.about}"><ul>${shown.map(
    ([href, label]) => html`<li><a href="${href}">${label}</a></li>`,
  )}</ul></nav>`;
}
