import { html } from 'hono/html';
import { warning } from '../components/notice.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { adminPage } from './shell.ts';

export interface FoundGroup {
  label: string;
  items: { href: string; name: string; detail: string | null }[];
  /** All results of the kind. */
  more: string | undefined;
}

export interface SearchProps {
  query: string;
  groups: FoundGroup[];
  /** What was entered looks like the value of a token, which does not belong in an address. */
  isToken: boolean;
}

/** What the search of the console found, by kind. */
export function adminSearch(frame: Frame, { query, groups, isToken }: SearchProps): Html {
  const found = groups.filter(({ items }) => items.length > 0);
  return adminPage(frame, {
    title: 'Search',
    search: isToken ? '' : query,
    lead: query && !isToken ? html`For “<bdi>${query}</bdi>”` : undefined,
    body: html`${
      isToken &&
      warning(
        html`<p><strong>That looks like the value of a token.</strong> Here it stands in the address, and therefore in the history of the browser and perhaps in logs of a proxy. If it is still valid, revoke it. <a href="/admin/tokens">Paste tokens on the page of tokens</a>, which sends them in the body of a form.</p>`,
      )
    }
    ${!isToken && found.length === 0 && html`<section class="panel"><p class="sub">${query ? 'Nothing that you can see fits.' : 'Enter a name, an email address or an ID.'}</p></section>`}
    ${found.map(
      ({ label, items, more }) =>
        html`<section class="panel" aria-label="${label}"><h2>${label}</h2><ul class="rows">${items.map(
          ({ href, name, detail }) =>
            html`<li><div class="row-head"><div class="row-name"><h3><a href="${href}"><bdi>${name}</bdi></a></h3>${detail && html`<p class="sub"><bdi>${detail}</bdi></p>`}</div></div></li>`,
        )}</ul>${more && html`<p><a href="${more}">All that fit</a></p>`}</section>`,
    )}`,
  });
}
