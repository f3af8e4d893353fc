import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { globeServerIcon } from '../components/icons.ts';
import { warning } from '../components/notice.ts';
import { count } from '../components/number.ts';
import { ago, fromNow, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';

/** A stream of Shared Signals, as operators see it. */
export interface StreamShown {
  id: string;
  /** The `client_id` of the receiver. */
  client: string;
  /** Null: the receiver polls. */
  endpointUrl: string | null;
  /** Event types; null: all. */
  eventsRequested: string[] | null;
  description: string | null;
  status: 'enabled' | 'paused' | 'disabled';
  reason: string | null;
  waiting: number;
  waitingSince: Date | null;
  failingSince: Date | null;
  nextAttemptAt: Date;
  createdAt: Date;
}

const home = '/admin/signal-streams';

/** The page of a stream, or a path below it. */
export const signalStreamPath = (id: string, rest = ''): string =>
  `${home}/${encodeURIComponent(id)}${rest}`;

const stateBadge = ({ status, failingSince }: StreamShown): Html | false => {
  if (status === 'disabled') return badge('Disabled', 'bad');
  if (status === 'paused') return badge('Paused', 'neutral');
  return failingSince !== null && badge('Failing', 'bad');
};

const delivery = ({ endpointUrl }: StreamShown): Html | string =>
  endpointUrl === null ? 'The receiver polls' : html`Pushed to <bdi>${endpointUrl}</bdi>`;

const waits = ({ waiting }: StreamShown): string =>
  waiting === 0
    ? 'no event waits'
    : waiting === 1
      ? 'one event waits'
      : `${count(waiting)} events wait`;

/** The streams of all receivers. */
export function signalStreams(frame: Frame, { streams }: { streams: StreamShown[] }): Html {
  return adminPage(frame, {
    section: 'signal-streams',
    title: 'Signal streams',
    lead: 'Resource servers get security events by these streams of Shared Signals, such as that a token is revoked.',
    body:
      streams.length === 0
        ? html`<section class="panel empty" aria-labelledby="none">
            <div class="glyph">${globeServerIcon}</div>
            <h2 id="none">There is no stream yet</h2>
            <p>The client that is the resource server of an API creates streams for itself, at <code>/api/v1/signals/stream</code>.</p>
          </section>`
        : html`<section class="panel" aria-label="Signal streams"><ul class="rows">${streams.map(
            (
              stream,
            ) => html`<li><div class="row-head"><div class="glyph">${globeServerIcon}</div><div class="row-name">
              <h2><a href="${signalStreamPath(stream.id)}"><bdi>${stream.description || stream.client}</bdi></a> ${stateBadge(stream)}</h2>
              <p class="sub">To <bdi>${stream.client}</bdi> · ${delivery(stream)} · ${waits(stream)}</p>
            </div></div></li>`,
          )}</ul></section>`,
  });
}

/** What is wrong with a stream, and what to do. */
function trouble(frame: Frame, stream: StreamShown): Html | '' {
  const { status, failingSince, reason } = stream;
  const why = reason && html` <bdi>${reason}</bdi>`;
  if (status === 'disabled')
    return warning(
      html`<p><strong>The stream is disabled.</strong>${why}</p><p>It gets no events, and what waited was dropped. Its receiver enables it again, and introspects the tokens that it knows.</p>`,
    );
  if (status === 'paused')
    return warning(
      html`<p><strong>The stream is paused.</strong>${why}</p><p>Events are kept until its receiver resumes it.</p>`,
    );
  if (failingSince === null) return '';
  return warning(
    html`<p><strong>Its pushes fail.</strong> The first failure was ${fromNow(failingSince, frame.now)}. The next attempt is ${fromNow(stream.nextAttemptAt, frame.now)}.</p>
    <p>Check whether its endpoint answers; the log of the server has the error. Events wait meanwhile. After three days of failures the stream is disabled.</p>`,
  );
}

/** One stream, how its delivery goes, and its end. */
export function signalStream(
  frame: Frame,
  { stream, problem }: { stream: StreamShown; problem?: string | undefined },
): Html {
  const events = stream.eventsRequested;
  return adminPage(frame, {
    section: 'signal-streams',
    trail: [],
    title: stream.description || stream.client,
    heading: html`<bdi>${stream.description || stream.client}</bdi> ${stateBadge(stream)}`,
    problem,
    body: html`${trouble(frame, stream)}
    <section class="panel" aria-labelledby="delivery"><h2 id="delivery">Delivery</h2>
      ${facts([
        [
          'Receiver',
          html`<a href="/admin/clients/${encodeURIComponent(stream.client)}"><bdi>${stream.client}</bdi></a>`,
        ],
        ['Delivery', delivery(stream)],
        [
          'Waiting',
          stream.waitingSince === null
            ? 'No event'
            : html`${count(stream.waiting)} ${stream.waiting === 1 ? 'event' : 'events'}, the oldest from ${ago(stream.waitingSince, frame.now)}`,
        ],
        [
          'Events',
          events === null
            ? 'All'
            : events.length === 0
              ? 'None'
              : html`<span class="stack">${events.map((type) => html`<span><bdi>${type}</bdi></span>`)}</span>`,
        ],
        ['ID', html`<code><bdi>${stream.id}</bdi></code>`],
        ['Created', momentFromNow(stream.createdAt, frame.now)],
      ])}
      <p class="sub">Only the receiver changes, pauses and resumes its stream.${can(frame, 'audit:read') && html` Events that it refused are <a href="/admin/audit?about=${encodeURIComponent(stream.id)}">in the audit</a>.`}</p>
    </section>
    ${
      can(frame, 'clients:write') &&
      dangerPanel(
        'endings',
        'Delete',
        dangerous(
          'Delete the stream…',
          html`<p>The receiver gets no further event${stream.waiting > 0 && `, and ${stream.waiting === 1 ? 'the one that waits is' : `the ${count(stream.waiting)} that wait are`} dropped`}. Until it has another stream, it learns of revoked tokens only by introspection. It can create one, as long as it is a resource server.</p>
          ${postForm(frame, signalStreamPath(stream.id, '/delete'), html`<button type="submit" class="danger">Delete the stream</button>`)}`,
        ),
      )
    }`,
  });
}
