import { html } from 'hono/html';
import {
  type AppShown,
  appPage,
  appPath,
  type ClientShown,
  clientName,
  clientPath,
  kindIcons,
  kindNames,
} from '../components/app.ts';
import { disabledBadge } from '../components/badge.ts';
import { type EventShown, latestEvents } from '../components/event.ts';
import { keyIcon } from '../components/icons.ts';
import { warning } from '../components/notice.ts';
import { count } from '../components/number.ts';
import { table } from '../components/table.ts';
import { sum, type UsageShown, usageChart } from '../components/usage.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppHomeProps {
  app: AppShown;
  clients: ClientShown[];
  usage: UsageShown;
  /** The latest few, newest first. */
  events: EventShown[];
}

/** The clients of an app, the tokens that they got, and the latest events. */
export function appHome(frame: Frame, { app, clients, usage, events }: AppHomeProps): Html {
  const mayAdd = app.manages !== 'nothing';
  const add = html`<a class="button" href="${appPath(app, '/clients/new')}">Add a client</a>`;
  return appPage(frame, {
    app,
    current: 'overview',
    title: 'Overview',
    actions: mayAdd && clients.length > 0 ? add : undefined,
    body: html`${
      app.disabledAt &&
      warning(
        html`<p><strong>This app is disabled.</strong> Its tokens are revoked, and its clients get no new ones${app.manages === 'app' && app.disabledBy === 'member' ? html` until you <a href="${appPath(app, '/settings')}">enable it</a>` : ''}.</p>`,
      )
    }
    ${
      clients.length > 0
        ? html`<section class="panel flush" aria-labelledby="clients"><h2 id="clients">Clients</h2>${list(app, clients, usage)}</section>`
        : html`<section class="panel empty" aria-labelledby="clients">
            <div class="glyph">${keyIcon}</div>
            <h2 id="clients">No clients</h2>
            <p>A client is one program of yours that gets tokens: a server, a website, an app on a phone or a device.${!mayAdd && ' A Developer or an Owner can add one.'}</p>
            ${mayAdd && add}
          </section>`
    }
    ${usageChart(usage)}
    <section class="panel" aria-labelledby="latest">
      <div class="panel-head"><h2 id="latest">Latest activity</h2>${events.length > 0 && html`<a href="${appPath(app, '/activity')}">All activity</a>`}</div>
      ${events.length > 0 ? latestEvents(events, frame.now) : html`<p class="sub">No activity yet.</p>`}
    </section>`,
  });
}

function list(app: AppShown, clients: ClientShown[], usage: UsageShown): Html {
  const issued = new Map(
    usage.clients.map(({ clientId, accessTokens }) => [clientId, sum(accessTokens)]),
  );
  return table({
    caption: 'Clients of this app',
    columns: [
      { label: 'Client' },
      { label: 'Kind', keep: true },
      { label: 'Role' },
      { label: `Tokens, ${usage.days.length} days`, number: true },
    ],
    rows: clients.map((client) => {
      const name = clientName(app, client);
      return [
        html`<div class="named"><span class="kind">${kindIcons[client.kind]}</span><div><a href="${clientPath(app, client)}"><bdi>${name}</bdi></a>${client.disabledAt && html` ${disabledBadge}`}
        ${name !== client.clientId && html`<span class="id"><bdi>${client.clientId}</bdi></span>`}</div></div>`,
        kindNames[client.kind],
        html`<bdi>${client.role}</bdi>`,
        count(issued.get(client.clientId) ?? 0),
      ];
    }),
  });
}
