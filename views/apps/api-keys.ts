import { html } from 'hono/html';
import {
  type ApiKeySnippets,
  apiKeyPath,
  apiKeySteps,
  apiKeysPath,
  makesTokens,
  mayDo,
} from '../components/api-key.ts';
import { type AppShown, appPage, type ClientShown, clientPath } from '../components/app.ts';
import { disabledBadge } from '../components/badge.ts';
import { clientTabs } from '../components/client-tabs.ts';
import { choiceCards } from '../components/controls.ts';
import { creatorName } from '../components/creator.ts';
import { expiryChoice } from '../components/expiry-choice.ts';
import { field } from '../components/field.ts';
import { onceField, postForm } from '../components/form.ts';
import { keyIcon } from '../components/icons.ts';
import { information } from '../components/notice.ts';
import { table } from '../components/table.ts';
import { briefly, dayInWords, fromNow } from '../components/time.ts';
import { ends, type TokenField, type TokenShown, tokenBadge } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppApiKeysProps {
  app: AppShown;
  client: ClientShown;
  /** Whoever looks may make, change and delete them: their own role covers that of the client. */
  mayManage: boolean;
  /** Newest first; undefined for whoever may not see them. */
  keys: TokenShown[] | undefined;
  /** To be copied; undefined where no API is open, so that there are no tokens to make. */
  snippets: ApiKeySnippets | undefined;
  /** Makes the form do its work once. */
  idempotencyKey: string;
  /** Seconds that are offered for the life of a key. */
  ttls: readonly number[];
  /** What is filled in: `name`, `may`, `expiry`, `expiry_date`. */
  values: Record<string, string | undefined>;
  problem?: string | undefined;
  field?: TokenField | undefined;
}

/** The API keys of a client, and the form that makes one. */
export function appApiKeys(frame: Frame, props: AppApiKeysProps): Html {
  const { app, client, keys, mayManage } = props;
  const name = client.displayName || client.name;
  return appPage(frame, {
    app,
    current: 'overview',
    title: `API keys of ${name}`,
    heading: html`<bdi>${name}</bdi>${client.disabledAt && html` ${disabledBadge}`}`,
    lead: html`With an API key, your backend makes tokens for users, devices and tenants of its own.`,
    trail: [[name, clientPath(app, client)]],
    problem: props.field ? undefined : props.problem,
    body: html`${clientTabs(app, client, 'api-keys')}
    ${
      !mayManage &&
      information(
        html`<p>${keys ? html`You can look, and change nothing: this client may do more than you, as <bdi>${client.role}</bdi>.` : 'You can see no keys: your role in this app does not manage its clients.'}</p>`,
      )
    }
    ${keys && list(frame, props, keys)}
    ${mayManage && making(frame, props)}
    ${mayManage && trying(props)}`,
  });
}

function list(
  { now }: Frame,
  { app, client, mayManage }: AppApiKeysProps,
  keys: TokenShown[],
): Html {
  return html`<section class="panel${keys.length > 0 && ' flush'}" aria-labelledby="keys">
    <h2 id="keys">API keys</h2>
    <p class="sub">A key sees and changes the tokens that the keys of this client made, and nothing else.</p>
    ${
      keys.length > 0
        ? table({
            caption: 'API keys of this client',
            columns: [
              { label: 'Name' },
              { label: 'May do' },
              { label: 'Made', keep: true },
              { label: 'Ends', keep: true },
              { label: 'Last used', keep: true },
            ],
            rows: keys.map((key) => [
              html`<div class="named"><span class="kind">${keyIcon}</span><div>${
                mayManage
                  ? html`<a href="${apiKeyPath(app, client, key)}"><bdi>${key.name}</bdi></a>`
                  : html`<bdi>${key.name}</bdi>`
              } ${tokenBadge(key, now)}
                <span class="id">…${key.hint ?? ''}</span></div></div>`,
              mayDo(key),
              html`${briefly(key.createdAt, dayInWords(key.createdAt))}${key.createdBy && html` by ${creatorName(key.createdBy)}`}`,
              ends(key, now),
              key.lastUsedAt ? briefly(key.lastUsedAt, fromNow(key.lastUsedAt, now)) : 'Not yet',
            ]),
          })
        : html`<p>It has none yet.</p>`
    }
  </section>`;
}

function making(frame: Frame, props: AppApiKeysProps): Html {
  const { app, client, idempotencyKey, ttls, values } = props;
  const problemOf = (name: TokenField) => (props.field === name ? props.problem : undefined);
  return html`<section class="panel" aria-labelledby="make">
    <h2 id="make">Make an API key</h2>
    ${postForm(
      frame,
      apiKeysPath(app, client),
      html`${onceField(idempotencyKey)}
      ${field({
        name: 'name',
        label: 'Name',
        value: values['name'],
        hint: 'Which program has it, so that you know it again: “Billing”.',
        problem: problemOf('name'),
      })}
      ${choiceCards({
        name: 'may',
        legend: 'What it may do',
        value: values['may'],
        problem: problemOf('scope'),
        wide: true,
        cards: [
          {
            value: 'write',
            label: 'Make tokens',
            description: 'It makes, sees, changes and ends tokens.',
          },
          {
            value: 'read',
            label: 'See tokens',
            description: 'It looks tokens up, and checks whether one is active.',
          },
        ],
      })}
      ${expiryChoice({
        legend: 'It ends',
        choices: ttls,
        longest: null,
        values,
        now: frame.now,
        problem: problemOf('expiry'),
      })}
      <button type="submit">Make the key</button>`,
      'wide',
    )}
  </section>`;
}

function trying({ keys, snippets }: AppApiKeysProps): Html | '' {
  const key = keys?.find((key) => key.status === 'active' && makesTokens(key));
  if (!key || !snippets) return '';
  return html`<section class="panel" aria-labelledby="use">
    <h2 id="use">Use a key</h2>
    <p class="sub">A key was shown once, when it was made. The API has more: <a href="/docs">all of it, with examples</a>.</p>
    ${apiKeySteps(key, snippets)}
  </section>`;
}
