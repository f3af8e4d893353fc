import { html } from 'hono/html';
import { checkboxes, textarea } from '../components/controls.ts';
import { expiryChoice } from '../components/expiry-choice.ts';
import { field } from '../components/field.ts';
import { onceField, postForm } from '../components/form.ts';
import { keyIcon, serverIcon } from '../components/icons.ts';
import { type ScopeChoice, type TokenField, tokensBar } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

/** An API that somebody may make a token for, with what they may choose. */
export interface TokenChoice {
  identifier: string;
  name: string;
  scopes: ScopeChoice[];
  /** The kinds of single things that a token can be limited to. */
  detailsTypes: { type: string; description: string; actions: string[] }[];
  /** Seconds; null: a token may live for ever. */
  maxTtl: number | null;
}

export interface AccountTokenNewProps {
  choices: TokenChoice[];
  /** The one that the token is for; undefined until it is chosen, or where there is none. */
  choice: TokenChoice | undefined;
  /** Makes the form do its work once. */
  idempotencyKey: string;
  /** Seconds that are offered for its life. */
  ttls: readonly number[];
  /** What is filled in: `name`, `expiry`, `expiry_date`, and what `scopeField` and `onlyField` name. */
  values: Record<string, string | undefined>;
  problem?: string | undefined;
  field?: TokenField | undefined;
}

/** The field that says whether a token has a scope. */
export const scopeField = (scope: string): string => `scope:${scope}`;

/** The field that limits a token to things of a type, and that which limits what it may do with them. */
export const onlyField = (type: string, action?: string): string =>
  ['only', type, ...(action === undefined ? [] : [action])].map(encodeURIComponent).join(':');

/** What `onlyField` wrote; nothing for another field. */
export function readOnlyField(
  name: string,
): { type: string; action?: string | undefined } | undefined {
  const [prefix, ...parts] = name.split(':');
  if (prefix !== 'only' || parts.length > 2) return undefined;
  try {
    const [type = '', action] = parts.map(decodeURIComponent);
    return { type, action };
  } catch {
    return undefined;
  }
}

/** Where somebody makes a token. */
export function accountTokenNew(frame: Frame, props: AccountTokenNewProps): Html {
  const { choices, choice, field } = props;
  const isAtField = choice && field && (field !== 'details' || choice.detailsTypes.length > 0);
  return accountPage(
    frame,
    {
      title: 'Make a token',
      lead: choice
        ? 'It acts as you, and never does more than you may yourself. Give it no more than it needs.'
        : undefined,
      problem: isAtField ? undefined : props.problem,
      body: choice
        ? form(frame, props, choice)
        : choices.length > 0
          ? choosing(choices)
          : nothing(frame),
    },
    tokensBar('Make a token', '/account/tokens/new'),
  );
}

function choosing(choices: TokenChoice[]): Html {
  return html`<section class="panel" aria-labelledby="which"><h2 id="which">Which API is it for?</h2>
    <ul class="rows">${choices.map(
      ({ identifier, name }) => html`<li><div class="row-head">
        <div class="glyph">${serverIcon}</div>
        <div class="row-name"><h3><a href="/account/tokens/new?resource=${encodeURIComponent(identifier)}"><bdi>${name || identifier}</bdi></a></h3>
          <p class="sub"><bdi>${identifier}</bdi></p></div>
      </div></li>`,
    )}</ul></section>`;
}

function nothing({ brand }: Frame): Html {
  return html`<section class="panel empty" aria-labelledby="empty">
    <div class="glyph">${keyIcon}</div>
    <h2 id="empty">There is no API to make a token for</h2>
    <p>No API lets people make tokens of their own yet. Ask an administrator of ${brand.name}.</p>
    <a class="button" href="/account/tokens">Back to your tokens</a>
  </section>`;
}

function form(frame: Frame, props: AccountTokenNewProps, choice: TokenChoice): Html {
  const { choices, values, idempotencyKey, ttls } = props;
  const problemOf = (name: TokenField) => (props.field === name ? props.problem : undefined);
  return html`<section class="panel" aria-label="Make a token">${postForm(
    frame,
    '/account/tokens',
    html`${onceField(idempotencyKey)}
    <input type="hidden" name="resource" value="${choice.identifier}">
    <div class="field"><p class="label">API</p>
      <p class="fixed"><bdi>${choice.name || choice.identifier}</bdi>${choices.length > 1 && html` <a class="edit" href="/account/tokens/new">Choose another</a>`}</p></div>
    ${field({
      name: 'name',
      label: 'Name',
      value: values['name'],
      hint: 'What it is for, so that you know it again: “Backup of my laptop”.',
      problem: problemOf('name'),
    })}
    ${
      choice.scopes.length > 0 &&
      checkboxes({
        id: 'scope',
        legend: 'What it may do',
        boxes: choice.scopes.map(({ name, description }) => ({
          name: scopeField(name),
          label: html`<bdi>${description || name}</bdi>`,
          description: description ? html`<code><bdi>${name}</bdi></code>` : '',
          checked: values[scopeField(name)] !== undefined,
        })),
        problem: problemOf('scope'),
      })
    }
    ${choice.detailsTypes.length > 0 && limits(choice, values, problemOf('details'))}
    ${expiryChoice({
      legend: 'It ends',
      choices: ttls,
      longest: choice.maxTtl,
      values,
      now: frame.now,
      problem: problemOf('expiry'),
    })}
    <div class="form-end"><button type="submit">Make the token</button><a class="button plain" href="/account/tokens">Cancel</a></div>`,
    'roomy',
  )}</section>`;
}

/** What limits a token to single things; folded away, since most need none of it. */
function limits(
  { detailsTypes }: TokenChoice,
  values: AccountTokenNewProps['values'],
  problem: string | undefined,
): Html {
  const isUsed = Object.keys(values).some((name) => name.startsWith('only:'));
  return html`<details class="limits"${(problem || isUsed) && html` open`}><summary>Limit it to single things <span class="optional">optional</span></summary>
    <p class="sub">What you leave empty is not limited. What you fill in takes from the token: it can then do what is chosen above with these things alone.</p>
    ${problem && html`<p class="field-problem" id="details-problem" role="alert">${problem}</p>`}
    ${detailsTypes.map(
      ({
        type,
        description,
        actions,
      }) => html`<fieldset class="only"${problem && html` aria-describedby="details-problem"`}>
        <legend><bdi>${description || type}</bdi> <code><bdi>${type}</bdi></code></legend>
        ${textarea({
          name: onlyField(type),
          label: 'Only these, one a line',
          value: values[onlyField(type)],
          rows: 3,
          optional: true,
          hint: 'The identifiers by which the API knows them.',
        })}
        ${
          actions.length > 0 &&
          checkboxes({
            legend: 'And only this',
            boxes: actions.map((action) => ({
              name: onlyField(type, action),
              label: html`<bdi>${action}</bdi>`,
              checked: values[onlyField(type, action)] !== undefined,
            })),
          })
        }
      </fieldset>`,
    )}
  </details>`;
}
