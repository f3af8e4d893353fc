import { html } from 'hono/html';
import { actionRow } from '../components/action-row.ts';
import { apiKeyPath, apiKeysPath, keyAccess } from '../components/api-key.ts';
import { type AppShown, appSubpage, type ClientShown, clientCrumb } from '../components/app.ts';
import { creatorName } from '../components/creator.ts';
import type { Crumb } from '../components/crumbs.ts';
import { facts } from '../components/facts.ts';
import { settingsPanel, type TokenFormState, timesOf } from '../components/named-token-form.ts';
import { endingOf } from '../components/replacing.ts';
import { type TokenShown, tokenBadge, tokenHint } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';

/** An API key on its own pages. */
export interface ApiKeyOfClient {
  app: AppShown;
  client: ClientShown;
  key: TokenShown;
}

export interface AppApiKeyProps extends ApiKeyOfClient, TokenFormState {
  /** Whether the viewer can change it: their role covers the role of the client. */
  mayManage: boolean;
  /** Lifetimes to choose from, in seconds. */
  ttls: readonly number[];
}

/** The breadcrumbs of pages about API keys. */
export const keysTrail = (app: AppShown, client: ClientShown): Crumb[] => [
  clientCrumb(app, client),
  ['API keys', apiKeysPath(app, client)],
];

/** The same, below the page of a key. */
export const keyTrail = ({ app, client, key }: ApiKeyOfClient): Crumb[] => [
  ...keysTrail(app, client),
  [key.name, apiKeyPath(app, client, key)],
];

/** One API key: its details, its settings, and the ways to regenerate and revoke it. */
export function appApiKey(frame: Frame, props: AppApiKeyProps): Html {
  const { app, client, key, mayManage } = props;
  const isChangeable = key.status === 'active' && mayManage;
  return appSubpage(frame, {
    app,
    trail: keysTrail(app, client),
    title: key.name,
    heading: html`<bdi>${key.name}</bdi> ${tokenBadge(key, frame.now)}`,
    lead: html`API key ending in ${tokenHint(key.hint)}`,
    problem: props.problem,
    problems: props.problems,
    body: html`${endingOf(frame, key, {
      called: 'key',
      pathOf: (successor) => apiKeyPath(app, client, successor),
      revoked: 'It was revoked',
      inactive: 'Its client or app was disabled, or all of its tokens were revoked',
    })}
    <section class="panel" aria-labelledby="about"><h2 id="about">Details</h2>
      ${facts([
        ['Client', html`<code><bdi>${client.clientId}</bdi></code>`],
        ['Access', keyAccess(key)],
        ...(key.createdBy ? [['Created by', creatorName(key.createdBy)] as [string, Html]] : []),
        ...timesOf(key, frame.now),
      ])}
    </section>
    ${
      isChangeable &&
      !key.replacedBy &&
      settingsPanel(frame, props, {
        token: key,
        action: apiKeyPath(app, client, key, '/settings'),
        ttls: props.ttls,
        longest: null,
      })
    }
    ${
      isChangeable &&
      html`<section class="panel actions-panel" aria-labelledby="actions"><h2 id="actions" class="visually-hidden">Regenerate or revoke</h2>
        ${
          !key.replacedBy &&
          actionRow({
            title: 'Regenerate',
            text: 'Gives it a new value. The tokens that it created stay.',
            href: apiKeyPath(app, client, key, '/regenerate'),
            button: 'Regenerate…',
          })
        }
        ${actionRow({
          title: 'Revoke',
          text: 'The key stops working now, in every program that uses it.',
          href: apiKeyPath(app, client, key, '/revoke'),
          button: 'Revoke…',
          danger: true,
        })}
      </section>`
    }`,
  });
}
