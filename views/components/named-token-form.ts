// What the pages of a personal access token and of an API key share: times, and the forms that change it.
import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { expiryChoice } from './expiry-choice.ts';
import { field, fieldsOf, type Problems } from './field.ts';
import { onceField, postForm } from './form.ts';
import { lifeAsBefore, overlapChoice } from './replacing.ts';
import { dayInWords, momentFromNow } from './time.ts';
import type { TokenField, TokenShown } from './token.ts';

/** What a form of a token was sent with, and what is wrong with it. */
export interface TokenFormState {
  values?: Record<string, string | undefined> | undefined;
  problems?: Problems<TokenField> | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
}

/** When it was created, when it expires while it works, and when it was last used. */
export const timesOf = (
  { createdAt, expiresAt, lastUsedAt, status }: TokenShown,
  now: Date,
): [string, Html | string][] => [
  ['Created', momentFromNow(createdAt, now)],
  ...(status === 'active'
    ? [['Expires', expiresAt ? momentFromNow(expiresAt, now) : 'Never'] as [string, Html | string]]
    : []),
  ['Last used', lastUsedAt ? momentFromNow(lastUsedAt, now) : 'Never'],
];

/** The form that changes its name, its expiry, and what `more` contains. */
export function settingsPanel(
  frame: Frame,
  { values, problems }: TokenFormState,
  {
    token,
    action,
    ttls,
    more,
    longest,
  }: {
    token: TokenShown;
    action: string;
    /** Lifetimes to choose from, in seconds. */
    ttls: readonly number[];
    more?: Html | false;
    /** The maximum lifetime in seconds; null if there is none, undefined if the expiry cannot be changed. */
    longest: number | null | undefined;
  },
): Html {
  const { name, expiresAt } = token;
  const of = fieldsOf<TokenField>({
    order: ['name', 'scope', 'expiry'],
    values: { name: values ? (values['name'] ?? '') : name },
    problems,
    focusFirst: false,
  });
  return html`<section class="panel" aria-labelledby="settings">
    <h2 id="settings">Settings</h2>
    ${postForm(
      frame,
      action,
      html`${field({ ...of('name'), label: 'Name' })}
      ${more}
      ${
        longest !== undefined &&
        expiryChoice({
          ...of('expiry'),
          choices: ttls,
          longest,
          keep: expiresAt ? `${dayInWords(expiresAt)}, no change` : 'Never, no change',
          isNever: expiresAt === null,
          values: values ?? { expiry: 'keep' },
          now: frame.now,
        })
      }
      <button type="submit">Save</button>`,
      { noValidate: true },
    )}
  </section>`;
}

/** The form that gives a token or key a new value. */
export function regenerateForm(
  frame: Frame,
  { values = { overlap: '0', expiry: 'keep' }, problems }: TokenFormState,
  {
    token,
    action,
    ttls,
    overlaps,
    longest,
    idempotencyKey,
    cancel,
  }: {
    token: TokenShown;
    action: string;
    /** Lifetimes to choose from, in seconds. */
    ttls: readonly number[];
    /** Seconds to choose from for which the old value keeps working. */
    overlaps: readonly number[];
    /** The maximum lifetime in seconds; null if there is none. */
    longest: number | null;
    /** Makes the form take effect once. */
    idempotencyKey: string;
    /** The page to return to. */
    cancel: string;
  },
): Html {
  const of = fieldsOf<TokenField>({ order: ['overlap', 'expiry'], values, problems });
  return postForm(
    frame,
    action,
    html`${onceField(idempotencyKey)}
    ${overlapChoice({ ...of('overlap'), overlaps })}
    ${expiryChoice({
      ...of('expiry'),
      label: 'The new value expires',
      choices: ttls,
      longest,
      keep: lifeAsBefore(token, longest),
      isNever: token.expiresAt === null,
      values,
      now: frame.now,
    })}
    <div class="form-end"><button type="submit">Regenerate</button><a class="button plain" href="${cancel}">Cancel</a></div>`,
    { className: 'roomy', noValidate: true },
  );
}
