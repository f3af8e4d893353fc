import { html } from 'hono/html';
import { disabledBadge } from '../components/badge.ts';
import { select } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { information } from '../components/notice.ts';
import { table } from '../components/table.ts';
import { ago, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { adminClientPath } from './clients.ts';
import { filterForm, type PagerProps, pager } from './list.ts';
import { personPath } from './people.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';

export interface AdminApp {
  name: string;
  displayName: string;
  members: number;
  clients: number;
  disabledAt: Date | null;
  /** Whether a member disabled it, who can enable it again. */
  byMember: boolean;
  createdAt: Date;
}

export const adminAppPath = (name: string, rest = ''): string =>
  `/admin/apps/${encodeURIComponent(name)}${rest}`;

export interface AppsProps {
  apps: AdminApp[];
  filter: { search?: string | undefined };
  pages: Omit<PagerProps, 'shown'>;
}

/** The apps of everyone. */
export const adminApps = (frame: Frame, { apps, filter, pages }: AppsProps): Html =>
  adminPage(frame, {
    section: 'apps',
    title: 'Apps',
    lead: 'What developers created here: each app has clients, members and roles of its own.',
    body: html`<section class="panel flush" aria-label="Apps">
      <div class="flush-part">${filterForm(
        '/admin/apps',
        field({
          name: 'search',
          label: 'Name',
          value: filter.search,
          optional: true,
          maxLength: 200,
        }),
        { isFiltered: filter.search !== undefined, label: 'Find' },
      )}</div>
      ${
        apps.length === 0
          ? html`<div class="flush-part"><p class="sub">${filter.search ? 'No app fits.' : 'There are none yet. Everyone who can sign in creates apps at /apps, if APPS is on.'}</p></div>`
          : table({
              caption: 'Apps',
              columns: [
                { label: 'App' },
                { label: 'Members', number: true },
                { label: 'Clients', number: true },
                { label: 'Created', keep: true },
              ],
              rows: apps.map((app) => [
                html`<div class="named"><div><a href="${adminAppPath(app.name)}"><bdi>${app.displayName || app.name}</bdi></a> ${app.disabledAt && disabledBadge}<span class="aside block"><bdi>${app.name}</bdi></span></div></div>`,
                String(app.members),
                String(app.clients),
                ago(app.createdAt, frame.now),
              ]),
            })
      }
      <div class="flush-part">${pager({ ...pages, shown: '' })}</div>
    </section>`,
  });

export interface AppProps {
  app: AdminApp;
  members: { accountId: string; name: string; email: string | null; role: string }[];
  clients: { clientId: string; displayName: string; kind: string; disabled: boolean }[];
  problem?: string | undefined;
}

/** One app: its members and clients, another Owner, and its end. */
export function adminApp(frame: Frame, { app, members, clients, problem }: AppProps): Html {
  const writes = can(frame, 'apps:write');
  const person = (member: AppProps['members'][number]): Html =>
    html`${can(frame, 'accounts:read') ? html`<a href="${personPath(member.accountId)}"><bdi>${member.name}</bdi></a>` : html`<bdi>${member.name}</bdi>`}`;
  return adminPage(frame, {
    section: 'apps',
    trail: [],
    title: app.displayName || app.name,
    heading: html`<bdi>${app.displayName || app.name}</bdi> ${app.disabledAt && disabledBadge}`,
    problem,
    body: html`<section class="panel" aria-labelledby="about"><h2 id="about">App</h2>
      ${facts([
        ['Name', html`<code>${app.name}</code>`],
        ['Created', momentFromNow(app.createdAt, frame.now)],
        ...(app.disabledAt
          ? [
              [
                'Disabled',
                html`${momentFromNow(app.disabledAt, frame.now)} ${app.byMember ? 'by a member' : 'by an administrator'}`,
              ] as [string, Html],
            ]
          : []),
      ])}
      ${can(frame, 'audit:read') && html`<p><a href="/admin/audit?about=${encodeURIComponent(app.name)}">Audit log</a></p>`}
      ${information(html`<p>Its members manage it at <code>/apps/${app.name}</code>. Here you do what only an administrator can.</p>`)}</section>
    <section class="panel" aria-labelledby="members"><h2 id="members">Members</h2><ul class="rows">${members.map(
      (member) =>
        html`<li><div class="row-head"><div class="row-name"><h3>${person(member)}</h3><p class="sub">${member.role}${member.email && html` · <bdi>${member.email}</bdi>`}</p></div></div></li>`,
    )}</ul></section>
    <section class="panel" aria-labelledby="clients"><h2 id="clients">Clients</h2>${
      clients.length === 0
        ? html`<p class="sub">It has none.</p>`
        : html`<ul class="rows">${clients.map(
            (client) =>
              html`<li><div class="row-head"><div class="row-name"><h3>${can(frame, 'clients:read') ? html`<a href="${adminClientPath(client.clientId)}"><bdi>${client.displayName || client.clientId}</bdi></a>` : html`<bdi>${client.displayName || client.clientId}</bdi>`} ${client.disabled && disabledBadge}</h3><p class="sub"><bdi>${client.clientId}</bdi> · ${client.kind}</p></div></div></li>`,
          )}</ul>`
    }</section>
    ${
      writes &&
      dangerPanel(
        'end',
        'Transfer, disable or delete',
        html`${
          members.length > 0 &&
          dangerous(
            'Transfer it to another Owner…',
            postForm(
              frame,
              adminAppPath(app.name, '/transfer'),
              html`<p>For an app whose Owner left. The chosen member becomes its Owner, and the longest Owner so far a Developer.</p>${select(
                {
                  name: 'to',
                  label: 'New Owner',
                  choose: 'Choose a member',
                  options: members.map(({ accountId, name, role }) => ({
                    value: accountId,
                    label: `${name} (${role})`,
                  })),
                },
              )}<button type="submit" class="danger">Transfer the app</button>`,
            ),
          )
        }
        ${
          app.disabledAt
            ? dangerous(
                'Enable the app…',
                html`<p>Its clients can get tokens again. Those that they had stay revoked.</p>${postForm(frame, adminAppPath(app.name, '/enable'), html`<button type="submit" class="danger">Enable the app</button>`)}`,
              )
            : dangerous(
                'Disable the app…',
                html`<p>The tokens of all of its clients are revoked now, and they get none until an administrator enables it.</p>${postForm(frame, adminAppPath(app.name, '/disable'), html`<button type="submit" class="danger">Disable the app</button>`)}`,
              )
        }
        ${dangerous(
          'Delete the app…',
          html`<p>Its clients, tokens, members and roles are deleted. Its name can never be used again. You cannot undo this.</p>${postForm(frame, adminAppPath(app.name, '/delete'), html`<button type="submit" class="danger">Delete the app</button>`)}`,
        )}`,
      )
    }`,
  });
}
