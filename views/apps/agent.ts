import { html } from 'hono/html';
import {
  type AppShown,
  appPath,
  type ClientShown,
  clientName,
  clientPage,
  clientPath,
  type RoleShown,
} from '../components/app.ts';
import { badge } from '../components/badge.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { type EventShown, latestEvents } from '../components/event.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { warning } from '../components/notice.ts';
import { count } from '../components/number.ts';
import { permissionSentences } from '../components/permissions.ts';
import { support } from '../components/support.ts';
import { table } from '../components/table.ts';
import { ago } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import type { AgentSettingsShown } from './client-agent.ts';

/** A person for whom it acts, or did. */
export interface PersonActedFor {
  accountId: string;
  /** Null for people outside the app: the viewer sees their ID. */
  name: string | null;
  since: Date;
  lastUsedAt: Date | null;
  endedAt: Date | null;
}

export interface AppAgentProps {
  app: AppShown;
  client: ClientShown & { tokenExchange: boolean; agent: AgentSettingsShown };
  /** Whether the viewer can stop it: their role covers the role of the agent. */
  mayManage: boolean;
  /** The role that it has. */
  role: RoleShown | undefined;
  state: {
    people: number;
    owner: string | null;
    use: { requests: number; tokens: number };
    isWithinHours: boolean;
  };
  /** One page of them; undefined if the viewer sees only how many they are. */
  people: PersonActedFor[] | undefined;
  /** The cursor of the next people: `?people=`. */
  nextPeople: string | null;
  /** Newest first. */
  events: EventShown[];
  /** The cursor of older events: `?after=`. */
  next: string | null;
  /** The person whom the events are about; undefined for all. */
  person?: { accountId: string; name: string | null } | undefined;
  /** What is wrong with a form as a whole. */
  problem?: string | undefined;
}

/** The page of an agent: what it may do, for whom it acts, what it did, and the way to stop it. */
export function appAgent(frame: Frame, props: AppAgentProps): Html {
  const { app, client } = props;
  return clientPage(frame, {
    app,
    client,
    current: 'agent',
    problem: props.problem,
    body: html`${
      client.disabledAt &&
      warning(
        html`<p><strong>This agent is stopped.</strong> All of its tokens are revoked, and it gets no new ones.</p>`,
      )
    }
    ${about(props)}
    ${limits(props)}
    ${peopleOf(frame, props)}
    ${activity(frame, props)}
    ${props.mayManage && stopping(frame, props)}`,
  });
}

function about({ app, client, state, role }: AppAgentProps): Html {
  const { agent } = client;
  return html`<section class="panel" aria-labelledby="about">
    <h2 id="about">What it is for</h2>
    <p><bdi>${agent.purpose}</bdi></p>
    ${facts([
      [
        'Answers for it',
        state.owner !== null
          ? html`<bdi>${state.owner}</bdi>`
          : html`${badge('No one', 'care')} <span class="aside">The member who answered for it has left this app. Choose another one in <a href="${clientPath(app, client)}">its settings</a>.</span>`,
      ],
      ['Role', html`<bdi>${client.role}</bdi>`],
      ...(role
        ? [
            [
              'Allows',
              html`<span class="stack">${permissionSentences(role.permissions).map((sentence) => html`<span>${sentence}</span>`)}${role.permissions.length === 0 && html`<span>Nothing in the APIs</span>`}</span>`,
            ] as [string, Html],
          ]
        : []),
      [
        'For people',
        client.tokenExchange
          ? 'It can exchange tokens of people that other clients of this app were given'
          : html`It can act only for itself. An Owner of the app can let it exchange tokens, in <a href="${clientPath(app, client)}">its settings</a>.`,
      ],
    ])}
  </section>`;
}

const ofLimit = (used: number, limit: number | undefined): string =>
  limit === undefined ? 'No limit' : `${count(used)} of ${count(limit)} in this hour`;

function limits({ client: { agent }, state }: AppAgentProps): Html {
  const { hours } = agent;
  return html`<section class="panel" aria-labelledby="limits">
    <h2 id="limits">Limits and use</h2>
    ${facts([
      ['Token requests', ofLimit(state.use.requests, agent.requests_per_hour)],
      ['Access tokens', ofLimit(state.use.tokens, agent.tokens_per_hour)],
      [
        'Hours',
        hours
          ? html`<span>${hours.from} to ${hours.to}, <bdi>${hours.time_zone}</bdi></span>${!state.isWithinHours && html` ${badge('Not now', 'care')}`}`
          : 'All day',
      ],
    ])}
  </section>`;
}

const numberOfPeople = (people: number): string =>
  people === 0 ? 'no one' : people === 1 ? 'one person' : `${count(people)} people`;

const nameOf = ({ name, accountId }: Pick<PersonActedFor, 'name' | 'accountId'>): Html =>
  name === null ? html`<code><bdi>${accountId}</bdi></code>` : html`<bdi>${name}</bdi>`;

function peopleOf(frame: Frame, props: AppAgentProps): Html {
  const { app, client, state, people, nextPeople, mayManage } = props;
  return html`<section class="panel${people && people.length > 0 && ' flush'}" aria-labelledby="people">
    <h2 id="people">Acts for ${numberOfPeople(state.people)}</h2>
    ${people === undefined && state.people > 0 && html`<p class="sub">Only Owners of the app see for whom.</p>`}
    ${state.people === 0 && html`<p class="sub">People appear here once it has got a token for them.</p>`}
    ${
      people &&
      people.length > 0 &&
      table({
        caption: 'People for whom this agent acts',
        columns: [
          { label: 'Person' },
          { label: 'Since', keep: true },
          { label: 'Last used', keep: true },
          { label: 'Action', hidden: true },
        ],
        rows: people.map((one) => [
          html`${nameOf(one)}${one.endedAt && html` ${badge('Ended', 'neutral')}`}`,
          ago(one.since, frame.now),
          one.lastUsedAt ? ago(one.lastUsedAt, frame.now) : 'Not yet',
          html`<a class="edit" href="${clientPath(app, client, `/agent?person=${encodeURIComponent(one.accountId)}`)}">Activity<span class="visually-hidden"> for ${nameOf(one)}</span></a>${
            mayManage &&
            !one.endedAt &&
            dangerous(
              html`End<span class="visually-hidden"> for ${nameOf(one)}</span>…`,
              html`<p>Its tokens for this person end now, and it can act for them again only if they allow it.</p>
            ${postForm(
              frame,
              clientPath(app, client, '/agent/end'),
              html`<input type="hidden" name="account_id" value="${one.accountId}"><button type="submit" class="danger">End it</button>`,
            )}`,
            )
          }`,
        ]),
      })
    }
  </section>
  ${nextPeople && html`<nav class="pager" aria-label="More people"><a class="button plain" href="${clientPath(app, client, `/agent?people=${encodeURIComponent(nextPeople)}`)}">More people</a></nav>`}`;
}

function activity({ now }: Frame, props: AppAgentProps): Html {
  const { app, client, events, next, person } = props;
  const about = person ? `&person=${encodeURIComponent(person.accountId)}` : '';
  return html`<section class="panel" aria-labelledby="activity">
    <h2 id="activity">Activity${person && html` for ${nameOf(person)}`}</h2>
    ${person && html`<p class="sub"><a href="${clientPath(app, client, '/agent')}">All activity</a></p>`}
    ${events.length > 0 ? latestEvents(events, now) : html`<p class="sub">Nothing yet.</p>`}
    <p class="sub">How many tokens it got each day is in <a href="${appPath(app, '/activity')}">the activity of the app</a>.</p>
    ${next && html`<nav class="pager" aria-label="More activity"><a class="button plain" href="${clientPath(app, client, `/agent?after=${encodeURIComponent(next)}${about}`)}">Older</a></nav>`}
  </section>`;
}

function stopping(frame: Frame, { app, client, state }: AppAgentProps): Html {
  const name = html`<bdi>${clientName(app, client)}</bdi>`;
  if (client.disabledBy === 'operator')
    return dangerPanel(
      'stop',
      'Stopped',
      html`<p class="sub">An administrator stopped this agent, and only an administrator can start it again. Ask ${support(frame)}.</p>`,
    );
  if (client.disabledAt)
    return dangerPanel(
      'stop',
      'Start it again',
      html`<div class="panel-row"><p class="sub">It can get tokens again. Those that it had stay revoked.</p>
      ${postForm(frame, clientPath(app, client, '/agent/start'), html`<button type="submit" class="plain">Start ${name}</button>`, 'inline')}</div>`,
    );
  return dangerPanel(
    'stop',
    'Stop this agent',
    dangerous(
      html`Stop ${name}…`,
      html`<p>This ends now, on every server at once:</p>
      <ul class="ending">
        <li>all its access tokens, and its API keys with the tokens that they created</li>
        <li>all tokens that others got by exchanging one of its tokens</li>
        ${state.people > 0 && html`<li>its access for ${numberOfPeople(state.people)}</li>`}
      </ul>
      <p>It gets no new tokens until it is started again. Its settings and its secrets stay.</p>
      ${postForm(frame, clientPath(app, client, '/agent/stop'), html`<button type="submit" class="danger">Stop ${name}</button>`)}`,
    ),
  );
}
