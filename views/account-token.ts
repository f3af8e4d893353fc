import { html } from 'hono/html';
import { scopeField } from './account-token-new.ts';
import { checkboxes } from './parts/controls.ts';
import { dangerous, dangerPanel } from './parts/danger.ts';
import { expiryChoice } from './parts/expiry-choice.ts';
import { facts } from './parts/facts.ts';
import { field } from './parts/field.ts';
import { onceField, postForm } from './parts/form.ts';
import type { Frame, Html } from './parts/frame.ts';
import { accountPage } from './parts/layout.ts';
import { endingOf, lifeAsBefore, overlapChoice } from './parts/replacing.ts';
import { dayInWords, momentFromNow } from './parts/time.ts';
import {
  scopeSentences,
  type TokenField,
  type TokenShown,
  tokenBadge,
  tokenHint,
  tokenPath,
  tokensBar,
} from './parts/token.ts';

export interface AccountTokenProps {
  token: TokenShown;
  /** What the API allows: undefined where it is not open to people's tokens any more. */
  policy: { longestTtl: number | null } | undefined;
  /** Seconds that are offered for its life. */
  ttls: readonly number[];
  /** Seconds that are offered for the old value to go on. */
  overlaps: readonly number[];
  /** Makes the form that gives it a new value do its work once. */
  once: string;
  /** What was filled in in one of the forms. */
  values?: Record<string, string | undefined> | undefined;
  /** Which of the forms. */
  form?: 'settings' | 'roll' | undefined;
  problem?: string | undefined;
  field?: TokenField | undefined;
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
  const { resource, scopes, details, createdAt, expiresAt, lastUsedAt, status } = token;
  return facts([
    ['API', html`<bdi>${resource}</bdi>`],
    ['May do', scopeSentences(scopes)],
    ...(details.length > 0 ? [['Only with', only(details)] as [string, Html]] : []),
    ['Made', momentFromNow(createdAt, now)],
    ...(status === 'active'
      ? [['Ends', expiresAt ? momentFromNow(expiresAt, now) : 'Never'] as [string, Html | string]]
      : []),
    ['Last used', lastUsedAt ? momentFromNow(lastUsedAt, now) : 'Not yet'],
  ]);
}

const only = (details: TokenShown['details']): Html =>
  html`<ul class="plain-list">${details.map(
    ({ type, identifier, actions }) =>
      html`<li><code><bdi>${type}</bdi></code> ${identifier === undefined ? 'any' : html`<bdi>${identifier}</bdi>`}${actions.length > 0 && html`: ${actions.map((action, index) => html`${index > 0 && ', '}<bdi>${action}</bdi>`)}`}</li>`,
  )}</ul>`;

/** What was filled in in one of the forms, and what was wrong with it there. */
function filled({ values, form, problem, field }: AccountTokenProps, name: 'settings' | 'roll') {
  const isThis = form === name;
  return {
    values: isThis ? values : undefined,
    problemOf: (of: TokenField) => (isThis && field === of ? problem : undefined),
  };
}

function settings(frame: Frame, props: AccountTokenProps): Html {
  const { token, policy, ttls } = props;
  const { values, problemOf } = filled(props, 'settings');
  return html`<section class="panel" aria-labelledby="settings">
    <h2 id="settings">Change it</h2>
    ${postForm(
      frame,
      tokenPath(token, '/settings'),
      html`${field({
        name: 'name',
        label: 'Name',
        value: values ? (values['name'] ?? '') : token.name,
        problem: problemOf('name'),
        maxLength: 100,
      })}
      ${
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
        })
      }
      ${
        policy &&
        expiryChoice({
          legend: 'It ends',
          choices: ttls,
          longest: policy.longestTtl,
          keep: token.expiresAt ? `As it is: ${dayInWords(token.expiresAt)}` : 'As it is: never',
          isNever: token.expiresAt === null,
          values: values ?? { expiry: 'keep' },
          now: frame.now,
          problem: problemOf('expiry'),
        })
      }
      <button type="submit">Save</button>`,
      'roomy',
    )}
  </section>`;
}

function roll(frame: Frame, props: AccountTokenProps): Html {
  const { token, policy, ttls, overlaps, once } = props;
  const { values = { overlap: String(overlaps[0]), expiry: 'keep' }, problemOf } = filled(
    props,
    'roll',
  );
  return html`<section class="panel" aria-labelledby="roll">
    <h2 id="roll">Give it a new value</h2>
    ${
      policy
        ? html`<p class="sub">Do this once in a while, and at once where somebody else may have seen it. The name and what it may do stay; your programs need the new value.</p>
        ${postForm(
          frame,
          tokenPath(token, '/roll'),
          html`${onceField(once)}
          ${overlapChoice({ overlaps, value: values['overlap'], problem: problemOf('overlap') })}
          ${expiryChoice({
            id: 'new-expiry',
            legend: 'The new value ends',
            choices: ttls,
            longest: policy.longestTtl,
            keep: lifeAsBefore(token, policy.longestTtl),
            isNever: token.expiresAt === null,
            values,
            now: frame.now,
            problem: problemOf('expiry'),
          })}
          <button type="submit" class="plain">Make a new value</button>`,
          'roomy',
        )}`
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
