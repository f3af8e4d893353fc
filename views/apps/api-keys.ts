import { html } from 'hono/html';
import {
  type ApiKeySnippets,
  apiKeyPath,
  apiKeySteps,
  apiKeysPath,
  createsTokens,
  keyAccess,
} from '../components/api-key.ts';
import { type AppShown, type ClientShown, clientPage } from '../components/app.ts';
import { choiceCards } from '../components/controls.ts';
import { creatorName } from '../components/creator.ts';
import { expiryChoice } from '../components/expiry-choice.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
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
  /** Whether the viewer can create, change and revoke keys: their role covers the role of the client. */
  mayManage: boolean;
  /** Newest first; undefined if the viewer cannot see them. */
  keys: TokenShown[] | undefined;
  /** Undefined if no API is open to apps, so there are no tokens to create. */
  snippets: ApiKeySnippets | undefined;
  /** Makes the form take effect once. */
  idempotencyKey: string;
  /** Lifetimes to choose from, in seconds. */
  ttls: readonly number[];
  /** `name`, `may`, `expiry`, `expiry_date`. */
  values: Record<string, string | undefined>;
  problems?: Problems<TokenField> | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
}

/** The API keys of a client, and the form that creates one. */
export function appApiKeys(frame: Frame, props: AppApiKeysProps): Html {
  const { app, client, keys, mayManage } = props;
  return clientPage(frame, {
    app,
    client,
    current: 'api-keys',
    problem: props.problem,
    problems: props.problems,
    body: html`<p class="lead">With an API key, your backend creates tokens for its own users, devices and tenants.</p>
    ${
      !mayManage &&
      information(
        html`<p>${keys ? html`You can look at these keys, but not change them: the role of the client, <bdi>${client.role}</bdi>, allows more than yours.` : 'You cannot see the keys: your role does not manage the clients of this app.'}</p>`,
      )
    }
    ${keys && list(frame, props, keys)}
    ${mayManage && creation(frame, props)}
    ${mayManage && usage(props)}`,
  });
}

function list(
  { now }: Frame,
  { app, client, mayManage }: AppApiKeysProps,
  keys: TokenShown[],
): Html {
  return html`<section class="panel${keys.length > 0 && ' flush'}" aria-labelledby="keys">
    <h2 id="keys">API keys</h2>
    <p class="sub">A key can use only the tokens that keys of this client created.</p>
    ${
      keys.length > 0
        ? table({
            caption: 'API keys of this client',
            columns: [
              { label: 'Name' },
              { label: 'Access' },
              { label: 'Created', keep: true },
              { label: 'Expires', keep: true },
              { label: 'Last used', keep: true },
              ...(mayManage ? [{ label: 'Action', hidden: true }] : []),
            ],
            rows: keys.map((key) => [
              html`<div class="named"><span class="kind">${keyIcon}</span><div>${
                mayManage
                  ? html`<a href="${apiKeyPath(app, client, key)}"><bdi>${key.name}</bdi></a>`
                  : html`<bdi>${key.name}</bdi>`
              } ${tokenBadge(key, now)}
                <span class="id">…${key.hint ?? ''}</span></div></div>`,
              keyAccess(key),
              html`${briefly(key.createdAt, dayInWords(key.createdAt))}${key.createdBy && html` by ${creatorName(key.createdBy)}`}`,
              ends(key, now),
              key.lastUsedAt ? briefly(key.lastUsedAt, fromNow(key.lastUsedAt, now)) : 'Never',
              ...(mayManage
                ? [
                    key.status === 'active'
                      ? html`<a class="edit warn" href="${apiKeyPath(app, client, key, '/revoke')}">Revoke<span class="visually-hidden"> <bdi>${key.name}</bdi></span></a>`
                      : '',
                  ]
                : []),
            ]),
          })
        : html`<p>There are no keys yet.</p>`
    }
  </section>`;
}

function creation(frame: Frame, props: AppApiKeysProps): Html {
  const { app, client, idempotencyKey, ttls, values, problems, keys } = props;
  const of = fieldsOf<TokenField>({
    order: ['name', 'scope', 'expiry'],
    values: { name: values['name'], scope: values['may'] },
    problems,
    focusFirst: keys?.length === 0,
  });
  return html`<section class="panel" aria-labelledby="create">
    <h2 id="create">Create an API key</h2>
    ${postForm(
      frame,
      apiKeysPath(app, client),
      html`${onceField(idempotencyKey)}
      ${field({ ...of('name'), label: 'Name', hint: 'What uses it, such as “Billing service”.' })}
      ${choiceCards({
        ...of('scope'),
        name: 'may',
        legend: 'Access',
        wide: true,
        cards: [
          {
            value: 'write',
            label: 'Create tokens',
            description: 'It creates, reads, changes and revokes tokens.',
          },
          {
            value: 'read',
            label: 'Read tokens',
            description: 'It looks tokens up, and checks whether one is active.',
          },
        ],
      })}
      ${expiryChoice({
        ...of('expiry'),
        choices: ttls,
        longest: null,
        values,
        now: frame.now,
      })}
      <button type="submit">Create the key</button>`,
      { noValidate: true },
    )}
  </section>`;
}

function usage({ keys, snippets }: AppApiKeysProps): Html | '' {
  const working = keys?.filter(({ status, replacedBy }) => status === 'active' && !replacedBy);
  const key = working?.find(createsTokens) ?? working?.[0];
  if (!key || !snippets) return '';
  return html`<section class="panel" aria-labelledby="use">
    <h2 id="use">Use a key</h2>
    <p class="sub">The value of a key was shown once, when it was created. <a href="/docs">The API reference</a> has every operation.</p>
    ${apiKeySteps(key, snippets)}
  </section>`;
}
