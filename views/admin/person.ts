import { html } from 'hono/html';
import { waysInWords } from '../account/sessions.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { deviceTitle } from '../components/device-name.ts';
import { facts } from '../components/facts.ts';
import type { Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { agentIcon, appIcon, keyIcon, screenIcon } from '../components/icons.ts';
import { caution, warning } from '../components/notice.ts';
import { count } from '../components/number.ts';
import { table } from '../components/table.ts';
import { tabs } from '../components/tabs.ts';
import { ago, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import {
  type PersonShown,
  personPath,
  type RoleChoice,
  roleBoxes,
  roleNames,
  stateBadge,
} from './people.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';
import { tokenKinds } from './tokens.ts';

/** What all pages of a person have. */
interface OfPerson {
  person: PersonShown;
  /** Their own account. */
  isSelf: boolean;
  problem?: string | undefined;
}

function personPage(
  frame: Frame,
  current: 'overview' | 'sign-in' | 'access',
  { person, isSelf, problem, problems }: OfPerson & { problems?: Problems | undefined },
  body: Html,
): Html {
  const { id, name, email } = person;
  const pages = [
    ['overview', 'Overview', ''],
    ['sign-in', 'Sign-in', '/sign-in'],
    ...(can(frame, 'tokens:read') ? [['access', 'Access', '/access'] as const] : []),
  ] as const;
  return adminPage(frame, {
    section: 'people',
    trail: [],
    title: name,
    heading: html`<bdi>${name || 'Person'}</bdi> ${stateBadge(person)}`,
    lead: html`${email ? html`<bdi>${email}</bdi>` : 'No email address'}${isSelf && ' · You'}`,
    problem,
    problems,
    tabs: tabs(
      name,
      pages.map(([own, label, rest]) => ({
        label,
        href: personPath(id, rest),
        isCurrent: own === current,
      })),
    ),
    body,
  });
}

/** A button that does something to the person. */
const button = (
  frame: Frame,
  { id }: PersonShown,
  action: string,
  label: Html | string,
  { look = 'plain', fields }: { look?: 'plain' | 'danger' | ''; fields?: Html } = {},
): Html =>
  postForm(
    frame,
    personPath(id, `/${action}`),
    html`${fields}<button type="submit"${look && html` class="${look}"`}>${label}</button>`,
    'inline',
  );

const row = (text: Html | string, action: Html): Html =>
  html`<div class="panel-row"><p class="sub">${text}</p>${action}</div>`;

export interface PersonOverviewProps extends OfPerson {
  roles: RoleChoice[];
  problems?: Problems<'roles'> | undefined;
}

/** A person: who they are, their roles, and whether they can sign in. */
export function adminPerson(frame: Frame, props: PersonOverviewProps): Html {
  const { person, roles, problems } = props;
  const mayWrite = can(frame, 'accounts:write');
  return personPage(
    frame,
    'overview',
    props,
    html`${person.waitingSince && waits(frame, person)}
    <section class="panel" aria-labelledby="about"><h2 id="about">Details</h2>
      ${facts([
        ['ID', html`<code>${person.id}</code>`],
        [
          'Email',
          person.email
            ? html`<bdi>${person.email}</bdi> <span class="aside">${person.emailVerified ? 'verified' : 'not verified'}</span>`
            : 'None',
        ],
        ...(mayWrite ? [] : [['Roles', roleNames(person.roles)] as [string, Html | string]]),
        ['Created', momentFromNow(person.createdAt, frame.now)],
        [
          'Last sign-in',
          person.lastSignInAt ? momentFromNow(person.lastSignInAt, frame.now) : 'Never',
        ],
        ...(person.disabledAt && !person.waitingSince
          ? [['Disabled', momentFromNow(person.disabledAt, frame.now)] as [string, Html]]
          : []),
      ])}
      ${can(frame, 'audit:read') && html`<p><a href="/admin/audit?about=${person.id}">Events in the audit</a></p>`}
    </section>
    ${
      mayWrite &&
      roles.length > 0 &&
      html`<section class="panel" aria-label="Roles">${postForm(
        frame,
        personPath(person.id, '/roles'),
        html`${roleBoxes(roles, problems?.roles)}
        <p class="hint">A change applies at once, also to tokens that they have. If it gives them more rights in this installation, they are signed out, so that no one else who uses their account gets them.</p>
        <button type="submit">Save the roles</button>`,
      )}</section>`
    }
    ${(mayWrite || can(frame, 'accounts:support')) && endings(frame, props)}`,
  );
}

const waits = (frame: Frame, person: PersonShown): Html =>
  caution(html`<p><strong>They registered ${person.waitingSince && ago(person.waitingSince, frame.now)}, and wait for your approval.</strong> They cannot sign in until then.</p>
    ${
      can(frame, 'accounts:write') &&
      html`<div class="form-end">${button(frame, person, 'approve', 'Approve', { look: '' })}
      ${dangerous('Refuse…', html`<p>They get an email, and the account is deleted. Their address can register again.</p>${button(frame, person, 'refuse', 'Refuse and delete', { look: 'danger' })}`)}</div>`
    }`);

function endings(frame: Frame, { person, isSelf }: PersonOverviewProps): Html {
  const name = html`<bdi>${person.name}</bdi>`;
  const [mayWrite, maySupport] = [can(frame, 'accounts:write'), can(frame, 'accounts:support')];
  return dangerPanel(
    'endings',
    person.waitingSince ? 'Delete' : person.disabledAt ? 'Enable or delete' : 'Disable or delete',
    html`${
      maySupport &&
      !person.waitingSince &&
      (person.disabledAt
        ? row(
            'They can sign in again. What has ended stays ended.',
            button(frame, person, 'enable', html`Enable ${name}`),
          )
        : dangerous(
            html`Disable ${name}…`,
            html`<p>They cannot sign in until they are enabled again. This ends now, and stays ended:</p>
            <ul class="ending"><li>all of their sessions and tokens</li><li>links to choose a password that they were sent</li><li>the apps that they registered for others, until they are enabled again</li></ul>
            ${isSelf && html`<p><strong>This is your own account: you are signed out.</strong></p>`}
            ${button(frame, person, 'disable', html`Disable ${name}`, { look: 'danger' })}`,
          ))
    }
    ${
      mayWrite &&
      dangerous(
        html`Delete ${name}…`,
        html`<p>This cannot be undone. It deletes now:</p>
        <ul class="ending"><li>their name, address, password and second factors</li><li>all of their sessions, tokens and connected apps</li><li>their memberships of apps, and the apps that they registered for others</li></ul>
        <p>The audit keeps their ID, which no one else gets. If they are the last Owner of an app, transfer it first.</p>
        ${isSelf && html`<p><strong>This is your own account.</strong></p>`}
        ${button(frame, person, 'delete', html`Delete ${name}`, { look: 'danger' })}`,
      )
    }`,
  );
}

/** A session of a person, as administrators see it. */
export interface PersonSession {
  signedInAt: Date;
  lastSeenAt: Date;
  ip: string | null;
  userAgent: string | null;
  amr: readonly string[];
  /** The first use by another browser on another network, if there was one. */
  elsewhere: { at: Date; ip: string | null; userAgent: string | null } | null;
}

export interface PersonFactor {
  kind: 'authenticator' | 'passkey' | 'recovery_codes';
  name: string | null;
  left: number | null;
  createdAt: Date;
  lastUsedAt: Date | null;
}

export interface PersonSignInProps extends OfPerson {
  sessions: PersonSession[];
  factors: PersonFactor[];
  /** When a planned reset of the second factors happens. */
  resetDue: Date | null;
  /** The last sign-ins, the newest first; undefined for people who may not see the audit. */
  history: { at: Date; ip: string | null; amr: readonly string[] }[] | undefined;
}

/** How a person signs in: sessions, second factors, password, history. */
export function adminPersonSignIn(frame: Frame, props: PersonSignInProps): Html {
  return personPage(
    frame,
    'sign-in',
    props,
    html`${sessionsPanel(frame, props)}${factorsPanel(frame, props)}${passwordPanel(frame, props)}${historyPanel(frame, props)}`,
  );
}

function sessionsPanel(frame: Frame, { person, sessions, isSelf }: PersonSignInProps): Html {
  const many = sessions.length === 1 ? 'one session' : `${sessions.length} sessions`;
  return html`<section class="panel" aria-labelledby="sessions"><h2 id="sessions">Sessions</h2>
    ${
      sessions.length === 0
        ? html`<p class="sub">They are signed in nowhere.</p>`
        : html`<ul class="rows">${sessions.map(
            ({ userAgent, ip, amr, elsewhere, ...times }) =>
              html`<li><div class="row-head"><div class="glyph">${screenIcon}</div><div class="row-name"><h3>${deviceTitle(userAgent)}</h3>
                <p class="sub">Last seen ${ago(times.lastSeenAt, frame.now)} · Signed in ${ago(times.signedInAt, frame.now)}${waysInWords(amr) && ` with ${waysInWords(amr)}`}${ip && html` · <bdi>${ip}</bdi>`}</p>
                ${elsewhere && warning(html`<p>${deviceTitle(elsewhere.userAgent)} used this session ${ago(elsewhere.at, frame.now)}${elsewhere.ip && html` from <bdi>${elsewhere.ip}</bdi>`}. If that was not them, sign them out.</p>`)}
              </div></div></li>`,
          )}</ul>`
    }
    ${
      can(frame, 'accounts:support') &&
      dangerous(
        'Sign out everywhere…',
        html`<p>This ends now:</p><ul class="ending"><li>${many}, with the tokens of apps that were entered there without <code>offline_access</code></li><li>logins by password in apps</li><li>browsers that are remembered, which ask for a second factor again</li></ul>
        <p>Other tokens stay: end those on the tab Access. They get an email.</p>
        ${isSelf && html`<p><strong>This is your own account: you are signed out.</strong></p>`}
        ${button(frame, person, 'sign-out', 'Sign out everywhere', { look: 'danger' })}`,
      )
    }
  </section>`;
}

const factorNames = {
  authenticator: 'Authenticator app',
  passkey: 'Passkey',
  recovery_codes: 'Recovery codes',
} as const;

function factorsPanel(
  frame: Frame,
  { person, factors, resetDue, isSelf }: PersonSignInProps,
): Html {
  const isReset = can(frame, 'accounts:support') && !isSelf;
  return html`<section class="panel" aria-labelledby="factors"><h2 id="factors">Second factors</h2>
    ${
      resetDue &&
      warning(
        html`<p><strong>They are removed ${momentFromNow(resetDue, frame.now)}.</strong> Until then, the person can stop it with the link of an email.</p>${can(frame, 'accounts:support') && button(frame, person, 'factors/keep', 'Cancel the reset')}`,
      )
    }
    ${
      factors.length === 0
        ? html`<p class="sub">They have none.</p>`
        : html`<ul class="rows">${factors.map(
            ({ kind, name, left, createdAt, lastUsedAt }) =>
              html`<li><div class="row-head"><div class="glyph">${keyIcon}</div><div class="row-name"><h3>${name ? html`<bdi>${name}</bdi>` : factorNames[kind]}</h3>
              <p class="sub">${name && `${factorNames[kind]} · `}${left !== null && `${left} left · `}Added ${ago(createdAt, frame.now)}${lastUsedAt && html` · Last used ${ago(lastUsedAt, frame.now)}`}</p></div></div></li>`,
          )}</ul>`
    }
    ${
      isReset &&
      person.hasSecondFactor &&
      !resetDue &&
      dangerous(
        'Reset the second factors…',
        html`<p>For a person who has lost all of theirs. First make sure that it is they who ask: everyone who has the password alone can sign in afterwards.</p>
        <p>All second factors, recovery codes and remembered browsers are removed, and all sessions end, after the waiting time of this installation. Until then, an email lets them stop it.</p>
        ${button(frame, person, 'factors/reset', 'Reset the second factors', { look: 'danger' })}`,
      )
    }
  </section>`;
}

const passwordPanel = (frame: Frame, { person }: PersonSignInProps): Html =>
  html`<section class="panel" aria-labelledby="password"><h2 id="password">Password</h2>
    <p class="sub">${person.hasPassword ? 'They have a password.' : 'They have not set a password.'}</p>
    ${
      can(frame, 'accounts:write') &&
      !person.disabledAt &&
      person.email &&
      (person.hasPassword
        ? dangerous(
            'Create a link to choose another password…',
            html`<p>For a person who forgot theirs. First make sure that it is they who ask: everyone who has the link takes over the account. It works once, for a day, and replaces the link before.</p>
            <p>When they use it, all of their sessions and tokens end, unless they choose to keep the tokens. Nothing ends now.</p>
            ${button(frame, person, 'invite', 'Create the link')}`,
          )
        : row(
            'A new link replaces the one that they were sent.',
            button(frame, person, 'invite', 'Create a link to choose a password'),
          ))
    }
  </section>`;

const historyPanel = (frame: Frame, { history }: PersonSignInProps): Html | '' =>
  history
    ? html`<section class="panel${history.length > 0 && ' flush'}" aria-labelledby="history"><h2 id="history">Last sign-ins</h2>
    ${
      history.length === 0
        ? html`<p class="sub">The audit has none.</p>`
        : table({
            caption: 'Last sign-ins',
            columns: [{ label: 'When' }, { label: 'With' }, { label: 'From' }],
            rows: history.map(({ at, ip, amr }) => [
              momentFromNow(at, frame.now),
              waysInWords(amr) || 'Another way',
              ip ? html`<bdi>${ip}</bdi>` : html`<span class="aside">Unknown</span>`,
            ]),
          })
    }</section>`
    : '';

/** A client with access to the account of a person. */
export interface PersonLogin {
  grantId: string;
  clientName: string;
  device: { userAgent: string | null; ip: string | null } | null;
  scopes: string[];
  approvedAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date;
}

export interface PersonAccessProps extends OfPerson {
  logins: PersonLogin[];
  delegations: {
    clientId: string;
    clientName: string;
    since: Date;
    lastUsedAt: Date | null;
    endedAt: Date | null;
  }[];
  tokens: {
    id: string;
    kind: string;
    name: string | null;
    expiresAt: Date | null;
    lastUsedAt: Date | null;
  }[];
  /** There are more tokens than these. */
  hasMoreTokens: boolean;
  /** The number of their sessions. */
  sessions: number;
}

/** What has access to the account of a person. */
export function adminPersonAccess(frame: Frame, props: PersonAccessProps): Html {
  return personPage(
    frame,
    'access',
    props,
    html`${loginsPanel(frame, props)}${tokensPanel(frame, props)}${delegationsPanel(frame, props)}${can(frame, 'tokens:revoke') && endPanel(frame, props)}`,
  );
}

const used = (lastUsedAt: Date | null, now: Date): Html | string =>
  lastUsedAt ? html`Last used ${ago(lastUsedAt, now)}` : 'Never used';

const loginsPanel = (frame: Frame, { person, logins }: PersonAccessProps): Html =>
  html`<section class="panel" aria-labelledby="logins"><h2 id="logins">Connected apps and devices</h2>
    ${
      logins.length === 0
        ? html`<p class="sub">None is connected.</p>`
        : html`<ul class="rows">${logins.map(
            ({ grantId, clientName, device, scopes, ...times }) =>
              html`<li><div class="row-head"><div class="glyph">${appIcon}</div><div class="row-name"><h3><bdi>${clientName}</bdi></h3>
              <p class="sub">${device?.userAgent && html`${deviceTitle(device.userAgent)} · `}${device?.ip && html`<bdi>${device.ip}</bdi> · `}Allowed ${ago(times.approvedAt, frame.now)} · ${used(times.lastUsedAt, frame.now)} · Expires ${ago(times.expiresAt, frame.now)}</p>
              ${scopes.length > 0 && html`<p class="patterns">${scopes.map((name) => html`<code><bdi>${name}</bdi></code> `)}</p>`}</div>
              ${
                can(frame, 'tokens:revoke') &&
                html`<div class="row-actions">${button(
                  frame,
                  person,
                  'grants/end',
                  html`End<span class="visually-hidden"> the access of <bdi>${clientName}</bdi></span>`,
                  {
                    fields: html`<input type="hidden" name="grant_id" value="${grantId}">`,
                  },
                )}</div>`
              }</div></li>`,
          )}</ul>${can(frame, 'tokens:revoke') && html`<p class="hint">“End” revokes all tokens of that login at once. The app can ask the person to log in again.</p>`}`
    }
  </section>`;

const tokensPanel = (frame: Frame, { person, tokens, hasMoreTokens }: PersonAccessProps): Html =>
  html`<section class="panel${tokens.length > 0 && ' flush'}" aria-labelledby="tokens"><h2 id="tokens">Tokens with a name</h2>
    ${
      tokens.length === 0
        ? html`<p class="sub">They have none that is active.</p>`
        : table({
            caption: 'Tokens with a name',
            columns: [
              { label: 'Name' },
              { label: 'Kind' },
              { label: 'Last used', keep: true },
              { label: 'Expires', keep: true },
            ],
            rows: tokens.map(({ id, name, kind, expiresAt, lastUsedAt }) => [
              html`<a href="/admin/tokens/${encodeURIComponent(id)}"><bdi>${name ?? id}</bdi></a>`,
              tokenKinds[kind] ?? kind,
              lastUsedAt ? ago(lastUsedAt, frame.now) : 'Never',
              expiresAt ? ago(expiresAt, frame.now) : 'Never',
            ]),
          })
    }
    ${hasMoreTokens && html`<div class="flush-part"><p><a href="/admin/tokens?person=${person.id}&amp;state=active">All of their tokens</a></p></div>`}
  </section>`;

const delegationsPanel = (frame: Frame, { person, delegations }: PersonAccessProps): Html | '' =>
  delegations.length === 0
    ? ''
    : html`<section class="panel" aria-labelledby="delegations"><h2 id="delegations">Clients that act for them</h2>
    <ul class="rows">${delegations.map(
      ({ clientId, clientName, since, lastUsedAt, endedAt }) =>
        html`<li><div class="row-head"><div class="glyph">${agentIcon}</div><div class="row-name"><h3><bdi>${clientName}</bdi></h3>
        <p class="sub">${endedAt ? html`Ended ${ago(endedAt, frame.now)}. Only they can allow it again.` : html`Since ${ago(since, frame.now)} · ${used(lastUsedAt, frame.now)}`}</p></div>
        ${
          can(frame, 'tokens:revoke') &&
          endedAt === null &&
          html`<div class="row-actions">${button(
            frame,
            person,
            'delegations/end',
            html`Stop<span class="visually-hidden"> <bdi>${clientName}</bdi></span>`,
            { fields: html`<input type="hidden" name="client" value="${clientId}">` },
          )}</div>`
        }</div></li>`,
    )}</ul>
    ${can(frame, 'tokens:revoke') && html`<p class="hint">“Stop” revokes all tokens that the client has for them, also those of its logins. Only the person can allow it again.</p>`}
  </section>`;

const so = (number: number, one: string, many: string): string =>
  number === 1 ? `one ${one}` : `${count(number)} ${many}`;

function endPanel(frame: Frame, props: PersonAccessProps): Html {
  const { person, isSelf, logins, tokens, hasMoreTokens, sessions } = props;
  const { length } = tokens;
  const ended = html`${length > 0 && html`<li>${hasMoreTokens ? `more than ${count(length)} tokens with a name` : so(length, 'token with a name', 'tokens with a name')}</li>`}
    ${logins.length > 0 && html`<li>${so(logins.length, 'login', 'logins')} of apps and devices</li>`}
    <li>all other tokens, and key pairs</li>
    <li>what they allowed apps: they are asked again</li>`;
  return dangerPanel(
    'endings',
    'End access',
    html`${dangerous(
      'Revoke all tokens…',
      html`<p>This ends now, on every server at once:</p><ul class="ending">${ended}</ul>
      <p>They stay signed in in their browsers, and can get new tokens.</p>
      ${button(frame, person, 'tokens/revoke', 'Revoke all tokens', { look: 'danger' })}`,
    )}
    ${
      can(frame, 'accounts:support') &&
      dangerous(
        'End everything…',
        html`<p>For a stolen laptop, or an account that someone else uses. This ends now, on every server at once:</p>
        <ul class="ending"><li>${sessions > 0 && `${so(sessions, 'session', 'sessions')}, and `}the browsers that are remembered</li>${ended}</ul>
        <p>The account stays enabled: everyone who has the password and the second factor can sign in again. Disable it to prevent that.</p>
        ${isSelf && html`<p><strong>This is your own account: you are signed out.</strong></p>`}
        ${button(frame, person, 'end-everything', 'End everything', { look: 'danger' })}`,
      )
    }`,
  );
}
