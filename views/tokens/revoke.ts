import { html } from 'hono/html';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { briefly, fromNow } from '../components/time.ts';
import { type TokenShown, tokenHint, tokenPath } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';
import { tokensCrumbs } from './token.ts';

/** Asks before a personal access token is revoked. */
export function accountTokenRevoke(frame: Frame, { token }: { token: TokenShown }): Html {
  const { lastUsedAt, resource, hint } = token;
  return accountPage(frame, {
    title: `Revoke ${token.name}`,
    heading: html`Revoke <bdi>${token.name}</bdi>?`,
    lead: 'The token stops working now, in every program that uses it. This cannot be undone.',
    crumbs: tokensCrumbs(token),
    body: html`<section class="panel" aria-label="The token">
      ${facts([
        ['Value', tokenHint(hint)],
        ['API', html`<bdi>${resource}</bdi>`],
        ['Last used', lastUsedAt ? briefly(lastUsedAt, fromNow(lastUsedAt, frame.now)) : 'Never'],
      ])}
      ${postForm(
        frame,
        tokenPath(token, '/revoke'),
        html`<div class="form-end"><button type="submit" class="danger">Revoke the token</button><a class="button plain" href="${tokenPath(token)}">Cancel</a></div>`,
      )}
    </section>`,
  });
}
