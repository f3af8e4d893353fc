import { html } from 'hono/html';
import { regenerateForm, type TokenFormState } from '../components/named-token-form.ts';
import { type TokenShown, tokenHint, tokenPath } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';
import { tokensCrumbs } from './token.ts';

export interface AccountTokenRegenerateProps extends TokenFormState {
  token: TokenShown;
  /** Seconds; null if the API has no maximum. */
  longest: number | null;
  /** Lifetimes to choose from, in seconds. */
  ttls: readonly number[];
  /** Seconds to choose from for which the old value keeps working. */
  overlaps: readonly number[];
  idempotencyKey: string;
}

/** The form that gives a personal access token a new value. */
export function accountTokenRegenerate(frame: Frame, props: AccountTokenRegenerateProps): Html {
  const { token } = props;
  return accountPage(frame, {
    title: `Regenerate ${token.name}`,
    heading: html`Regenerate <bdi>${token.name}</bdi>`,
    lead: html`The token gets a new value in place of the one ending in ${tokenHint(token.hint)}. Update every program that uses it.`,
    crumbs: tokensCrumbs(token),
    problem: props.problem,
    problems: props.problems,
    body: html`<section class="panel" aria-label="Regenerate">${regenerateForm(frame, props, {
      ...props,
      action: tokenPath(token, '/regenerate'),
      cancel: tokenPath(token),
    })}</section>`,
  });
}
