import { html } from 'hono/html';
import { checkboxes } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import {
  filled,
  newValueForm,
  type OwnedForms,
  settingsPanel,
  timesOf,
} from '../components/named-token-form.ts';
import { endingOf } from '../components/replacing.ts';
import {
  scopeSentences,
  type TokenShown,
  tokenBadge,
  tokenHint,
  tokenPath,
  tokensBar,
} from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';
import { scopeField } from './new.ts';

export interface AccountTokenProps extends OwnedForms<'settings' | 'roll'> {
  token: TokenShown;
  /** What the API allows: undefined where it is not open to people's tokens any more. */
  policy: { maxTtl: number | null } | undefined;
}

/** One personal access token: what it is, and the means to change and to end it. */
export function accountToken(frame: Frame, props: AccountTokenProps): Html {
  const { token } = props;
  const works = token.status === 'active';
  return accountPage(
    frame,
    {
      title: token.name,
      heading: html`<bdi>${token.name}</bdi> ${tokenBadge(token, frame.now)}`,
      lead: html`The token ending in ${tokenHint(token.hint)}, for <bdi>${token.resource}</bdi>`,
      problem: props.field ? undefined : props.problem,
      body: html`${endingOf(frame, token, words)}
        <section class="panel" aria-labelledby="about"><h2 id="about">What it is</h2>${about(frame, token)}</section>
        ${works && !token.replacedBy && html`${settings(frame, props)}${roll(frame, props)}`}
        ${works && ending(frame, token)}`,
    },
    tokensBar(token.name, tokenPath(token)),
  );
}

const words = {
  called: 'token',
  pathOf: tokenPath,
  revoked: 'It was revoked',
  inactive: 'It was ended together with all of your tokens',
};

function about({ now }: Frame, token: TokenShown): Html {
  const { resource, scopes, details } = token;
  return facts([
    ['API', html`<bdi>${resource}</bdi>`],
    ['May do', scopeSentences(scopes)],
    ...(details.length > 0 ? [['Only with', only(details)] as [string, Html]] : []),
    ...timesOf(token, now),
  ]);
}

const only = (details: TokenShown['details']): Html =>
  html`<ul class="plain-list">${details.map(
    ({ type, identifier, actions }) =>
      html`<li><code><bdi>${type}</bdi></code> ${identifier === undefined ? 'any' : html`<bdi>${identifier}</bdi>`}${actions.length > 0 && html`: ${actions.map((action, index) => html`${index > 0 && ', '}<bdi>${action}</bdi>`)}`}</li>`,
  )}</ul>`;

function settings(frame: Frame, props: AccountTokenProps): Html {
  const { token, policy } = props;
  const { values, problemOf } = filled(props, 'settings');
  return settingsPanel(frame, props, {
    token,
    action: tokenPath(token, '/settings'),
    longest: policy?.maxTtl,
    more:
      token.scopes.length > 0 &&
      checkboxes({
        id: 'scope',
        legend: 'What it may do',
        boxes: token.scopes.map(({ name, description }) => ({
          name: scopeField(name),
          label: html`<bdi>${description || name}</bdi>`,
          description: description ? html`<code><bdi>${name}</bdi></code>` : '',
          checked: !values || values[scopeField(name)] !== undefined,
        })),
        hint: 'What you take away cannot be given back to this token.',
        problem: problemOf('scope'),
      }),
  });
}

function roll(frame: Frame, props: AccountTokenProps): Html {
  const { token, policy } = props;
  return html`<section class="panel" aria-labelledby="roll">
    <h2 id="roll">Give it a new value</h2>
    ${
      policy
        ? html`<p class="sub">Do this once in a while, and at once where somebody else may have seen it. The name and what it may do stay; your programs need the new value.</p>
        ${newValueForm(frame, props, {
          name: 'roll',
          token,
          action: tokenPath(token, '/roll'),
          longest: policy.maxTtl,
        })}`
        : html`<p class="sub">The API lets people make no tokens of their own any more, so this one goes on as it is, and gets no new value.</p>`
    }
  </section>`;
}

function ending(frame: Frame, token: TokenShown): Html {
  const name = html`<bdi>${token.name}</bdi>`;
  return dangerPanel(
    'ends',
    'Revoke it',
    dangerous(
      html`Revoke ${name}…`,
      html`<p>It opens nothing from then on, and a program that still uses it is turned away. This cannot be undone.</p>
      ${postForm(frame, tokenPath(token, '/revoke'), html`<button type="submit" class="danger">Revoke ${name}</button>`)}`,
    ),
  );
}
