import { html } from 'hono/html';
import { apiKeyPath } from '../components/api-key.ts';
import { appSubpage } from '../components/app.ts';
import { regenerateForm, type TokenFormState } from '../components/named-token-form.ts';
import { tokenHint } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { type ApiKeyOfClient, keyTrail } from './api-key.ts';

export interface AppApiKeyRegenerateProps extends ApiKeyOfClient, TokenFormState {
  /** Lifetimes to choose from, in seconds. */
  ttls: readonly number[];
  /** Seconds to choose from for which the old value keeps working. */
  overlaps: readonly number[];
  idempotencyKey: string;
}

/** The form that gives an API key a new value. */
export function appApiKeyRegenerate(frame: Frame, props: AppApiKeyRegenerateProps): Html {
  const { app, client, key } = props;
  return appSubpage(frame, {
    app,
    trail: keyTrail(props),
    title: `Regenerate ${key.name}`,
    heading: html`Regenerate <bdi>${key.name}</bdi>`,
    lead: html`The key gets a new value in place of the one ending in ${tokenHint(key.hint)}. Update every program that uses it. The tokens that it created stay.`,
    problem: props.problem,
    problems: props.problems,
    body: html`<section class="panel" aria-label="Regenerate">${regenerateForm(frame, props, {
      ...props,
      token: key,
      longest: null,
      action: apiKeyPath(app, client, key, '/regenerate'),
      cancel: apiKeyPath(app, client, key),
    })}</section>`,
  });
}
