import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { facts } from '../components/facts.ts';
import { inline } from '../components/inline.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { adminPage } from './shell.ts';

/** A dialect, whose texts have code in backticks. */
export interface DialectShown {
  /** As in DIALECTS. */
  name: string;
  product: string;
  on: boolean;
  /** The identifier of the API that its tokens are for. */
  resource: string;
  /** Its built-in client. */
  clientId: string | null;
  moving: { set: string; point: string; differs: string[] };
  features: { id: string; feature: string; missing: string | null }[];
  paths: { method: string; path: string }[];
}

/** The products whose clients work here, those that are on first. */
export function adminDialects(frame: Frame, { dialects }: { dialects: DialectShown[] }): Html {
  const names = dialects.filter(({ on }) => on).map(({ name }) => name);
  return adminPage(frame, {
    section: 'dialects',
    title: 'Dialects',
    lead: 'Clients of these products work here unmodified. Tokens that they create are ordinary tokens: you find, revoke and audit them like every other.',
    body: html`${dialects.toSorted((a, b) => Number(b.on) - Number(a.on)).map(panel)}
    <p class="sub">${
      names.length === 0
        ? html`No dialect is on. To switch some on, set <code>DIALECTS</code> to their names, separated by commas, and restart every server.`
        : html`<code>DIALECTS=${names.join(',')}</code> is in force. To change it, set it and restart every server.`
    }</p>`,
  });
}

function panel({
  name,
  product,
  on,
  resource,
  clientId,
  moving,
  features,
  paths,
}: DialectShown): Html {
  const missing = features.filter((feature) => feature.missing !== null);
  return html`<section class="panel" aria-labelledby="${name}">
    <h2 id="${name}">${product}${!on && html` ${badge('Off', 'neutral')}`}</h2>
    ${facts([
      ['Name', html`<code>${name}</code>`],
      [
        'API',
        // The API is created when the dialect is first switched on.
        on
          ? html`<a href="/admin/resources/${encodeURIComponent(resource)}"><bdi>${resource}</bdi></a>`
          : html`<bdi>${resource}</bdi>`,
      ],
      ...(clientId !== null
        ? [
            [
              'Client',
              on
                ? html`<a href="/admin/clients/${encodeURIComponent(clientId)}"><bdi>${clientId}</bdi></a>`
                : html`<bdi>${clientId}</bdi>`,
            ] satisfies [string, Html],
          ]
        : []),
      ['Set-up', html`<div>${inline(moving.set)}</div>`],
      ['Server URL', html`<div>${inline(moving.point)}</div>`],
    ])}
    <details><summary>What differs from ${product}</summary><ul class="plain-list findings">${moving.differs.map(
      (difference) => html`<li><p>${inline(difference)}</p></li>`,
    )}</ul></details>
    <details><summary>${
      missing.length === 0
        ? `All ${features.length} features work`
        : `${features.length - missing.length} of ${features.length} features work`
    }</summary><ul class="plain-list findings">${features.map(
      ({ id, feature, missing: why }) =>
        html`<li><p>${id}: ${inline(feature)}${why !== null && html` ${badge('Missing', 'care')}`}</p>${why !== null && html`<p class="remedy">${inline(why)}</p>`}</li>`,
    )}</ul></details>
    <details><summary>${paths.length} paths</summary><ul class="plain-list">${paths.map(
      ({ method, path }) => html`<li><code>${method} ${path}</code></li>`,
    )}</ul></details>
  </section>`;
}
