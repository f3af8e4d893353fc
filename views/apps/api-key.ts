import { html } from 'hono/html';
import { apiKeyPath, apiKeysPath, mayDo } from '../components/api-key.ts';
import { type AppShown, appPage, type ClientShown, clientPath } from '../components/app.ts';
import { creatorName } from '../components/creator.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import {
  newValueForm,
  type OwnedForms,
  settingsPanel,
  timesOf,
} from '../components/named-token-form.ts';
import { endingOf } from '../components/replacing.ts';
import { type TokenShown, tokenBadge, tokenHint } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppApiKeyProps extends OwnedForms<'settings' | 'regenerate'> {
  app: AppShown;
  client: ClientShown;
  key: TokenShown;
  /** Whoever looks may change it: their own role covers that of the client. */
  mayManage: boolean;
}

/** One API key: what it is, and the means to change and to end it. */
export function appApiKey(frame: Frame, props: AppApiKeyProps): Html {
  const { app, client, key, mayManage } = props;
  const works = key.status === 'active';
  return appPage(frame, {
    app,
    current: 'overview',
    title: key.name,
    heading: html`<bdi>${key.name}</bdi> ${tokenBadge(key, frame.now)}`,
    lead: html`The API key ending in ${tokenHint(key.hint)}`,
    trail: [
      [client.displayName || client.name, clientPath(app, client)],
      ['API keys', apiKeysPath(app, client)],
    ],
    problem: props.field ? undefined : props.problem,
    body: html`${endingOf(frame, key, {
      called: 'key',
      pathOf: (successor) => apiKeyPath(app, client, successor),
      revoked: 'It was deleted',
      inactive: 'Its client or app was disabled, or had all of its tokens ended',
    })}
    <section class="panel" aria-labelledby="about"><h2 id="about">What it is</h2>
      ${facts([
        ['Client', html`<code><bdi>${client.clientId}</bdi></code>`],
        ['May do', mayDo(key)],
        ...(key.createdBy ? [['Created by', creatorName(key.createdBy)] as [string, Html]] : []),
        ...timesOf(key, frame.now),
      ])}
    </section>
    ${works && mayManage && !key.replacedBy && html`${settings(frame, props)}${regenerate(frame, props)}`}
    ${works && mayManage && ending(frame, props)}`,
  });
}

const settings = (frame: Frame, props: AppApiKeyProps): Html =>
  settingsPanel(frame, props, {
    token: props.key,
    action: apiKeyPath(props.app, props.client, props.key, '/settings'),
    longest: null,
  });

function regenerate(frame: Frame, props: AppApiKeyProps): Html {
  const { app, client, key } = props;
  return html`<section class="panel" aria-labelledby="regenerate">
    <h2 id="regenerate">Give it a new value</h2>
    <p class="sub">Do this once in a while, and at once where somebody else may have seen it. The tokens that it made stay; your program needs the new value.</p>
    ${newValueForm(frame, props, {
      name: 'regenerate',
      token: key,
      action: apiKeyPath(app, client, key, '/regenerate'),
      longest: null,
    })}
  </section>`;
}

function ending(frame: Frame, { app, client, key }: AppApiKeyProps): Html {
  const name = html`<bdi>${key.name}</bdi>`;
  return dangerPanel(
    'ends',
    'Delete it',
    dangerous(
      html`Delete ${name}…`,
      html`<p>A program that still uses it is turned away from then on. The tokens that it made stay, and the other keys of this client see them. This cannot be undone.</p>
      ${postForm(frame, apiKeyPath(app, client, key, '/delete'), html`<button type="submit" class="danger">Delete ${name}</button>`)}`,
    ),
  );
}
