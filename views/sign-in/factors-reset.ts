import { html } from 'hono/html';
import { postForm } from '../components/form.ts';
import { checkIcon, clockIcon } from '../components/icons.ts';
import { symbol } from '../components/symbol.ts';
import { moment } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface StopFactorsResetProps {
  /** The value in the link. */
  value: string;
  name: string;
  /** When the factors are removed. */
  dueAt: Date;
  problem?: string | undefined;
}

/** Where a person with a link stops the removal of their second factors. */
export const stopFactorsReset = (
  frame: Frame,
  { value, name, dueAt, problem }: StopFactorsResetProps,
): Html =>
  cardPage(frame, {
    title: 'Keep your second factors',
    lead: html`The second factors of the ${frame.brand.name} account of <bdi>${name}</bdi> will be removed on ${moment(dueAt)}, because an administrator has planned it.`,
    problem,
    body: postForm(
      frame,
      '/factors-reset',
      html`<input type="hidden" name="value" value="${value}">
      <button type="submit" class="wide">Keep them</button>`,
    ),
  });

/** The second factors stay. */
export const factorsResetStopped = (frame: Frame): Html =>
  cardPage(frame, {
    title: 'Your second factors stay',
    symbol: symbol(checkIcon, 'good'),
    lead: 'They will not be removed. If you did not ask for it, someone may know your password: change it now.',
    body: html`<a class="button wide" href="/account/password">Change your password</a>`,
  });

/** The reset happened, or was stopped or cancelled. */
export const factorsResetGone = (frame: Frame): Html =>
  cardPage(frame, {
    title: 'This link no longer works',
    symbol: symbol(clockIcon, 'neutral'),
    lead: 'The removal of the second factors was stopped, or it has happened.',
    body: html`<a class="button wide" href="/account">Go to your account</a>`,
  });
