import { html } from 'hono/html';
import { actionRow } from '../components/action-row.ts';
import {
  type AppShown,
  appPage,
  appPath,
  type ClientShown,
  clientName,
} from '../components/app.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { support } from '../components/support.ts';
import { momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppSettingsProps {
  app: AppShown & { createdAt: Date };
  clients: Pick<ClientShown, 'clientId' | 'displayName'>[];
  /** How many it has. */
  members: number;
  /** Whether programs can register clients of it. */
  clientsRegister: boolean;
  /** The names of its own roles. */
  roles: string[];
  values?: { display_name?: string | undefined } | undefined;
  /** `name` is the field that confirms the deletion. */
  problems?: Problems<'display_name' | 'name'> | undefined;
  /** What is wrong with a form as a whole. */
  problem?: string | undefined;
}

/** The names of an app, and the ways to disable and delete it. */
export function appSettings(frame: Frame, props: AppSettingsProps): Html {
  const { app } = props;
  const isOwner = app.manages === 'app';
  return appPage(frame, {
    app,
    current: 'settings',
    title: 'Settings',
    problem: props.problem,
    problems: props.problems,
    body: html`${!isOwner && html`<p class="lead">Only an Owner can change these settings.</p>`}
    <section class="panel" aria-labelledby="about">
      <h2 id="about">About the app</h2>
      ${isOwner && nameForm(frame, props)}
      ${facts([
        ...(isOwner
          ? []
          : [['Display name', html`<bdi>${app.displayName}</bdi>`] as [string, Html]]),
        [
          'Name',
          html`<code><bdi>${app.name}</bdi></code> <span class="aside">cannot be changed</span>`,
        ],
        ['Created', momentFromNow(app.createdAt, frame.now)],
      ])}
    </section>
    ${
      isOwner &&
      props.clientsRegister &&
      html`<section class="panel actions-panel" aria-label="Registration">${actionRow({
        title: 'Programs that register themselves',
        text: 'With a token that you create, a program registers clients of this app, within limits that you choose.',
        href: appPath(app, '/registration'),
        button: 'Open',
      })}</section>`
    }
    ${isOwner && ends(frame, props)}`,
  });
}

function nameForm(frame: Frame, { app, values, problems }: AppSettingsProps): Html {
  return postForm(
    frame,
    appPath(app, '/settings'),
    html`${field({
      name: 'display_name',
      label: 'Display name',
      value: values?.display_name ?? app.displayName,
      problem: problems?.display_name,
    })}
    <button type="submit">Save</button>`,
    { noValidate: true },
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
        ? html`<p class="sub">An administrator disabled this app, and only an administrator can enable it. Its clients get no tokens. Ask ${support(frame)}.</p>`
        : app.disabledAt
          ? html`<div class="panel-row"><p class="sub">If you enable it, its clients can get tokens again. Their old tokens stay revoked.</p>
          ${postForm(frame, appPath(app, '/enable'), html`<button type="submit" class="plain">Enable ${name}</button>`, 'inline')}</div>`
          : dangerous(
              html`Disable ${name}…`,
              html`<p>All tokens of its clients are revoked now, and they get no new ones until you enable the app. Everything else stays.</p>
            ${postForm(frame, appPath(app, '/disable'), html`<button type="submit" class="danger">Disable ${name}</button>`)}`,
            )
    }
    ${deletion(frame, props)}`,
  );
}

function deletion(
  frame: Frame,
  { app, clients, members, roles, problems }: AppSettingsProps,
): Html {
  const name = html`<bdi>${app.displayName || app.name}</bdi>`;
  return html`<details class="danger"${problems?.name && html` open`}><summary>Delete ${name}…</summary><div class="danger-body">
    <p>This cannot be undone. It deletes:</p>
    <ul class="ending">
      ${clients.map(
        (client) =>
          html`<li>the client <code><bdi>${client.clientId}</bdi></code>${clientName(app, client) !== client.clientId && html` (<bdi>${client.displayName}</bdi>)`}, its tokens and its secrets</li>`,
      )}
      <li>${members === 1 ? 'your membership' : `the memberships of ${members} people`}, and all invitations</li>
      ${roles.length > 0 && html`<li>${roles.length === 1 ? 'the role' : 'the roles'} ${roles.map((role, index) => html`${index > 0 && ', '}<bdi>${role}</bdi>`)}</li>`}
      <li>the name <code><bdi>${app.name}</bdi></code>, which no app can have again</li>
    </ul>
    ${postForm(
      frame,
      appPath(app, '/delete'),
      html`${field({
        name: 'name',
        label: html`Type <code><bdi>${app.name}</bdi></code> to delete it`,
        problem: problems?.name,
        attributes: html`class="mono" autocapitalize="none" spellcheck="false"`,
      })}
      <button type="submit" class="danger">Delete ${name}</button>`,
      { noValidate: true },
    )}
  </div></details>`;
}
