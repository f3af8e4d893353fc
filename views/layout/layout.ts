import { html } from 'hono/html';
import type { Problems } from '../components/field.ts';
import { signOutForm } from '../components/form.ts';
import { languageMenu } from '../components/language-menu.ts';
import { notice, problemBox } from '../components/notice.ts';
import { footerLinks } from '../components/support.ts';
import type { Brand, Frame, Html } from './frame.ts';

export interface PageProps {
  /** The title of the window, before the brand. */
  title: string;
  /** The heading, if it is more than the title. */
  heading?: Html | undefined;
  /** An icon above the heading. */
  symbol?: Html | undefined;
  /** The sentence under the heading. */
  lead?: Html | string | undefined;
  /** Buttons beside the heading. */
  actions?: Html | undefined;
  /** Links to the pages above this one (`views/components/crumbs.ts`). */
  crumbs?: Html | undefined;
  /** Tabs between the heading and the body (`views/components/tabs.ts`). */
  tabs?: Html | undefined;
  /** What is wrong with the form as a whole. */
  problem?: Html | string | undefined;
  /** What is wrong with its fields, each shown at its field. */
  problems?: Problems | undefined;
  body?: Html | undefined;
  /** Beside the page: the navigation of the console. */
  sidebar?: Html | undefined;
  /** More style sheets and scripts. */
  head?: Html | undefined;
  /** As wide as a form, instead of a table. */
  narrow?: boolean;
}

const pages = [
  ['account', '/account', 'Account'],
  ['apps', '/apps', 'Apps'],
  ['tokens', '/account/tokens', 'Tokens'],
  ['connected', '/account/connected', 'Connected'],
  ['admin', '/admin', 'Admin'],
] as const;

/** A page with one thing to do, on a card in the middle. */
export function cardPage(frame: Frame, props: PageProps): Html {
  return document(
    frame,
    props,
    'card-page',
    html`<header class="masthead"><div class="brand">${brandMark(frame.brand)}</div></header>
    <main id="main" tabindex="-1">
      <article class="card">${notice(frame.notice)}${content(props)}</article>
    </main>
    <footer>${frame.person && html`<div class="signed-in"><p>${frame.messages.layout.signedInAs(html`<bdi><strong>${frame.person.email ?? frame.person.name}</strong></bdi>`)}</p>${signOutForm(frame)}</div>`}${footerLinks(frame)}${languageMenu(frame)}</footer>`,
  );
}

/** A page of a person who is signed in, with the navigation. */
export function accountPage(frame: Frame, props: PageProps): Html {
  const main = html`<main id="main" tabindex="-1"${props.narrow && html` class="slim"`}>${props.crumbs}${notice(frame.notice, { isFocused: true })}${content(props)}</main>`;
  return document(
    frame,
    props,
    props.sidebar ? 'account-page console' : 'account-page',
    html`<header class="bar"><div class="bar-inside">
      <a class="brand" href="/account">${brandMark(frame.brand)}</a>
      <nav class="places" aria-label="Main"><ul>${pages
        .filter(
          ([name]) =>
            (name !== 'apps' || frame.brand.apps !== false) &&
            (name !== 'admin' || frame.person?.sections?.length),
        )
        .map(
          ([name, href, label]) =>
            html`<li><a href="${href}"${frame.current === name && html` aria-current="page"`}>${label}</a></li>`,
        )}</ul></nav>
      <div class="who">${frame.person && html`<span class="name"><bdi>${frame.person.name}</bdi></span>`}${signOutForm(frame)}</div>
    </div></header>
    ${props.sidebar ? html`<div class="console-columns">${props.sidebar}${main}</div>` : main}
    <footer>${footerLinks(frame)}</footer>`,
  );
}

function content(props: PageProps): Html {
  const { title, heading, symbol, lead, actions, tabs, problem, body } = props;
  const opening = html`<div class="opening">${symbol}<h1>${heading ?? title}</h1>${lead && html`<p class="lead">${lead}</p>`}</div>`;
  return html`${actions ? html`<div class="opening-row">${opening}<div class="actions">${actions}</div></div>` : opening}
    ${tabs}
    ${problemBox(problem)}
    ${body}`;
}

export function brandMark({ name, logo, assets }: Brand): Html {
  return html`<img src="${logo ?? assets.favicon}" alt="" height="32"${!logo && html` width="32"`}><span><bdi>${name}</bdi></span>`;
}

/** A page of any kind: the head, and `body` as it is. */
export function document(
  { brand, copies, messages }: Frame,
  { title, problem, problems, head }: PageProps,
  kind: string,
  body: Html,
): Html {
  const hasProblem = problem !== undefined || Object.values(problems ?? {}).some(Boolean);
  // What people enter is escaped, so only our own elements match.
  const hasTimes = String(body).includes('<time ');
  return html`<!doctype html>
<html lang="${messages.code}">
<head>
  <meta charset="utf-8">
  <title>${hasProblem && messages.layout.error}${title} · ${brand.name}</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="robots" content="noindex">
  <link rel="icon" href="${brand.assets.favicon}" type="image/svg+xml">
  <link rel="stylesheet" href="${brand.assets.pico}">
  <link rel="stylesheet" href="${brand.assets.style}">
  <link rel="stylesheet" href="${brand.assets.brand}">
  ${head}
  ${copies && html`<script src="${brand.assets.copy}" defer></script>`}
  ${hasTimes && html`<script src="${brand.assets.times}" defer></script>`}
</head>
<body class="${kind}">
  <a class="skip" href="#main">${messages.layout.skip}</a>
  ${body}
</body>
</html>
`;
}
