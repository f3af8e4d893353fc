import { html } from 'hono/html';
import { actionRow } from '../components/action-row.ts';
import { checkboxes } from '../components/controls.ts';
import { crumbs } from '../components/crumbs.ts';
import { facts } from '../components/facts.ts';
import { settingsPanel, type TokenFormState, timesOf } from '../components/named-token-form.ts';
import { endingOf } from '../components/replacing.ts';
import {
  scopeSentences,
  type TokenShown,
  tokenBadge,
  tokenHint,
  tokenPath,
} from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';
import { scopeField } from './new.ts';

export interface AccountTokenProps extends TokenFormState {
  token: TokenShown;
  /** What the API allows; undefined if it no longer accepts personal access tokens. */
  policy: { maxTtl: number | null } | undefined;
  /** Lifetimes to choose from, in seconds. */
  ttls: readonly number[];
}

/** The breadcrumb of pages about tokens. */
export const tokensCrumbs = (token?: TokenShown): Html =>
  crumbs([
    ['Tokens', '/account/tokens'],
    ...(token ? [[token.name, tokenPath(token)] as const] : []),
  ]);

/** One personal access token: its details, its settings, and the ways to regenerate and revoke it. */
export function accountToken(frame: Frame, props: AccountTokenProps): Html {
  const { token, policy } = props;
  const works = token.status === 'active';
  return accountPage(frame, {
    title: token.name,
    heading: html`<bdi>${token.name}</bdi> ${tokenBadge(token, frame.now)}`,
    lead: html`Personal access token ending in ${tokenHint(token.hint)}`,
    crumbs: tokensCrumbs(),
    problem: props.problem,
    problems: props.problems,
    body: html`${endingOf(frame, token, words)}
      <section class="panel" aria-labelledby="about"><h2 id="about">Details</h2>${about(frame, token)}</section>
      ${works && !token.replacedBy && settings(frame, props)}
      ${
        works &&
        html`<section class="panel actions-panel" aria-labelledby="actions"><h2 id="actions" class="visually-hidden">Regenerate or revoke</h2>
          ${!token.replacedBy && policy && regenerateRow(token)}
          ${actionRow({
            title: 'Revoke',
            text: 'The token stops working now, in every program that uses it.',
            href: tokenPath(token, '/revoke'),
            button: 'Revoke…',
            danger: true,
          })}
        </section>`
      }`,
  });
}

const regenerateRow = (token: TokenShown): Html =>
  actionRow({
    title: 'Regenerate',
    text: 'Gives it a new value. The name, the scopes and the limits stay.',
    href: tokenPath(token, '/regenerate'),
    button: 'Regenerate…',
  });

const words = {
  called: 'token',
  pathOf: tokenPath,
  revoked: 'It was revoked',
  inactive: 'It was revoked together with all of your tokens',
};

function about({ now }: Frame, token: TokenShown): Html {
  const { resource, scopes, details } = token;
  return facts([
    ['API', html`<bdi>${resource}</bdi>`],
    ['Scopes', scopeSentences(scopes)],
    ...(details.length > 0 ? [['Limited to', limitedTo(details)] as [string, Html]] : []),
    ...timesOf(token, now),
  ]);
}

const limitedTo = (details: TokenShown['details']): Html =>
  html`<ul class="plain-list">${details.map(
    ({ type, identifier, actions }) =>
      html`<li><code><bdi>${type}</bdi></code> ${identifier === undefined ? 'any' : html`<bdi>${identifier}</bdi>`}${actions.length > 0 && html`: ${actions.map((action, index) => html`${index > 0 && ', '}<bdi>${action}</bdi>`)}`}</li>`,
  )}</ul>`;

function settings(frame: Frame, props: AccountTokenProps): Html {
  const { token, policy, ttls, values, problems } = props;
  return settingsPanel(frame, props, {
    token,
    action: tokenPath(token, '/settings'),
    ttls,
    longest: policy?.maxTtl,
    more:
      token.scopes.length > 0 &&
      checkboxes({
        id: 'scope',
        legend: 'Scopes',
        boxes: token.scopes.map(({ name, description }) => ({
          name: scopeField(name),
          label: html`<bdi>${description || name}</bdi>`,
          description: description ? html`<code><bdi>${name}</bdi></code>` : '',
          checked: !values || values[scopeField(name)] !== undefined,
        })),
        hint: 'A scope that you remove cannot be added again.',
        problem: problems?.scope,
      }),
  });
}
