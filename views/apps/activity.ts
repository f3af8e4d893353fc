import { html } from 'hono/html';
import { type AppShown, appPage, appPath } from '../components/app.ts';
import { type EventShown, eventsOfDay } from '../components/event.ts';
import { clockIcon } from '../components/icons.ts';
import { dayInWords } from '../components/time.ts';
import { type UsageShown, usageChart } from '../components/usage.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppActivityProps {
  app: AppShown;
  /** Newest first. */
  events: EventShown[];
  /** The cursor of the next page: `?after=`. */
  next: string | null;
  /** Whether this page has the newest events; otherwise it links to them. */
  newest: boolean;
  usage: UsageShown;
}

/** The events of an app. */
export function appActivity(frame: Frame, props: AppActivityProps): Html {
  const { app, events, next, newest, usage } = props;
  const days = Map.groupBy(events, ({ at }) => dayInWords(at));
  return appPage(frame, {
    app,
    current: 'activity',
    title: 'Activity',
    body: html`<p class="lead">Changes to this app, and sign-ins to its clients.</p>
    ${newest && usageChart(usage)}
    ${
      events.length > 0
        ? html`<section class="panel" aria-label="Events">${[...days].map(
            ([day, list]) => html`<div class="day"><h2>${day}</h2>${eventsOfDay(list)}</div>`,
          )}</section>`
        : html`<section class="panel empty" aria-labelledby="none">
            <div class="glyph">${clockIcon}</div>
            <h2 id="none">${newest ? 'No activity yet' : 'No older activity'}</h2>
            <p>Changes to clients, members and roles, and sign-ins of people, appear here.</p>
          </section>`
    }
    ${
      (next || !newest) &&
      html`<nav class="pager" aria-label="More activity">${!newest && html`<a class="button plain" href="${appPath(app, '/activity')}">Newest</a>`}${next && html`<a class="button plain" href="${appPath(app, `/activity?after=${encodeURIComponent(next)}`)}">Older</a>`}</nav>`
    }`,
  });
}
