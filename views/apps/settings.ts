import { html } from 'hono/html';
import { type AppShown, appPage, appPath, type ClientShown } from '../components/app.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppSettingsProps {
  app: AppShown & { createdAt: Date };
  clients: Pick<ClientShown, 'clientId' | 'displayName'>[];
  /** How many. */
  members: number;
  /** The names of its own. */
  roles: string[];
  /** What was filled in before. */
  values?: { display_name?: string | undefined } | undefined;
  problem?: string | undefined;
  /** `name`: what was typed to delete it. */
  field?: 'display_name' | 'name' | undefined;
}

/** What an app is called, and what ends it. */
export function appSettings(frame: Frame, props: AppSettingsProps): Html {
  const { app } = props;
  const isOwner = app.manages === 'app';
  return appPage(frame, {
    app,
    current: 'settings',
    title: 'Settings',
    lead: isOwner ? undefined : 'The Owner can change them.',
    problem: props.field ? undefined : props.problem,
    body: html`<section class="panel" aria-labelledby="about">
      <h2 id="about">About the app</h2>
      ${isOwner && nameForm(frame, props)}
      ${facts([
        ...(isOwner ? [] : [['Called', html`<bdi>${app.displayName}</bdi>`] as [string, Html]]),
        [
          'Name',
          html`<code><bdi>${app.name}</bdi></code> <span class="aside">never changes</span>`,
        ],
        ['Made', momentFromNow(app.createdAt, frame.now)],
      ])}
    </section>
    ${isOwner && ends(frame, props)}`,
  });
}

function nameForm(frame: Frame, { app, values, problem, field: at }: AppSettingsProps): Html {
  return postForm(
    frame,
    appPath(app, '/settings'),
    html`${field({
      name: 'display_name',
      label: 'Display name',
      value: values?.display_name ?? app.displayName,
      problem: at === 'display_name' ? problem : undefined,
    })}
    <button type="submit">Save</button>`,
  );
}

function ends(frame: Frame, props: AppSettingsProps): Html {
  const { app } = props;
  const name = html`<bdi>${app.displayName || app.name}</bdi>`;
  return dangerPanel(
    'ends',
    app.disabledAt ? 'Enable or delete' : 'Disable or delete',
    html`${
      app.disabledBy === 'operator'
        ? html`<p class="sub">Whoever runs ${frame.brand.name} has disabled this app, and alone can enable it. Its clients get no tokens.</p>`
        : app.disabledAt
          ? html`<div class="panel-row"><p class="sub">Once enabled, its clients can get tokens again. Those that ended stay ended.</p>
          ${postForm(frame, appPath(app, '/enable'), html`<button type="submit" class="plain">Enable ${name}</button>`, 'inline')}</div>`
          : dangerous(
              html`Disable ${name}…`,
              html`<p>The tokens of all its clients end at once, and they get no new ones until you enable it. Everything else stays.</p>
            ${postForm(frame, appPath(app, '/disable'), html`<button type="submit" class="danger">Disable ${name}</button>`)}`,
            )
    }
    ${deletion(frame, props)}`,
  );
}

function deletion(
  frame: Frame,
  { app, clients, members, roles, problem, field: at }: AppSettingsProps,
): Html {
  const name = html`<bdi>${app.displayName || app.name}</bdi>`;
  return html`<details class="danger"${at === 'name' && html` open`}><summary>Delete ${name}…</summary><div class="danger-body">
    <p>This cannot be undone. What ends:</p>
    <ul class="ending">
      ${clients.map(
        ({ clientId, displayName }) =>
          html`<li>the client <code><bdi>${clientId}</bdi></code>${displayName && html` (<bdi>${displayName}</bdi>)`}, its tokens and its secrets</li>`,
      )}
      <li>${members === 1 ? 'your membership' : `the memberships of ${members} people`}, and all invitations</li>
      ${roles.length > 0 && html`<li>${roles.length === 1 ? 'the role' : 'the roles'} ${roles.map((role, index) => html`${index > 0 && ', '}<bdi>${role}</bdi>`)}</li>`}
      <li>the name <code><bdi>${app.name}</bdi></code>, which is never given again, not even to you</li>
    </ul>
    ${postForm(
      frame,
      appPath(app, '/delete'),
      html`${field({
        name: 'name',
        label: html`Type <code><bdi>${app.name}</bdi></code> to delete it`,
        problem: at === 'name' ? problem : undefined,
        attributes: html`class="mono" autocapitalize="none" spellcheck="false"`,
      })}
      <button type="submit" class="danger">Delete ${name}</button>`,
    )}
  </div></details>`;
}
