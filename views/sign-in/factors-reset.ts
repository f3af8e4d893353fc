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
    title: frame.messages.factorsReset.title,
    lead: frame.messages.factorsReset.lead(
      frame.brand.name,
      html`<bdi>${name}</bdi>`,
      moment(dueAt, frame.messages),
    ),
    problem,
    body: postForm(
      frame,
      '/factors-reset',
      html`<input type="hidden" name="value" value="${value}">
      <button type="submit" class="wide">${frame.messages.factorsReset.keep}</button>
      <p class="fine">${frame.messages.factorsReset.asked}</p>`,
    ),
  });

/** The second factors stay. */
export const factorsResetStopped = (frame: Frame): Html =>
  cardPage(frame, {
    title: frame.messages.factorsReset.stoppedTitle,
    symbol: symbol(checkIcon, 'good'),
    lead: frame.messages.factorsReset.stoppedLead,
    body: html`<a class="button wide" href="/account/password">${frame.messages.factorsReset.changePassword}</a>`,
  });

/** The reset happened, or was stopped or cancelled. */
export const factorsResetGone = (frame: Frame): Html =>
  cardPage(frame, {
    title: frame.messages.link.gone,
    symbol: symbol(clockIcon, 'neutral'),
    lead: frame.messages.factorsReset.goneLead,
    body: html`<a class="button wide" href="/account">${frame.messages.actions.toAccount}</a>`,
  });
