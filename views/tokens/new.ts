import { html } from 'hono/html';
import { checkboxes, textarea } from '../components/controls.ts';
import { crumbs } from '../components/crumbs.ts';
import { expiryChoice } from '../components/expiry-choice.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { onceField, postForm } from '../components/form.ts';
import { keyIcon, serverIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import type { ScopeChoice, TokenField } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

/** An API that a person can create a token for, and its choices. */
export interface TokenChoice {
  identifier: string;
  name: string;
  scopes: ScopeChoice[];
  /** The types of objects that a token can be limited to (RFC 9396). */
  detailsTypes: { type: string; description: string; actions: string[] }[];
  /** The maximum lifetime in seconds; null if there is none. */
  maxTtl: number | null;
}

export interface AccountTokenNewProps {
  choices: TokenChoice[];
  /** The API of the token; undefined until it is chosen, and if there is none. */
  choice: TokenChoice | undefined;
  /** Makes the form take effect once. */
  idempotencyKey: string;
  /** Lifetimes to choose from, in seconds. */
  ttls: readonly number[];
  /** `name`, `expiry`, `expiry_date`, and the fields that `scopeField` and `onlyField` name. */
  values: Record<string, string | undefined>;
  problems?: Problems<TokenField> | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
}

/** The name of the checkbox of a scope. */
export const scopeField = (scope: string): string => `scope:${scope}`;

/** The name of the field that limits a token to objects of a type, or to an action on them. */
export const onlyField = (type: string, action?: string): string =>
  ['only', type, ...(action === undefined ? [] : [action])].map(encodeURIComponent).join(':');

/** Reads a name that `onlyField` wrote; undefined for any other. */
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

/** The form that creates a personal access token. */
export function accountTokenNew(frame: Frame, props: AccountTokenNewProps): Html {
  const { choices, choice, problems } = props;
  return accountPage(frame, {
    title: 'Create a token',
    lead: choice
      ? 'It acts as you, and can never do more than you can. Give it only the scopes that it needs.'
      : undefined,
    crumbs: crumbs([['Tokens', '/account/tokens']]),
    problem: props.problem,
    problems,
    body: choice
      ? form(frame, props, choice)
      : choices.length > 0
        ? choosing(choices)
        : nothing(frame),
  });
}

function choosing(choices: TokenChoice[]): Html {
  return html`<section class="panel" aria-labelledby="which"><h2 id="which">Choose the API</h2>
    <ul class="rows">${choices.map(
      ({ identifier, name }) => html`<li><div class="row-head">
        <div class="glyph">${serverIcon}</div>
        <div class="row-name"><h3><a href="/account/tokens/new?resource=${encodeURIComponent(identifier)}"><bdi>${name || identifier}</bdi></a></h3>
          <p class="sub"><bdi>${identifier}</bdi></p></div>
      </div></li>`,
    )}</ul></section>`;
}

function nothing(frame: Frame): Html {
  return html`<section class="panel empty" aria-labelledby="empty">
    <div class="glyph">${keyIcon}</div>
    <h2 id="empty">No API accepts personal access tokens yet</h2>
    <p>Ask ${support(frame)} to open one to them.</p>
    <a class="button" href="/account/tokens">Back to your tokens</a>
  </section>`;
}

function form(frame: Frame, props: AccountTokenNewProps, choice: TokenChoice): Html {
  const { choices, values, problems, idempotencyKey, ttls } = props;
  const of = fieldsOf<TokenField>({
    order: ['name', 'scope', 'details', 'expiry'],
    values: { name: values['name'] },
    problems,
  });
  return html`<section class="panel" aria-label="Create a token">${postForm(
    frame,
    '/account/tokens',
    html`${onceField(idempotencyKey)}
    <input type="hidden" name="resource" value="${choice.identifier}">
    <div class="field"><p class="label">API</p>
      <p class="fixed"><bdi>${choice.name || choice.identifier}</bdi>${choices.length > 1 && html` <a class="edit" href="/account/tokens/new">Choose another</a>`}</p></div>
    ${field({ ...of('name'), label: 'Name', hint: 'What you use it for, such as “Backup of my laptop”.' })}
    ${
      choice.scopes.length > 0 &&
      checkboxes({
        ...of('scope'),
        id: 'scope',
        legend: 'Scopes',
        boxes: choice.scopes.map(({ name, description }) => ({
          name: scopeField(name),
          label: html`<bdi>${description || name}</bdi>`,
          description: description ? html`<code><bdi>${name}</bdi></code>` : '',
          checked: values[scopeField(name)] !== undefined,
        })),
      })
    }
    ${choice.detailsTypes.length > 0 && limits(choice, values, problems?.details)}
    ${expiryChoice({
      ...of('expiry'),
      choices: ttls,
      longest: choice.maxTtl,
      values,
      now: frame.now,
    })}
    <div class="form-end"><button type="submit">Create the token</button><a class="button plain" href="/account/tokens">Cancel</a></div>`,
    { noValidate: true },
  )}</section>`;
}

/** Limits to single objects (RFC 9396). Folded, because most tokens have none. */
function limits(
  { detailsTypes }: TokenChoice,
  values: AccountTokenNewProps['values'],
  problem: string | undefined,
): Html {
  const isUsed = Object.keys(values).some((name) => name.startsWith('only:'));
  return html`<details class="limits"${(problem || isUsed) && html` open`}><summary>Limit it to single objects <span class="optional">optional</span></summary>
    <p class="sub">An empty field sets no limit. With a limit, the scopes above apply only to the objects listed here.</p>
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
          label: 'Only these, one per line',
          value: values[onlyField(type)],
          rows: 3,
          optional: true,
          hint: 'Their identifiers at the API.',
        })}
        ${
          actions.length > 0 &&
          checkboxes({
            legend: 'Only these actions',
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
