import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { checkIcon, warningIcon } from '../components/icons.ts';
import { count } from '../components/number.ts';
import { sentenceCase } from '../components/sentence-case.ts';
import { ago, fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { mainRefusal, type RefusalShown, refusalLine } from './refusals.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';
import { signalStreamPath } from './signal-streams.ts';

/** The result of a check of `writ doctor`. */
export interface CheckShown {
  name: string;
  status: 'ok' | 'warning' | 'failed';
  message: string;
  /** What to do about it. */
  remedy?: string | undefined;
}

export interface CountsShown {
  last_hour: number;
  last_day: number;
  last_month: number;
  /** In each of the last 24 hours, oldest first. */
  by_hour: number[];
}

export interface HomeProps {
  /** `hidden` from people who may not see it; `running` while the checks wait for something. */
  health: CheckShown[] | 'hidden' | 'running';
  /** When the checks began. */
  checkedAt?: Date | undefined;
  /** Undefined for people who may not see them. */
  figures: Record<'tokens' | 'introspections' | 'signIns' | 'refusals', CountsShown> | undefined;
  /** The clients that were refused most in the last hour. */
  refusedClients: { clientId: string; count: number; last: RefusalShown[] }[];
  /** The rate limits that refused calls in the last day. */
  limits: {
    name: string;
    count: number;
    /** Whether it counts failed attempts rather than calls. */
    countsFailures: boolean;
  }[];
  /** Secrets that expire soon. */
  secrets: { clientId: string; expiresAt: Date }[];
  /** Clients that could not be told that people signed out. */
  logouts: { clientId: string; count: number }[];
  /** Streams of Shared Signals whose pushes fail. */
  streams: { id: string; clientId: string; failingSince: Date }[];
  /** Leaked tokens and secrets of the last week. */
  leaked: number;
}

/** Fewer refusals of a client in an hour are everyday. */
const manyRefusals = 20;

/** Whether all is well, what needs attention, and how much happens. */
export const adminHome = (frame: Frame, props: HomeProps): Html =>
  adminPage(frame, {
    section: 'home',
    title: 'Home',
    lead: 'The state of this installation, and what needs attention.',
    body: html`${healthPanel(frame, props)}${attention(frame, props)}${
      props.figures && figuresPanel(props.figures)
    }`,
  });

function healthPanel(frame: Frame, { health, checkedAt }: HomeProps): Html | '' {
  if (health === 'hidden') return '';
  if (health === 'running')
    return html`<section class="panel" aria-labelledby="health">
      <h2 id="health" class="state">${warningIcon}The checks take long</h2>
      <p class="sub">Something does not answer: the database, Redis, the mail server or another provider. <a href="/admin">Load the page again</a> to see which.</p>
    </section>`;
  const problems = health
    .filter(({ status }) => status !== 'ok')
    .sort((a, b) => Number(b.status === 'failed') - Number(a.status === 'failed'));
  const failed = problems.filter(({ status }) => status === 'failed').length;
  const warnings = problems.length - failed;
  const numbers = [
    failed > 0 && `${failed} failed ${failed === 1 ? 'check' : 'checks'}`,
    warnings > 0 && `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
  ].filter(Boolean);
  const title =
    problems.length === 0 ? 'All checks passed' : `Running, with ${numbers.join(' and ')}`;
  return html`<section class="panel" aria-labelledby="health">
    <h2 id="health" class="state">${problems.length > 0 ? warningIcon : checkIcon}${title}</h2>
    ${
      problems.length > 0 &&
      html`<ul class="plain-list findings">${problems.map(
        ({ name, status, message, remedy }) =>
          html`<li><p><strong>${sentenceCase(name)}</strong> ${statusBadge(status)}</p>
            <p>${message}</p>${remedy && html`<p class="remedy">${remedy}</p>`}</li>`,
      )}</ul>`
    }
    <details><summary>All ${health.length} checks</summary><ul class="plain-list findings">${health.map(
      ({ name, status, message }) =>
        html`<li><p><strong>${sentenceCase(name)}</strong> ${statusBadge(status)}</p><p>${message}</p></li>`,
    )}</ul></details>
    ${checkedAt && html`<p class="sub">Checked ${ago(checkedAt, frame.now)} by the server that shows this page. <a href="/admin">Check again</a></p>`}
  </section>`;
}

const statusBadge = (status: CheckShown['status']): Html => {
  if (status === 'failed') return badge('Failed', 'bad');
  return status === 'warning' ? badge('Warning', 'care') : badge('OK', 'neutral');
};

const clientLink = (frame: Frame, clientId: string): Html =>
  can(frame, 'clients:read')
    ? html`<a href="/admin/clients/${encodeURIComponent(clientId)}"><bdi>${clientId}</bdi></a>`
    : html`<bdi>${clientId}</bdi>`;

/** What to do about a client that is refused. */
const remedyOf = (why: RefusalShown | undefined): string =>
  why === undefined || why.error === 'invalid_client'
    ? 'It may use a wrong or expired secret in a loop. Look at its secrets, and give its operator a new one.'
    : 'Ask its operator to look at the requests of the program.';

function attention(frame: Frame, props: HomeProps): Html | '' {
  const { refusedClients, limits, secrets, logouts, streams, leaked } = props;
  const times = (number: number) => (number === 1 ? 'once' : `${count(number)} times`);
  const list = [
    ...refusedClients
      .filter((client) => client.count >= manyRefusals)
      .map((client) => {
        const why = mainRefusal(client.last);
        return html`<p>The client ${clientLink(frame, client.clientId)} was refused ${times(client.count)} in the last hour.</p>
          ${why && refusalLine(why, frame.now)}
          <p class="remedy">${remedyOf(why)}</p>`;
      }),
    ...(leaked > 0
      ? [
          html`<p>${leaked === 1 ? 'A token or secret' : `${count(leaked)} tokens or secrets`} leaked in the last week, and ${leaked === 1 ? 'was' : 'were'} revoked.</p>
          <p class="remedy"><a href="/admin/audit?action=token.leaked">See the tokens</a> and <a href="/admin/audit?action=client_secret.leaked">the secrets</a> in the audit. Their owners need new ones.</p>`,
        ]
      : []),
    ...logouts.map(
      (client) =>
        html`<p>${client.count === 1 ? 'A sign-out' : `${count(client.count)} sign-outs`} could not be reported yet to the client ${clientLink(frame, client.clientId)}.</p>
        <p class="remedy">Check its back-channel logout URI, and whether it answers. Each notice is repeated for a day.</p>`,
    ),
    ...streams.map(
      (stream) =>
        html`<p><a href="${signalStreamPath(stream.id)}">A stream of security events</a> to the client ${clientLink(frame, stream.clientId)} fails. The first failure was ${fromNow(stream.failingSince, frame.now)}.</p>
        <p class="remedy">Check whether its endpoint answers. Events wait meanwhile; after three days the stream is disabled.</p>`,
    ),
    ...secrets.map(
      ({ clientId, expiresAt }) =>
        html`<p>A secret of the client ${clientLink(frame, clientId)} expires ${fromNow(expiresAt, frame.now)}.</p>
        <p class="remedy">Create another secret, and replace it in the program before this one expires.</p>`,
    ),
    ...limits.map(
      (limit) =>
        html`<p>The limit <a href="/admin/limits">${limit.name}</a> refused calls ${times(limit.count)} in the last day.</p>
        <p class="remedy">${
          limit.countsFailures
            ? 'It slows down callers who present wrong credentials. Find out who they are before you raise it: a client that is refused is listed here and on its page.'
            : html`If the callers are yours, raise it with <code>LIMITS</code>. If not, it is doing its job.`
        }</p>`,
    ),
  ];
  // Nothing more is said below checks that say enough.
  if (list.length === 0) return '';
  return html`<section class="panel" aria-labelledby="attention"><h2 id="attention">Needs attention</h2>
    <ul class="plain-list findings">${list.map((one) => html`<li>${one}</li>`)}</ul></section>`;
}

const figuresPanel = (figures: NonNullable<HomeProps['figures']>): Html =>
  html`<section aria-labelledby="figures" class="figures-section">
    <h2 id="figures">The last 24 hours</h2>
    <div class="figures">
      ${figure('Tokens', 'Tokens that were issued, of all kinds', figures.tokens)}
      ${figure('Introspections', 'Tokens that APIs asked about', figures.introspections)}
      ${figure('Sign-ins', 'People who signed in here', figures.signIns)}
      ${figure('Refusals', 'Requests that were refused: wrong credentials, wrong requests, limits', figures.refusals)}
    </div>
    <p class="sub">All servers together, updated once a minute.</p>
  </section>`;

const WIDTH = 20;
const HEIGHT = 100;

function figure(title: string, meaning: string, counts: CountsShown): Html {
  const { by_hour: hours } = counts;
  const most = Math.max(1, ...hours);
  const id = title.toLowerCase();
  return html`<section class="panel figure" aria-labelledby="figure-${id}">
    <h3 id="figure-${id}">${title}</h3><p class="sub">${meaning}</p>
    <figure class="chart" role="img" aria-label="${title} by hour: ${count(counts.last_day)} in 24 hours, at most ${count(Math.max(...hours))} in one">
      <svg class="bars" viewBox="0 0 ${hours.length * WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">${hours.map(
        (number, index) => {
          if (number === 0) return '';
          const height = Math.max(2, Math.round((number / most) * HEIGHT * 10) / 10);
          return html`<rect x="${index * WIDTH + 3}" y="${HEIGHT - height}" width="${WIDTH - 6}" height="${height}"><title>${index === hours.length - 1 ? 'The last hour' : `${hours.length - 1 - index} to ${hours.length - index} h ago`}: ${count(number)}</title></rect>`;
        },
      )}</svg>
    </figure>
    <dl><div><dt>Hour</dt><dd>${count(counts.last_hour)}</dd></div><div><dt>Day</dt><dd>${count(counts.last_day)}</dd></div><div><dt>30 days</dt><dd>${count(counts.last_month)}</dd></div></dl>
  </section>`;
}
