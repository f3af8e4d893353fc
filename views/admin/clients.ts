import { html } from 'hono/html';
import { disabledBadge } from '../components/badge.ts';
import { copyable } from '../components/code-block.ts';
import { checkboxes, choiceCards, textarea } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { onceField, postForm } from '../components/form.ts';
import { information } from '../components/notice.ts';
import { table } from '../components/table.ts';
import { tabs } from '../components/tabs.ts';
import { ago, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { filterForm, type PagerProps, pager } from './list.ts';
import { type RefusalShown, refusalList } from './refusals.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';

export interface AdminClient {
  clientId: string;
  name: string | null;
  /** What kind of program it is, in words. */
  kind: string;
  /** The app that it belongs to. */
  app: string | null;
  /** Where it comes from, if no one here created it. */
  origin: string | null;
  roles: string[];
  resources: string[];
  resourceServerFor: string[];
  redirectUris: string[];
  scope: string | null;
  authentication: string;
  grantTypes: string[];
  disabledAt: Date | null;
  createdAt: Date;
}

export const adminClientPath = (clientId: string, rest = ''): string =>
  `/admin/clients/${encodeURIComponent(clientId)}${rest}`;

/** The pages of a client. */
export const adminClientTabs = (clientId: string, current: '' | '/connect'): Html =>
  tabs('Client', [
    { label: 'Overview', href: adminClientPath(clientId), isCurrent: current === '' },
    {
      label: 'Connect',
      href: adminClientPath(clientId, '/connect'),
      isCurrent: current === '/connect',
    },
  ]);

const names = (list: readonly string[], none: string): Html | string =>
  list.length === 0
    ? none
    : html`<span class="names">${list.map((name) => html`<code>${name}</code>`)}</span>`;

export interface ClientsProps {
  clients: AdminClient[];
  filter: { search?: string | undefined };
  pages: Omit<PagerProps, 'shown'>;
}

/** The clients of the installation and of its apps. */
export function adminClients(frame: Frame, { clients, filter, pages }: ClientsProps): Html {
  return adminPage(frame, {
    section: 'clients',
    title: 'Clients',
    lead: 'The programs that get tokens here: those of the installation, and those of apps.',
    actions: can(frame, 'clients:write')
      ? html`<a class="button" href="/admin/clients/new">Create a client</a>`
      : undefined,
    body: html`<section class="panel flush" aria-label="Clients">
      <div class="flush-part">${filterForm(
        '/admin/clients',
        field({
          name: 'search',
          label: 'Name or ID',
          value: filter.search,
          optional: true,
          maxLength: 200,
        }),
        { isFiltered: filter.search !== undefined, label: 'Find' },
      )}</div>
      ${
        clients.length === 0
          ? html`<div class="flush-part"><p class="sub">${filter.search ? 'No client fits.' : 'There are none yet.'}</p></div>`
          : table({
              caption: 'Clients',
              columns: [
                { label: 'Client' },
                { label: 'Kind' },
                { label: 'App' },
                { label: 'Created', keep: true },
              ],
              rows: clients.map((client) => [
                html`<div class="named"><div><a href="${adminClientPath(client.clientId)}"><bdi>${client.name ?? client.clientId}</bdi></a> ${client.disabledAt && disabledBadge}${client.name && html`<span class="aside block"><bdi>${client.clientId}</bdi></span>`}</div></div>`,
                client.kind,
                client.app ? html`<bdi>${client.app}</bdi>` : '–',
                ago(client.createdAt, frame.now),
              ]),
            })
      }
      <div class="flush-part">${pager({ ...pages, shown: '' })}</div>
    </section>`,
  });
}

export type ClientField =
  | 'kind'
  | 'client_id'
  | 'client_name'
  | 'redirect_uris'
  | 'resources'
  | 'roles'
  | 'scope';

export interface Choice {
  value: string;
  label: string;
  description: string;
  checked: boolean;
}

const boxes = (
  id: 'resources' | 'roles',
  legend: string,
  choices: Choice[],
  problem?: string,
  hint?: string,
): Html =>
  checkboxes({
    id,
    legend,
    boxes: choices.map(({ value, label, description, checked }) => ({
      name: `${id}:${value}`,
      label: html`<bdi>${label}</bdi>`,
      description: html`<bdi>${description}</bdi>`,
      checked,
    })),
    hint: choices.length === 0 ? 'There are none yet.' : hint,
    problem,
  });

export interface ClientNewProps {
  /** Makes the form take effect once. */
  key: string;
  kinds: { value: string; label: string; description: string }[];
  resources: Choice[];
  roles: Choice[];
  values?: Partial<Record<ClientField, string | undefined>> | undefined;
  problems?: Problems<ClientField> | undefined;
  problem?: string | undefined;
}

const optional = html`<span class="optional">optional</span>`;

const redirects = (props: object): Html =>
  textarea({
    ...(props as { name: string }),
    label: html`Redirect URIs ${optional}`,
    rows: 3,
    optional: true,
    placeholder: 'https://app.example.com/callback',
    hint: 'One in each line: where people return after signing in. Services and devices have none.',
  });

/** The form that creates a client of the installation. */
export function adminClientNew(frame: Frame, props: ClientNewProps): Html {
  const { values, problems } = props;
  const of = fieldsOf<ClientField>({
    order: ['kind', 'client_name', 'client_id', 'redirect_uris', 'resources', 'roles'],
    values,
    problems,
    focusFirst: false,
  });
  return adminPage(frame, {
    section: 'clients',
    trail: [],
    title: 'Create a client',
    lead: 'A client of the installation. Developers create clients of their own in apps.',
    problem: props.problem,
    problems,
    body: html`<section class="panel" aria-label="The client">${postForm(
      frame,
      '/admin/clients',
      html`${onceField(props.key)}${choiceCards({ ...of('kind'), legend: 'What is it?', cards: props.kinds, value: values?.kind ?? props.kinds[0]?.value })}
      ${field({ ...of('client_name'), label: 'Name', maxLength: 200, hint: 'People read it where they sign in.' })}
      ${field({ ...of('client_id'), label: html`Client ID ${optional}`, optional: true, maxLength: 100, hint: 'Such as billing. It cannot be changed later. By default it is chosen for you.', attributes: html`class="mono" autocapitalize="none" spellcheck="false"` })}
      ${redirects(of('redirect_uris'))}
      ${boxes('resources', 'APIs that its tokens can be for', props.resources, problems?.resources)}
      ${boxes('roles', 'Roles', props.roles, problems?.roles, 'Of the tokens that it gets for itself.')}
      <button type="submit">Create the client</button>`,
      { noValidate: true },
    )}</section>`,
  });
}

/** A new secret, shown once. */
export const adminClientSecret = (
  frame: Frame,
  { clientId, secret, isNew }: { clientId: string; secret: string | undefined; isNew: boolean },
): Html =>
  adminPage(frame, {
    section: 'clients',
    trail: [[clientId, adminClientPath(clientId)]],
    title: isNew ? 'The client is created' : 'The secret is created',
    body: html`<section class="panel" aria-labelledby="id"><h2 id="id">Client ID</h2>${copyable('the client ID', clientId)}
      ${
        secret
          ? html`<h2>Secret</h2>${copyable('the secret', secret)}<p class="sub">It is shown only once. Store it where only the program reads it.</p>`
          : html`<p class="sub">It has no secret: everyone who has the program could read it.</p>`
      }</section>
      <div class="form-end"><a class="button" href="${adminClientPath(clientId)}">Go to the client</a></div>`,
  });

export interface ClientProps {
  client: AdminClient;
  /** Makes the form of a new secret take effect once. */
  key: string;
  /** Null if it has no secrets, or the reader does not see them. */
  secrets:
    | {
        id: string;
        hint: string | null;
        createdAt: Date;
        lastUsedAt: Date | null;
        expiresAt: Date | null;
      }[]
    | null;
  /** Why requests of it were refused in the last 30 days. */
  refusals: RefusalShown[];
  resources: Choice[];
  roles: Choice[];
  values?: Partial<Record<ClientField, string | undefined>> | undefined;
  problems?: Problems<ClientField> | undefined;
  problem?: string | undefined;
}

/** One client: what it is, its settings and secrets, and its end. */
export function adminClient(frame: Frame, props: ClientProps): Html {
  const { client, problems } = props;
  const writes = can(frame, 'clients:write');
  const title = client.name ?? client.clientId;
  return adminPage(frame, {
    section: 'clients',
    trail: [],
    title,
    heading: html`<bdi>${title}</bdi> ${client.disabledAt && disabledBadge}`,
    lead: client.kind,
    problem: props.problem,
    problems,
    tabs: adminClientTabs(client.clientId, ''),
    body: html`<section class="panel" aria-labelledby="about"><h2 id="about">Client</h2>
      ${facts([
        ['ID', html`<code>${client.clientId}</code>`],
        ...(client.app
          ? [
              [
                'App',
                can(frame, 'apps:read')
                  ? html`<a href="/admin/apps/${encodeURIComponent(client.app)}"><bdi>${client.app}</bdi></a>`
                  : html`<bdi>${client.app}</bdi>`,
              ] as [string, Html],
            ]
          : []),
        ...(client.origin ? [['Origin', client.origin] as [string, string]] : []),
        ['Authenticates', client.authentication],
        ['Grants', names(client.grantTypes, 'None')],
        ['Gets tokens for', names(client.resources, 'The default API')],
        ...(client.resourceServerFor.length > 0
          ? [['Serves', names(client.resourceServerFor, '')] as [string, Html | string]]
          : []),
        ['Roles', names(client.roles, 'None')],
        ['Scopes', client.scope ? names(client.scope.split(' '), '') : 'All of its APIs'],
        ...(client.redirectUris.length > 0
          ? [
              [
                'Redirects to',
                html`<ul class="plain-list">${client.redirectUris.map((uri) => html`<li><bdi>${uri}</bdi></li>`)}</ul>`,
              ] as [string, Html],
            ]
          : []),
        ['Created', momentFromNow(client.createdAt, frame.now)],
        ...(client.disabledAt
          ? [['Disabled', momentFromNow(client.disabledAt, frame.now)] as [string, Html]]
          : []),
      ])}
      <p>${can(frame, 'tokens:read') && html`<a href="/admin/tokens?client=${encodeURIComponent(client.clientId)}">Named tokens</a>`}${can(frame, 'audit:read') && html` · <a href="/admin/audit?about=${encodeURIComponent(client.clientId)}">Audit log</a>`}</p>
      ${client.app && information(html`<p>It belongs to an app: its Owners and Developers change its settings and secrets there.</p>`)}
      </section>
      ${
        props.refusals.length > 0 &&
        html`<section class="panel" aria-labelledby="refused"><h2 id="refused">Last refusals</h2>
        ${refusalList(props.refusals, frame.now)}
        <p class="sub">The last of each kind in 30 days. Servers write them once a minute. A caller need not be the client: everyone can name it.</p></section>`
      }
      ${!client.app && writes && settings(frame, props)}
      ${props.secrets && secretsPanel(frame, props, props.secrets)}
      ${writes && endings(frame, client)}`,
  });
}

function settings(frame: Frame, { client, resources, roles, values, problems }: ClientProps): Html {
  const of = fieldsOf<ClientField>({
    order: ['client_name', 'redirect_uris', 'scope', 'resources', 'roles'],
    values: values ?? {
      client_name: client.name ?? '',
      redirect_uris: client.redirectUris.join('\n'),
      scope: client.scope ?? '',
    },
    problems,
    focusFirst: false,
  });
  return html`<section class="panel" aria-labelledby="settings"><h2 id="settings">Settings</h2>${postForm(
    frame,
    adminClientPath(client.clientId, '/settings'),
    html`${field({ ...of('client_name'), label: 'Name', maxLength: 200, optional: true })}
    ${redirects(of('redirect_uris'))}
    ${field({ ...of('scope'), label: html`Scopes ${optional}`, optional: true, maxLength: 5_000, hint: 'Separated by spaces. Default: all of its APIs.', attributes: html`class="mono" autocapitalize="none" spellcheck="false"` })}
    ${boxes('resources', 'APIs that its tokens can be for', resources, problems?.resources)}
    ${boxes('roles', 'Roles', roles, problems?.roles, 'They apply at once, also to tokens that were already issued.')}
    <button type="submit">Save</button>
    <p class="fine left">Everything else is changed with <code>writ clients update</code> or the API.</p>`,
    { noValidate: true },
  )}</section>`;
}

const secretsPanel = (
  frame: Frame,
  { client, key }: ClientProps,
  secrets: NonNullable<ClientProps['secrets']>,
): Html =>
  html`<section class="panel" aria-labelledby="secrets"><h2 id="secrets">Secrets</h2>
    ${
      secrets.length === 0
        ? html`<p class="sub">It has none: it cannot authenticate.</p>`
        : html`<ul class="rows">${secrets.map(
            ({ id, hint, createdAt, lastUsedAt, expiresAt }) =>
              html`<li><div class="row-head"><div class="row-name"><h3>Ends in <code>${hint ?? '…'}</code></h3><p class="sub">Created ${ago(createdAt, frame.now)} · ${lastUsedAt ? html`used ${ago(lastUsedAt, frame.now)}` : 'never used'}${expiresAt && html` · expires ${ago(expiresAt, frame.now)}`}</p></div></div>${
                can(frame, 'clients:write') &&
                dangerous(
                  html`Revoke<span class="visually-hidden"> the secret that ends in ${hint ?? '…'}</span>…`,
                  postForm(
                    frame,
                    adminClientPath(client.clientId, '/secrets/revoke'),
                    html`<p>Programs that still have it get no tokens from now on. Tokens that they have stay valid, unless you revoke them too.</p><input type="hidden" name="secret_id" value="${id}">
                    <div class="checks"><label><input type="checkbox" name="end_tokens"><span class="check-label">Also revoke all tokens of the client</span></label></div>
                    <button type="submit" class="danger">Revoke the secret</button>`,
                  ),
                )
              }</li>`,
          )}</ul>`
    }
    ${can(frame, 'clients:write') && postForm(frame, adminClientPath(client.clientId, '/secrets'), html`${onceField(key)}<button type="submit" class="plain">Create another secret</button>`, 'inline')}
  </section>`;

const endings = (frame: Frame, client: AdminClient): Html =>
  dangerPanel(
    'end',
    'End',
    html`${dangerous(
      'Revoke all of its tokens…',
      html`<p>Every token of the client stops working now, refresh tokens and API keys included. It can get new ones at once.</p>${postForm(frame, adminClientPath(client.clientId, '/end-tokens'), html`<button type="submit" class="danger">Revoke all tokens</button>`)}`,
    )}
    ${
      client.disabledAt
        ? dangerous(
            'Enable the client…',
            html`<p>It can get tokens again. Those that it had stay revoked.</p>${postForm(frame, adminClientPath(client.clientId, '/enable'), html`<button type="submit" class="danger">Enable the client</button>`)}`,
          )
        : dangerous(
            'Disable the client…',
            html`<p>Its tokens are revoked now, and it gets none until you enable it.</p>${postForm(frame, adminClientPath(client.clientId, '/disable'), html`<button type="submit" class="danger">Disable the client</button>`)}`,
          )
    }
    ${
      !client.app &&
      dangerous(
        'Delete the client…',
        html`<p>Its tokens and secrets are revoked now. Its ID can never be used again. You cannot undo this.</p>${postForm(frame, adminClientPath(client.clientId, '/delete'), html`<button type="submit" class="danger">Delete the client</button>`)}`,
      )
    }`,
  );
