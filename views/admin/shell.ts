import { html } from 'hono/html';
import { type Crumb, crumbs } from '../components/crumbs.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage, type PageProps } from '../layout/layout.ts';
import type { AdminSection } from './section.ts';

/** A page of the console. `trail` names the pages between the section and this one. */
export const adminPage = (
  frame: Frame,
  {
    section,
    trail,
    ...props
  }: PageProps & {
    /** None for the results of a search. */
    section?: AdminSection;
    trail?: Crumb[];
    /** What is searched for now. */
    search?: string;
  },
): Html => {
  const own = frame.person?.sections?.find(({ name }) => name === section);
  return accountPage(frame, {
    ...props,
    heading: props.heading ?? html`${props.title}`,
    title: `${props.title} · Admin`,
    sidebar: sidebar(frame, section, props.search),
    head: html`<link rel="stylesheet" href="${frame.brand.assets.admin}"><script src="${frame.brand.assets.adminScript}" defer></script>`,
    ...(trail && { crumbs: crumbs([[own?.label ?? '', own?.href ?? ''], ...trail]) }),
  });
};

/** The search and the sections. On a phone, the sections are folded. */
function sidebar({ person }: Frame, current: AdminSection | undefined, search = ''): Html {
  const seen = person?.sections ?? [];
  const groups = Map.groupBy(seen, ({ group }) => group);
  const list = html`${[...groups].map(
    ([group, own]) =>
      html`<p class="console-group">${group}</p><ul>${own.map(
        ({ name, href, label }) =>
          html`<li><a href="${href}"${name === current && html` aria-current="page"`}>${label}</a></li>`,
      )}</ul>`,
  )}`;
  const label = seen.find(({ name }) => name === current)?.label ?? 'Sections';
  return html`<div class="console-side">
    <search><form method="get" action="/admin/search" class="console-search">
      <label class="visually-hidden" for="console-q">Search people, clients, apps and tokens</label>
      <input id="console-q" type="search" name="q" value="${search}" placeholder="Search" maxlength="500" autocomplete="off" autocapitalize="none" spellcheck="false" aria-keyshortcuts="/"><kbd aria-hidden="true">/</kbd>
    </form></search>
    <nav class="console-sections" aria-label="Console">${list}</nav>
    <details class="console-folded"><summary>${label}</summary><nav aria-label="Console">${list}</nav></details>
  </div>`;
}
