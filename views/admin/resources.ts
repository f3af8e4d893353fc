import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { select, textarea } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { serverIcon } from '../components/icons.ts';
import { duration } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { type PagerProps, pager } from './list.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';

/** Who can get tokens for an API besides the clients that administrators gave it to. */
export type Opening = 'apps' | 'people' | 'self_registered';

export interface AdminResource {
  identifier: string;
  name: string;
  scopes: { name: string; description: string }[];
  format: 'opaque' | 'jwt';
  signingAlg: string;
  /** Seconds; null for the default of the installation. */
  accessTokenTtl: number | null;
  isDefault: boolean;
  /** Writ's own API, which cannot be changed. */
  isOwn: boolean;
  openTo: Readonly<Record<Opening, boolean>>;
}

export const adminResourcePath = (identifier: string, rest = ''): string =>
  `/admin/resources/${encodeURIComponent(identifier)}${rest}`;

const openings: Readonly<
  Record<Opening, { label: string; open: string; closed: string; closing: string }>
> = {
  apps: {
    label: 'Apps',
    open: 'Every developer can give clients of their apps tokens for this API, within the roles of their app.',
    closed: 'Only clients that administrators give it to get tokens for this API.',
    closing:
      'Clients of apps get no further tokens for it. Tokens that they have stay valid until they expire.',
  },
  people: {
    label: 'Personal access tokens',
    open: 'Everyone who can sign in can create personal access tokens for this API, with any of its scopes that are not withheld.',
    closed: 'People cannot create personal access tokens for this API.',
    closing:
      'No one creates further ones. Those that exist stay valid until they expire or are revoked.',
  },
  self_registered: {
    label: 'Clients that registered themselves',
    open: 'Programs that no one here knows, such as MCP clients, can ask people for access to this API. Each person decides.',
    closed: 'Programs that registered themselves get no tokens for this API.',
    closing:
      'They get no further tokens for it. Tokens that they have stay valid until they expire.',
  },
};

const openNames = ({ openTo }: AdminResource): string =>
  (Object.keys(openings) as Opening[])
    .filter((name) => openTo[name])
    .map((name) => openings[name].label.toLowerCase())
    .join(', ');

/** The APIs that tokens are for. */
export function adminResources(
  frame: Frame,
  { resources, pages }: { resources: AdminResource[]; pages: Omit<PagerProps, 'shown'> },
): Html {
  return adminPage(frame, {
    section: 'resources',
    title: 'APIs',
    lead: 'What tokens are for. Each API has scopes, and decides who can have them.',
    actions: can(frame, 'resources:write')
      ? html`<a class="button" href="/admin/resources/new">Add an API</a>`
      : undefined,
    body: html`<section class="panel" aria-label="APIs"><ul class="rows">${resources.map(
      (resource) =>
        html`<li><div class="row-head"><div class="glyph">${serverIcon}</div><div class="row-name">
        <h2><a href="${adminResourcePath(resource.identifier)}"><bdi>${resource.name}</bdi></a>${resource.isDefault && html` ${badge('Default', 'neutral')}`}</h2>
        <p class="sub"><bdi>${resource.identifier}</bdi> · ${resource.scopes.length === 1 ? 'one scope' : `${resource.scopes.length} scopes`}${openNames(resource) && ` · open to ${openNames(resource)}`}</p></div></div></li>`,
    )}</ul>${pager({ ...pages, shown: '' })}</section>`,
  });
}

export type ResourceField = 'identifier' | 'name' | 'scopes' | 'format' | 'ttl';

export interface ResourceFormProps {
  values?: Partial<Record<ResourceField, string | undefined>> | undefined;
  problems?: Problems<ResourceField> | undefined;
  problem?: string | undefined;
}

const optional = html`<span class="optional">optional</span>`;

const fieldsOfResource = ({ values, problems }: ResourceFormProps, isNew: boolean): Html => {
  const of = fieldsOf<ResourceField>({
    order: ['identifier', 'name', 'scopes', 'format', 'ttl'],
    values,
    problems,
    focusFirst: isNew,
  });
  return html`${
    isNew &&
    field({
      ...of('identifier'),
      label: 'Identifier',
      maxLength: 500,
      hint: 'The URL of the API, as programs call it. It is the audience of its tokens, and cannot be changed later.',
      attributes: html`inputmode="url" placeholder="https://api.example.com" class="mono" autocapitalize="none" spellcheck="false"`,
    })
  }
  ${field({ ...of('name'), label: 'Name', maxLength: 100 })}
  ${textarea({
    ...of('scopes'),
    label: html`Scopes ${optional}`,
    rows: 5,
    optional: true,
    placeholder: 'things:read  See your things',
    hint: 'One in each line: its name, then the sentence that people read before they allow it.',
  })}
  ${select({
    ...of('format'),
    label: 'Format of access tokens',
    options: [
      { value: 'opaque', label: 'Opaque: the API introspects them' },
      { value: 'jwt', label: 'JWT: the API can verify them by itself' },
    ],
  })}
  ${field({
    ...of('ttl'),
    label: html`Lifetime of access tokens in seconds ${optional}`,
    optional: true,
    maxLength: 12,
    hint: 'Default: that of the installation.',
    attributes: html`inputmode="numeric"`,
  })}`;
};

/** The form that adds an API. */
export const adminResourceNew = (frame: Frame, props: ResourceFormProps): Html =>
  adminPage(frame, {
    section: 'resources',
    trail: [],
    title: 'Add an API',
    lead: 'At first, only clients that you give it to get tokens for it.',
    problem: props.problem,
    problems: props.problems,
    body: html`<section class="panel" aria-label="The API">${postForm(
      frame,
      '/admin/resources',
      html`${fieldsOfResource(props, true)}<button type="submit">Add the API</button>`,
      { noValidate: true },
    )}</section>`,
  });

/** The scopes as the form has them. */
export const scopeLines = (scopes: AdminResource['scopes']): string =>
  scopes.map(({ name, description }) => [name, description].filter(Boolean).join('  ')).join('\n');

/** One API: who can have its tokens, its settings, and its end. */
export function adminResource(
  frame: Frame,
  props: ResourceFormProps & { resource: AdminResource },
): Html {
  const { resource } = props;
  const writes = can(frame, 'resources:write') && !resource.isOwn;
  return adminPage(frame, {
    section: 'resources',
    trail: [],
    title: resource.name,
    heading: html`<bdi>${resource.name}</bdi>${resource.isDefault && html` ${badge('Default', 'neutral')}`}`,
    lead: html`<bdi>${resource.identifier}</bdi>`,
    problem: props.problem,
    problems: props.problems,
    body: html`<section class="panel" aria-labelledby="about"><h2 id="about">API</h2>
      ${facts([
        [
          'Format',
          resource.format === 'jwt' ? `JWT, signed with ${resource.signingAlg}` : 'Opaque',
        ],
        [
          'Lifetime',
          resource.accessTokenTtl === null
            ? 'As the installation has it'
            : duration(resource.accessTokenTtl),
        ],
        [
          'Scopes',
          resource.scopes.length === 0
            ? 'None'
            : html`<ul class="plain-list">${resource.scopes.map(({ name, description }) => html`<li><code>${name}</code> ${description}</li>`)}</ul>`,
        ],
      ])}
      ${resource.isOwn && html`<p class="sub">It is this server’s own API, for administrators and their programs. It cannot be changed.</p>`}
      ${can(frame, 'audit:read') && html`<p><a href="/admin/audit?about=${encodeURIComponent(resource.identifier)}">Audit log</a></p>`}
    </section>
    ${!resource.isOwn && opens(frame, resource, writes)}
    ${
      writes &&
      html`<section class="panel" aria-labelledby="settings"><h2 id="settings">Settings</h2>${postForm(
        frame,
        adminResourcePath(resource.identifier, '/settings'),
        html`${fieldsOfResource(
          {
            ...props,
            values: props.values ?? {
              name: resource.name,
              scopes: scopeLines(resource.scopes),
              format: resource.format,
              ttl: resource.accessTokenTtl?.toString() ?? '',
            },
          },
          false,
        )}<button type="submit">Save</button><p class="fine left">It applies to tokens that are issued from now on.</p>`,
        { noValidate: true },
      )}</section>`
    }
    ${writes && endings(frame, resource)}`,
  });
}

const opens = (frame: Frame, resource: AdminResource, writes: boolean): Html =>
  html`<section class="panel" aria-labelledby="open"><h2 id="open">Who can have its tokens</h2>
    <ul class="rows">${(Object.keys(openings) as Opening[]).map((name) => {
      const { label, open, closed, closing } = openings[name];
      const isOpen = resource.openTo[name];
      const path = adminResourcePath(resource.identifier, isOpen ? '/close' : '/open');
      const form = (button: Html) =>
        postForm(frame, path, html`<input type="hidden" name="to" value="${name}">${button}`);
      return html`<li><div class="row-head top"><div class="row-name"><h3>${label} ${badge(isOpen ? 'Open' : 'Closed', 'neutral')}</h3><p class="sub">${isOpen ? open : closed}</p></div></div>${
        writes &&
        (isOpen
          ? dangerous(
              html`Close it to ${label.toLowerCase()}…`,
              html`<p>${closing}</p>${form(html`<button type="submit" class="danger">Close it</button>`)}`,
            )
          : dangerous(
              html`Open it to ${label.toLowerCase()}…`,
              html`<p>${open}</p>${form(html`<button type="submit" class="danger">Open it</button>`)}`,
            ))
      }</li>`;
    })}</ul></section>`;

const endings = (frame: Frame, resource: AdminResource): Html =>
  dangerPanel(
    'end',
    'Default or delete',
    html`${
      !resource.isDefault &&
      dangerous(
        'Make it the default…',
        html`<p>Clients that name no API get tokens for this one from now on, if they can have it.</p>${postForm(frame, adminResourcePath(resource.identifier, '/default'), html`<button type="submit" class="danger">Make it the default</button>`)}`,
      )
    }
    ${dangerous(
      'Delete the API…',
      html`<p>No client gets tokens for it any more. That works only while no client has it, it is not the default, and no personal access tokens or API tokens for it are active.</p>${postForm(frame, adminResourcePath(resource.identifier, '/delete'), html`<button type="submit" class="danger">Delete the API</button>`)}`,
    )}`,
  );
