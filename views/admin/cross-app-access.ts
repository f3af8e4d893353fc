import { html } from 'hono/html';
import { disabledBadge } from '../components/badge.ts';
import { checkboxes, textarea } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { globeServerIcon } from '../components/icons.ts';
import { warning } from '../components/notice.ts';
import { duration, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { adminPage } from './shell.ts';

/** That a client gets ID-JAGs for people at another authorization server. */
export interface CrossAppShown {
  id: string;
  client: string;
  audience: string;
  clientIdThere: string;
  ssoClient: string | null;
  resources: string[];
  scopes: string[];
  /** Null: it is for everyone. */
  roles: string[] | null;
  email: boolean;
  /** Seconds. */
  lifetime: number;
  enabled: boolean;
  createdAt: Date;
  /** When it was last changed, for forms that must not undo another change. */
  version: string;
}

const home = '/admin/cross-app-access';

/** The page of an access, or a path below it. */
export const crossAppPath = (id: string, rest = ''): string =>
  `${home}/${encodeURIComponent(id)}${rest}`;

/** All cross-app access of the installation. */
export function crossAppAccesses(
  frame: Frame,
  { accesses, mayChange }: { accesses: CrossAppShown[]; mayChange: boolean },
): Html {
  return adminPage(frame, {
    section: 'cross-app-access',
    title: 'Cross-app access',
    lead: 'These clients reach APIs of other authorization servers for people of this one, who are not asked there.',
    actions: mayChange ? html`<a class="button" href="${home}/new">Add access</a>` : undefined,
    body:
      accesses.length === 0
        ? html`<section class="panel empty" aria-labelledby="none">
            <div class="glyph">${globeServerIcon}</div>
            <h2 id="none">No client has access elsewhere</h2>
            <p>With an ID-JAG of this server a client gets access at another authorization server that trusts this one. You decide which client, where, for whom, and with which scopes.</p>
          </section>`
        : html`<section class="panel" aria-label="Cross-app access"><ul class="rows">${accesses.map(
            ({ id, client, audience, roles, enabled }) =>
              html`<li><div class="row-head"><div class="glyph">${globeServerIcon}</div><div class="row-name">
              <h2><a href="${crossAppPath(id)}"><bdi>${id}</bdi></a>${!enabled && html` ${disabledBadge}`}</h2>
              <p class="sub"><bdi>${client}</bdi> at <bdi>${audience}</bdi> · ${roles === null ? 'for everyone' : html`for people with the role <bdi>${roles.join(' or ')}</bdi>`}</p>
            </div></div></li>`,
          )}</ul></section>`,
  });
}

export type CrossAppField =
  | 'id'
  | 'client'
  | 'audience'
  | 'client_id_there'
  | 'sso_client'
  | 'resources'
  | 'scopes'
  | 'roles'
  | 'lifetime';

interface FormProps {
  values?: Partial<Record<CrossAppField | 'email', string | undefined>> | undefined;
  problems?: Problems<CrossAppField> | undefined;
  problem?: string | undefined;
}

const optional = html`<span class="optional">optional</span>`;
const mono = html`class="mono" autocapitalize="none" spellcheck="false"`;

const formOf = ({ values, problems }: FormProps) =>
  fieldsOf<CrossAppField>({
    order: [
      'id',
      'client',
      'audience',
      'client_id_there',
      'sso_client',
      'resources',
      'scopes',
      'roles',
      'lifetime',
    ],
    values,
    problems,
    focusFirst: false,
  });

/** The fields that a form to add access and one to change it share. */
const commonFields = (of: ReturnType<typeof formOf>, email: boolean): Html =>
  html`${field({ ...of('client_id_there'), label: 'Client ID there', maxLength: 500, hint: 'Of the client, at the other server.', attributes: mono })}
  ${textarea({ ...of('resources'), label: html`APIs there, one per line ${optional}`, rows: 2, optional: true, hint: 'Their URIs. Empty: ID-JAGs name none.' })}
  ${field({ ...of('scopes'), label: html`Scopes there ${optional}`, optional: true, maxLength: 5000, hint: 'Separated by spaces: the most that the client gets.', attributes: mono })}
  ${field({ ...of('roles'), label: html`Roles ${optional}`, optional: true, maxLength: 5000, hint: 'Separated by spaces: a person needs one of them. Empty: it is for everyone.' })}
  ${field({ ...of('sso_client'), label: html`Client that signs people in ${optional}`, optional: true, maxLength: 200, hint: 'The ID of the other server’s client here, if it knows people by pairwise IDs.', attributes: mono })}
  ${field({ ...of('lifetime'), label: 'Lifetime in seconds', maxLength: 6, hint: 'Of an ID-JAG, which is used once.', attributes: html`inputmode="numeric"` })}
  ${checkboxes({ legend: 'About the person', boxes: [{ name: 'email', label: 'Send the email address', checked: email }] })}`;

/** The form that adds access. */
export function crossAppNew(frame: Frame, props: FormProps): Html {
  const of = formOf(props);
  return adminPage(frame, {
    section: 'cross-app-access',
    trail: [],
    title: 'Add access',
    lead: 'The client can get ID-JAGs at once. People are not asked at the other server.',
    problem: props.problem,
    problems: props.problems,
    body: html`<section class="panel" aria-label="The access">${postForm(
      frame,
      home,
      html`${field({ ...of('id'), label: 'ID', maxLength: 40, hint: 'Lowercase letters, digits and hyphens, such as assistant-at-chat. It cannot be changed later.', attributes: mono })}
      ${field({ ...of('client'), label: 'Client', maxLength: 200, hint: 'Its ID here. It needs credentials and the grant token exchange.', attributes: mono })}
      ${field({ ...of('audience'), label: 'The other authorization server', maxLength: 500, hint: 'Its issuer: an https URL.', attributes: html`inputmode="url"` })}
      ${commonFields(of, props.values?.email === 'on')}
      <div class="form-end"><button type="submit">Add access</button><a class="button plain" href="${home}">Cancel</a></div>`,
      { noValidate: true },
    )}</section>`,
  });
}

export interface CrossAppProps extends FormProps {
  access: CrossAppShown;
  /** Whether the person has every scope, which changes need. */
  mayChange: boolean;
}

/** One access: its parties, its settings, and the ways to end it. */
export function crossAppAccess(frame: Frame, props: CrossAppProps): Html {
  const { access, mayChange } = props;
  return adminPage(frame, {
    section: 'cross-app-access',
    trail: [],
    title: access.id,
    heading: html`<bdi>${access.id}</bdi>${!access.enabled && html` ${disabledBadge}`}`,
    problem: props.problem,
    problems: props.problems,
    body: html`${
      !access.enabled &&
      warning(
        html`<p><strong>This access is disabled.</strong> The client gets no ID-JAG for it.</p>`,
      )
    }
    <section class="panel" aria-labelledby="parties"><h2 id="parties">Who gets access where</h2>
      ${facts([
        [
          'Client',
          html`<a href="/admin/clients/${encodeURIComponent(access.client)}"><bdi>${access.client}</bdi></a>`,
        ],
        ['At', html`<bdi>${access.audience}</bdi>`],
        ['Created', momentFromNow(access.createdAt, frame.now)],
        ...(mayChange ? [] : settings(access)),
      ])}
      ${!mayChange && html`<p class="sub">People are not asked at the other server, so only people with every scope change it.</p>`}
    </section>
    ${mayChange && settingsForm(frame, props)}
    ${mayChange && endings(frame, access)}`,
  });
}

const settings = (access: CrossAppShown): [string, Html | string][] => [
  ['Client ID there', html`<code><bdi>${access.clientIdThere}</bdi></code>`],
  [
    'APIs there',
    html`<span class="stack">${access.resources.length === 0 ? 'ID-JAGs name none' : access.resources.map((uri) => html`<span><bdi>${uri}</bdi></span>`)}</span>`,
  ],
  ['Scopes there', html`<bdi>${access.scopes.join(' ') || 'None'}</bdi>`],
  [
    'For',
    access.roles === null
      ? 'Everyone'
      : html`People with the role <bdi>${access.roles.join(' or ')}</bdi>`,
  ],
  ['Lifetime', duration(access.lifetime)],
  ['Email address', access.email ? 'Sent' : 'Not sent'],
];

function settingsForm(frame: Frame, props: CrossAppProps): Html {
  const { access, values } = props;
  const of = formOf({
    ...props,
    values: values ?? {
      client_id_there: access.clientIdThere,
      sso_client: access.ssoClient ?? '',
      resources: access.resources.join('\n'),
      scopes: access.scopes.join(' '),
      roles: access.roles?.join(' ') ?? '',
      lifetime: String(access.lifetime),
    },
  });
  return html`<section class="panel" aria-labelledby="settings"><h2 id="settings">Settings</h2>
    ${postForm(
      frame,
      crossAppPath(access.id, '/settings'),
      html`<input type="hidden" name="version" value="${access.version}">
      ${commonFields(of, values ? values.email === 'on' : access.email)}
      <button type="submit">Save</button>`,
      { noValidate: true },
    )}
  </section>`;
}

function endings(frame: Frame, { id, client, audience, lifetime, enabled }: CrossAppShown): Html {
  const stays = html`<p><bdi>${client}</bdi> gets no further ID-JAG for <bdi>${audience}</bdi>. Those that it has expire within ${duration(lifetime)}; tokens that it has at the other server must be revoked there.</p>`;
  return dangerPanel(
    'endings',
    enabled ? 'Disable or delete' : 'Enable or delete',
    html`${
      enabled
        ? dangerous(
            'Disable it…',
            html`${stays}${postForm(frame, crossAppPath(id, '/disable'), html`<button type="submit" class="danger">Disable it</button>`)}`,
          )
        : html`<div class="panel-row"><p class="sub">If you enable it, the client gets ID-JAGs again.</p>
        ${postForm(frame, crossAppPath(id, '/enable'), html`<button type="submit" class="plain">Enable it</button>`, 'inline')}</div>`
    }
    ${dangerous(
      'Delete it…',
      html`${stays}${postForm(frame, crossAppPath(id, '/delete'), html`<button type="submit" class="danger">Delete it</button>`)}`,
    )}`,
  );
}
