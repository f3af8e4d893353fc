import { html } from 'hono/html';
import { apiKeyPath } from '../components/api-key.ts';
import { appSubpage } from '../components/app.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { briefly, fromNow } from '../components/time.ts';
import { tokenHint } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { type ApiKeyOfClient, keyTrail } from './api-key.ts';

/** Asks before an API key is revoked. */
export function appApiKeyRevoke(frame: Frame, props: ApiKeyOfClient): Html {
  const { app, client, key } = props;
  const { lastUsedAt } = key;
  return appSubpage(frame, {
    app,
    trail: keyTrail(props),
    title: `Revoke ${key.name}`,
    heading: html`Revoke <bdi>${key.name}</bdi>?`,
    lead: 'The key stops working now, in every program that uses it. This cannot be undone. The tokens that it created stay, and the other keys of this client can manage them.',
    body: html`<section class="panel" aria-label="The key">
      ${facts([
        ['Value', tokenHint(key.hint)],
        ['Client', html`<code><bdi>${client.clientId}</bdi></code>`],
        ['Last used', lastUsedAt ? briefly(lastUsedAt, fromNow(lastUsedAt, frame.now)) : 'Never'],
      ])}
      ${postForm(
        frame,
        apiKeyPath(app, client, key, '/revoke'),
        html`<div class="form-end"><button type="submit" class="danger">Revoke the key</button><a class="button plain" href="${apiKeyPath(app, client, key)}">Cancel</a></div>`,
      )}
    </section>`,
  });
}
