import { html } from 'hono/html';
import { signOutForm } from '../components/form.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { brandMark, document } from '../layout/layout.ts';
import { pathCode } from './example.ts';
import { headingsOf, inline, markdown } from './markdown.ts';
import { methodBadge, operationSection } from './operation.ts';
import type { Reference, ReferenceGroup } from './props.ts';

export interface ApiReferenceProps {
  reference: Reference;
  /** The path of the OpenAPI document. */
  documentPath: string;
  /** The sign-in page, which returns here; `signInAgainPath` requires the password even if the person is signed in. */
  signInPath: string;
  signInAgainPath: string;
}

/** `/docs`: what is common to all operations, and a list of the groups. */
export function overviewPage(frame: Frame, props: ApiReferenceProps): Html {
  const { reference, documentPath } = props;
  return referencePage(frame, props, undefined, {
    title: 'API reference',
    body: html`<div class="opening"><h1>API reference</h1></div>
    <div class="guide">${markdown(reference.description)}
      <p>The OpenAPI 3.1 document of this API is at <a href="${documentPath}">${documentPath}</a>.</p></div>
    <h2 id="operations">Operations</h2>
    <ul class="groups">${reference.groups.map(
      ({ name, href, description, operations }) =>
        html`<li class="panel"><h3><a href="${href}">${name}</a></h3><p class="sub">${inline(description.split('\n\n')[0] ?? '')}</p>
        <p class="sub">${operations.length === 1 ? '1 operation' : `${operations.length} operations`}</p></li>`,
    )}</ul>`,
  });
}

/** `/docs/clients` and the like: the operations on one noun. */
export function groupPage(
  frame: Frame,
  props: ApiReferenceProps & { group: ReferenceGroup },
): Html {
  const { group } = props;
  return referencePage(frame, props, group, {
    title: `${group.name} · API reference`,
    body: html`<div class="opening"><h1>${group.name}</h1></div>
    <div class="guide">${markdown(group.description)}</div>
    <ul class="endpoints" aria-label="Operations">${group.operations.map(
      ({ id, method, path, summary }) =>
        html`<li>${methodBadge(method)} <a href="#${id}">${summary}</a> ${pathCode(path)}</li>`,
    )}</ul>
    ${credentials(frame, props)}
    ${group.operations.map(operationSection)}`,
  });
}

function referencePage(
  frame: Frame,
  props: ApiReferenceProps,
  group: ReferenceGroup | undefined,
  { title, body }: { title: string; body: Html },
): Html {
  const { brand, person } = frame;
  const contents = tableOfContents(props.reference, group);
  return document(
    frame,
    { title },
    'reference-page',
    html`<link rel="stylesheet" href="${brand.assets.reference}">
    <header class="reference-bar">
      <a class="brand" href="/">${brandMark(brand)}</a>
      <a class="reference-home" href="/docs">API reference</a>
      <div class="reference-who">${
        person
          ? html`<a href="/account">Account</a>${signOutForm(frame)}`
          : html`<a href="${props.signInPath}">Sign in</a>`
      }</div>
    </header>
    <details class="contents-folded"><summary>Contents</summary><nav aria-label="Contents">${contents}</nav></details>
    <div class="reference-columns">
      <nav class="contents" aria-label="Contents">${contents}</nav>
      <main id="main" tabindex="-1">${body}</main>
    </div>
    <script src="${brand.assets.referenceScript}" defer></script>`,
  );
}

/** All groups, and the parts of the page that is shown. */
function tableOfContents({ description, groups }: Reference, current?: ReferenceGroup): Html {
  const entry = (href: string, label: string, isCurrent: boolean, parts: [string, string][]) =>
    html`<li><a href="${href}"${isCurrent && html` aria-current="page"`}>${label}</a>${
      isCurrent &&
      html`<ul>${parts.map(([id, part]) => html`<li><a href="#${id}">${part}</a></li>`)}</ul>`
    }</li>`;
  return html`<ul>
    ${entry('/docs', 'Introduction', !current, [
      ...headingsOf(description).map(({ id, label }): [string, string] => [id, label]),
      ['operations', 'Operations'],
    ])}
    ${groups.map((group) =>
      entry(
        group.href,
        group.name,
        group === current,
        group.operations.map(({ id, summary }): [string, string] => [id, summary]),
      ),
    )}
  </ul>`;
}

/** Which token calls are sent with. Scripts show it: without one there are no calls. */
function credentials(
  { csrf, person }: Frame,
  { signInPath, signInAgainPath }: ApiReferenceProps,
): Html {
  return html`<section class="panel token-panel" hidden aria-labelledby="token-title"${
    person && html` data-session`
  }>
    <h2 id="token-title">Try it</h2>
    ${
      person
        ? html`<p>Your first call creates a token that can only read, and expires after 15 minutes. To send calls that change something, paste <a href="/docs#authentication">a token with their scope</a> below: it is then used for all calls on this page.</p>
      <form action="/docs/token" data-token><input type="hidden" name="csrf" value="${csrf}"></form>
      <p hidden class="sign-in-again"><a href="${signInAgainPath}">Confirm your password</a> to create the token, or paste another one.</p>`
        : html`<p><a href="${signInPath}">Sign in</a> to send calls that read, or paste <a href="/docs#authentication">a token or an API key</a>.</p>`
    }
    <div class="field"><label for="own-token">${person ? 'Another token or API key' : 'Token or API key'}${person && html` <span class="optional">optional</span>`}</label><input id="own-token" class="mono hidden-letters" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="writ_at_… or writ_ak_…" aria-describedby="own-token-hint">
      <small id="own-token-hint">This page forgets it when you leave.</small></div>
  </section>`;
}
