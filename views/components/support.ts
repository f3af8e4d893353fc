import { html } from 'hono/html';
import type { Brand, Html } from '../layout/frame.ts';

type Supported = Pick<Brand, 'name' | 'links'>;

/** Whom people ask for help, inside a sentence: a link if the installation names support, otherwise an administrator. */
export function support({ name, links = {} }: Supported): Html {
  const href = links.supportUrl ?? (links.supportEmail && `mailto:${links.supportEmail}`);
  return href
    ? html`<a href="${href}">${name} support</a>`
    : html`an administrator of <bdi>${name}</bdi>`;
}

/** Links at the foot of every page; nothing if the installation has none. */
export function footerLinks({ links = {} }: Supported): Html | '' {
  const { supportUrl, supportEmail, termsUrl, privacyUrl } = links;
  const shown = [
    [supportUrl, 'Support'],
    [!supportUrl && supportEmail && `mailto:${supportEmail}`, supportEmail],
    [termsUrl, 'Terms'],
    [privacyUrl, 'Privacy'],
  ].filter(([href]) => href);
  if (shown.length === 0) return '';
  return html`<nav class="foot" aria-label="About this service"><ul>${shown.map(
    ([href, label]) => html`<li><a href="${href}">${label}</a></li>`,
  )}</ul></nav>`;
}
