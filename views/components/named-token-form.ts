// What the pages of one token and of one API key have in common: its times, and the forms that change it.
import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { expiryChoice } from './expiry-choice.ts';
import { field } from './field.ts';
import { onceField, postForm } from './form.ts';
import { lifeAsBefore, overlapChoice } from './replacing.ts';
import { dayInWords, momentFromNow } from './time.ts';
import type { TokenField, TokenShown } from './token.ts';

/** What the forms offer, and what was filled in in one of them. */
export interface OwnedForms<Form extends string> {
  /** Seconds that are offered for its life. */
  ttls: readonly number[];
  /** Seconds that are offered for the old value to go on. */
  overlaps: readonly number[];
  /** Makes the form that gives it a new value do its work once. */
  idempotencyKey: string;
  /** What was filled in in one of the forms. */
  values?: Record<string, string | undefined> | undefined;
  /** Which of the forms. */
  form?: Form | undefined;
  problem?: string | undefined;
  field?: TokenField | undefined;
}

/** What was filled in in one of the forms, and what was wrong with it there. */
export function filled<Form extends string>(
  { values, form, problem, field: wrong }: OwnedForms<Form>,
  name: Form,
) {
  const isThis = form === name;
  return {
    values: isThis ? values : undefined,
    problemOf: (of: TokenField) => (isThis && wrong === of ? problem : undefined),
  };
}

/** When it was made, when it ends while it works, and when it was used. */
export const timesOf = (
  { createdAt, expiresAt, lastUsedAt, status }: TokenShown,
  now: Date,
): [string, Html | string][] => [
  ['Made', momentFromNow(createdAt, now)],
  ...(status === 'active'
    ? [['Ends', expiresAt ? momentFromNow(expiresAt, now) : 'Never'] as [string, Html | string]]
    : []),
  ['Last used', lastUsedAt ? momentFromNow(lastUsedAt, now) : 'Not yet'],
];

/** The form that renames it and moves its end. */
export function settingsPanel<Form extends string>(
  frame: Frame,
  props: OwnedForms<Form | 'settings'>,
  {
    token,
    action,
    more,
    longest,
  }: {
    token: TokenShown;
    action: string;
    /** What else can be changed. */
    more?: Html | false;
    /** Seconds that it may live; null is for ever, undefined leaves its end as it is. */
    longest: number | null | undefined;
  },
): Html {
  const { values, problemOf } = filled<Form | 'settings'>(props, 'settings');
  const { name, expiresAt } = token;
  return html`<section class="panel" aria-labelledby="settings">
    <h2 id="settings">Change it</h2>
    ${postForm(
      frame,
      action,
      html`${field({
        name: 'name',
        label: 'Name',
        value: values ? (values['name'] ?? '') : name,
        problem: problemOf('name'),
      })}
      ${more}
      ${
        longest !== undefined &&
        expiryChoice({
          legend: 'It ends',
          choices: props.ttls,
          longest,
          keep: expiresAt ? `As it is: ${dayInWords(expiresAt)}` : 'As it is: never',
          isNever: expiresAt === null,
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

/** The form that gives it a new value, called `name`. */
export function newValueForm<Form extends string>(
  frame: Frame,
  props: OwnedForms<Form>,
  {
    name,
    token,
    action,
    longest,
  }: { name: Form; token: TokenShown; action: string; longest: number | null },
): Html {
  const { ttls, overlaps, idempotencyKey } = props;
  const { values = { overlap: String(overlaps[0]), expiry: 'keep' }, problemOf } = filled(
    props,
    name,
  );
  return postForm(
    frame,
    action,
    html`${onceField(idempotencyKey)}
    ${overlapChoice({ overlaps, value: values['overlap'], problem: problemOf('overlap') })}
    ${expiryChoice({
      id: 'new-expiry',
      legend: 'The new value ends',
      choices: ttls,
      longest,
      keep: lifeAsBefore(token, longest),
      isNever: token.expiresAt === null,
      values,
      now: frame.now,
      problem: problemOf('expiry'),
    })}
    <button type="submit" class="plain">Make a new value</button>`,
    'roomy',
  );
}
