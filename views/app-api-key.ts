import { html } from 'hono/html';
import { apiKeyPath, apiKeysPath, mayDo } from './parts/api-key.ts';
import { type AppShown, appPage, type ClientShown, clientPath } from './parts/app.ts';
import { dangerous, dangerPanel } from './parts/danger.ts';
import { expiryChoice } from './parts/expiry-choice.ts';
import { facts } from './parts/facts.ts';
import { field } from './parts/field.ts';
import { onceField, postForm } from './parts/form.ts';
import type { Frame, Html } from './parts/frame.ts';
import { endingOf, lifeAsBefore, overlapChoice } from './parts/replacing.ts';
import { dayInWords, momentFromNow } from './parts/time.ts';
import { type TokenField, type TokenShown, tokenBadge, tokenHint } from './parts/token.ts';

export interface AppApiKeyProps {
  app: AppShown;
  client: ClientShown;
  key: TokenShown;
  /** Whoever looks may change it: their own role covers that of the client. */
  mayManage: boolean;
  /** Seconds that are offered for its life. */
  ttls: readonly number[];
  /** Seconds that are offered for the old value to go on. */
  overlaps: readonly number[];
  /** Makes the form that gives it a new value do its work once. */
  once: string;
  /** What was filled in in one of the forms. */
  values?: Record<string, string | undefined> | undefined;
  /** Which of the forms. */
  form?: 'settings' | 'regenerate' | undefined;
  problem?: string | undefined;
  field?: TokenField | undefined;
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
        ['Made', momentFromNow(key.createdAt, frame.now)],
        ...(works
          ? [
              ['Ends', key.expiresAt ? momentFromNow(key.expiresAt, frame.now) : 'Never'] as [
                string,
                Html | string,
              ],
            ]
          : []),
        ['Last used', key.lastUsedAt ? momentFromNow(key.lastUsedAt, frame.now) : 'Not yet'],
      ])}
    </section>
    ${works && mayManage && !key.replacedBy && html`${settings(frame, props)}${regenerate(frame, props)}`}
    ${works && mayManage && ending(frame, props)}`,
  });
}

/** What was filled in in one of the forms, and what was wrong with it there. */
function filled({ values, form, problem, field }: AppApiKeyProps, name: AppApiKeyProps['form']) {
  const isThis = form === name;
  return {
    values: isThis ? values : undefined,
    problemOf: (of: TokenField) => (isThis && field === of ? problem : undefined),
  };
}

function settings(frame: Frame, props: AppApiKeyProps): Html {
  const { app, client, key, ttls } = props;
  const { values, problemOf } = filled(props, 'settings');
  return html`<section class="panel" aria-labelledby="settings">
    <h2 id="settings">Change it</h2>
    ${postForm(
      frame,
      apiKeyPath(app, client, key, '/settings'),
      html`${field({
        name: 'name',
        label: 'Name',
        value: values ? (values['name'] ?? '') : key.name,
        problem: problemOf('name'),
        maxLength: 100,
      })}
      ${expiryChoice({
        legend: 'It ends',
        choices: ttls,
        longest: null,
        keep: key.expiresAt ? `As it is: ${dayInWords(key.expiresAt)}` : 'As it is: never',
        isNever: key.expiresAt === null,
        values: values ?? { expiry: 'keep' },
        now: frame.now,
        problem: problemOf('expiry'),
      })}
      <button type="submit">Save</button>`,
      'roomy',
    )}
  </section>`;
}

function regenerate(frame: Frame, props: AppApiKeyProps): Html {
  const { app, client, key, ttls, overlaps, once } = props;
  const { values = { overlap: String(overlaps[0]), expiry: 'keep' }, problemOf } = filled(
    props,
    'regenerate',
  );
  return html`<section class="panel" aria-labelledby="regenerate">
    <h2 id="regenerate">Give it a new value</h2>
    <p class="sub">Do this once in a while, and at once where somebody else may have seen it. The tokens that it made stay; your program needs the new value.</p>
    ${postForm(
      frame,
      apiKeyPath(app, client, key, '/regenerate'),
      html`${onceField(once)}
      ${overlapChoice({ overlaps, value: values['overlap'], problem: problemOf('overlap') })}
      ${expiryChoice({
        id: 'new-expiry',
        legend: 'The new value ends',
        choices: ttls,
        longest: null,
        keep: lifeAsBefore(key, null),
        isNever: key.expiresAt === null,
        values,
        now: frame.now,
        problem: problemOf('expiry'),
      })}
      <button type="submit" class="plain">Make a new value</button>`,
      'roomy',
    )}
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
