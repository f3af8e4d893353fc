import { html } from 'hono/html';
import { disabledBadge } from '../components/badge.ts';
import { checkboxes, select, textarea } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { globeIcon } from '../components/icons.ts';
import { information, warning } from '../components/notice.ts';
import { count } from '../components/number.ts';
import { ago, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { adminPage } from './shell.ts';

/** An identity provider, without its client secret. */
export interface ProviderShown {
  id: string;
  name: string;
  kind: 'oidc' | 'github';
  issuer: string;
  clientId: string;
  hasClientSecret: boolean;
  scopes: string[];
  domains: string[];
  createsAccounts: boolean;
  allowedDomains: string[];
  roleRules: { claim: string; value: string; roles: string[] }[];
  updatesProfile: boolean;
  trustsEmail: boolean;
  trustsSecondFactor: boolean;
  signsOut: boolean;
  privateNetwork: boolean;
  enabled: boolean;
  /** What is registered there. */
  redirectUri: string;
  postLogoutRedirectUri: string;
  backchannelLogoutUri: string;
  createdAt: Date;
  /** When it was last changed, for forms that must not undo another change. */
  version: string;
}

/** Who signs in with a provider. */
export interface ProviderUseShown {
  accounts: number;
  /** Those that have no other way to sign in. */
  dependent: number;
  lastUsedAt: Date | null;
}

const home = '/admin/identity-providers';

/** The page of a provider, or a path below it. */
export const identityProviderPath = (id: string, rest = ''): string =>
  `${home}/${encodeURIComponent(id)}${rest}`;

const numberOfAccounts = (number: number): string =>
  number === 1 ? 'One account' : `${count(number)} accounts`;

/** The identity providers, in the order of their buttons. */
export function identityProviders(
  frame: Frame,
  { providers, mayChange }: { providers: ProviderShown[]; mayChange: boolean },
): Html {
  return adminPage(frame, {
    section: 'identity-providers',
    title: 'Identity providers',
    lead: 'People can sign in with these, in the order of their buttons.',
    actions: mayChange ? html`<a class="button" href="${home}/new">Add a provider</a>` : undefined,
    body:
      providers.length === 0
        ? html`<section class="panel empty" aria-labelledby="none">
            <div class="glyph">${globeIcon}</div>
            <h2 id="none">There is no identity provider yet</h2>
            <p>With one, people sign in with an account that they have already: Google, Microsoft, GitHub, GitLab, or the OpenID Provider of your company.</p>
          </section>`
        : html`<section class="panel" aria-label="Identity providers"><ul class="rows">${providers.map(
            ({ id, name, issuer, enabled, domains }) =>
              html`<li><div class="row-head"><div class="glyph">${globeIcon}</div><div class="row-name">
              <h2><a href="${identityProviderPath(id)}"><bdi>${name}</bdi></a>${!enabled && html` ${disabledBadge}`}</h2>
              <p class="sub"><bdi>${issuer}</bdi>${domains.length > 0 && html` · for <bdi>${domains.slice(0, 3).join(', ')}</bdi>${domains.length > 3 && ' and others'}`}</p>
            </div></div></li>`,
          )}</ul></section>`,
  });
}

export type NewProviderField =
  | 'preset'
  | 'id'
  | 'name'
  | 'issuer'
  | 'tenant'
  | 'client_id'
  | 'client_secret';

export interface ProviderNewProps {
  presets: { id: string; name: string }[];
  values?: Partial<Record<NewProviderField | 'private_network', string | undefined>> | undefined;
  problems?: Problems<NewProviderField> | undefined;
  problem?: string | undefined;
}

const optional = html`<span class="optional">optional</span>`;
const mono = html`class="mono" autocapitalize="none" spellcheck="false"`;

/** The form that adds a provider. A secret that was entered is not shown again. */
export function identityProviderNew(frame: Frame, props: ProviderNewProps): Html {
  const { presets, values, problems } = props;
  const of = fieldsOf<NewProviderField>({
    order: ['preset', 'id', 'name', 'issuer', 'tenant', 'client_id', 'client_secret'],
    values,
    problems,
    focusFirst: false,
  });
  return adminPage(frame, {
    section: 'identity-providers',
    trail: [],
    title: 'Add a provider',
    lead: 'Register a client there first. The next page shows the redirect URI that belongs to it.',
    problem: props.problem,
    problems,
    body: html`<section class="panel" aria-label="The provider">${postForm(
      frame,
      home,
      html`${select({
        ...of('preset'),
        label: 'Kind',
        options: [
          { value: '', label: 'Another OpenID Provider' },
          ...presets.map(({ id, name }) => ({ value: id, label: name })),
        ],
        hint: 'Fills in the issuer and its settings. Values that you enter below replace them.',
      })}
      ${field({
        ...of('id'),
        label: 'ID',
        maxLength: 40,
        hint: 'Lowercase letters, digits and hyphens, such as google. It is part of the redirect URI and cannot be changed later.',
        attributes: mono,
      })}
      ${field({ ...of('name'), label: html`Name ${optional}`, optional: true, maxLength: 40, hint: 'What its button says.' })}
      ${field({
        ...of('issuer'),
        label: html`Issuer ${optional}`,
        optional: true,
        maxLength: 500,
        hint: 'The URL of an OpenID Provider, or of a GitHub Enterprise Server.',
        attributes: html`inputmode="url"`,
      })}
      ${field({
        ...of('tenant'),
        label: html`Tenant ${optional}`,
        optional: true,
        maxLength: 100,
        hint: 'For Microsoft: the ID or domain of your tenant, or organizations for all of them.',
      })}
      ${field({ ...of('client_id'), label: 'Client ID', maxLength: 500, hint: 'Of the client that you registered there.', attributes: mono })}
      ${field({ ...of('client_secret'), value: undefined, type: 'password', label: html`Client secret ${optional}`, optional: true, maxLength: 1000, hint: 'It is stored encrypted and never shown.' })}
      <div class="checks"><label><input type="checkbox" name="private_network"${values?.private_network === 'on' && html` checked`}><span>It is in a private network, or on this machine</span></label></div>
      <div class="form-end"><button type="submit">Add the provider</button><a class="button plain" href="${home}">Cancel</a></div>`,
      { noValidate: true },
    )}</section>`,
  });
}

export type ProviderField =
  | 'name'
  | 'client_id'
  | 'client_secret'
  | 'scopes'
  | 'domains'
  | 'allowed_domains';

export type ProviderSwitch =
  | 'create_accounts'
  | 'updates_profile'
  | 'trusts_email'
  | 'trusts_second_factor'
  | 'sign_out';

export interface ProviderProps {
  provider: ProviderShown;
  use: ProviderUseShown;
  /** Whether the person has every scope, which changes need. */
  mayChange: boolean;
  /** What reading its discovery document now found. */
  findings?: { status: 'ok' | 'warning' | 'failed'; message: string }[] | undefined;
  values?: Partial<Record<ProviderField | ProviderSwitch, string | undefined>> | undefined;
  problems?: Problems<ProviderField> | undefined;
  problem?: string | undefined;
}

/** One provider: who uses it, whether it answers, its settings, and the ways to end it. */
export function identityProvider(frame: Frame, props: ProviderProps): Html {
  const { provider, mayChange } = props;
  return adminPage(frame, {
    section: 'identity-providers',
    trail: [],
    title: provider.name,
    heading: html`<bdi>${provider.name}</bdi>${!provider.enabled && html` ${disabledBadge}`}`,
    lead: html`<bdi>${provider.issuer}</bdi>`,
    problem: props.problem,
    problems: props.problems,
    body: html`${
      !provider.enabled &&
      warning(html`<p><strong>This provider is disabled.</strong> No one can sign in with it.</p>`)
    }
    ${useAndCheck(frame, props)}
    ${registration(provider)}
    ${mayChange ? settingsForm(frame, props) : settings(provider)}
    ${rules(provider)}
    ${mayChange && endings(frame, props)}`,
  });
}

function useAndCheck(frame: Frame, { provider, use, findings }: ProviderProps): Html {
  const { accounts, dependent, lastUsedAt } = use;
  return html`<section class="panel" aria-labelledby="use"><h2 id="use">Use</h2>
    ${facts([
      [
        'Accounts',
        accounts === 0
          ? 'No account has an identity there'
          : html`${numberOfAccounts(accounts)}${dependent > 0 && html`; ${dependent === accounts ? (accounts === 1 ? 'it has' : 'they have') : dependent === 1 ? 'one has' : `${count(dependent)} have`} no other way to sign in`}`,
      ],
      ['Last sign-in', lastUsedAt === null ? 'Never' : ago(lastUsedAt, frame.now)],
      ['ID', html`<code><bdi>${provider.id}</bdi></code>`],
      ['Created', momentFromNow(provider.createdAt, frame.now)],
    ])}
    ${findings?.map(({ status, message }) =>
      (status === 'ok' ? information : warning)(html`<p><bdi>${message}</bdi></p>`),
    )}
    ${postForm(frame, identityProviderPath(provider.id, '/check'), html`<button type="submit" class="plain">${provider.kind === 'github' ? 'Check it now' : 'Read its discovery document now'}</button>`)}
  </section>`;
}

const registration = (provider: ProviderShown): Html =>
  html`<section class="panel" aria-labelledby="registration"><h2 id="registration">To register there</h2>
    ${facts([
      ['Redirect URI', html`<code><bdi>${provider.redirectUri}</bdi></code>`],
      ...(provider.kind === 'oidc'
        ? ([
            ['After signing out', html`<code><bdi>${provider.postLogoutRedirectUri}</bdi></code>`],
            ['Back-channel logout', html`<code><bdi>${provider.backchannelLogoutUri}</bdi></code>`],
          ] as [string, Html][])
        : []),
    ])}
  </section>`;

const switches = (provider: ProviderShown, values: ProviderProps['values']) => {
  const isOn = (name: ProviderSwitch, stored: boolean) => (values ? values[name] === 'on' : stored);
  return [
    {
      name: 'create_accounts',
      label: 'Create accounts',
      description: 'For people without one whose address it verified, if the domain is allowed.',
      checked: isOn('create_accounts', provider.createsAccounts),
    },
    {
      name: 'trusts_email',
      label: 'Believe it about addresses',
      description: 'An address counts as verified if the provider says so.',
      checked: isOn('trusts_email', provider.trustsEmail),
    },
    {
      name: 'updates_profile',
      label: 'Take over name and picture',
      description: 'At each sign-in.',
      checked: isOn('updates_profile', provider.updatesProfile),
    },
    {
      name: 'trusts_second_factor',
      label: 'Accept its second factor',
      description: 'A second factor that it asked for replaces the one here.',
      checked: isOn('trusts_second_factor', provider.trustsSecondFactor),
    },
    {
      name: 'sign_out',
      label: 'Sign out there, too',
      description: 'People who sign out here also sign out there, if the provider offers it.',
      checked: isOn('sign_out', provider.signsOut),
    },
  ];
};

function settings(provider: ProviderShown): Html {
  const on = switches(provider, undefined).filter(({ checked }) => checked);
  return html`<section class="panel" aria-labelledby="settings"><h2 id="settings">Settings</h2>
    ${facts([
      ['Client ID', html`<code><bdi>${provider.clientId}</bdi></code>`],
      ['Scopes', html`<bdi>${provider.scopes.join(' ') || 'None'}</bdi>`],
      ['Sent there', html`<bdi>${provider.domains.join(', ') || 'No domain'}</bdi>`],
      [
        'Switched on',
        html`<span class="stack">${on.length === 0 ? 'Nothing' : on.map(({ label }) => html`<span>${label}</span>`)}</span>`,
      ],
    ])}
    <p class="sub">A provider decides who signs in, so only people with every scope change it.</p>
  </section>`;
}

function settingsForm(frame: Frame, { provider, values, problems }: ProviderProps): Html {
  const of = fieldsOf<ProviderField>({
    order: ['name', 'client_id', 'client_secret', 'scopes', 'domains', 'allowed_domains'],
    values: values ?? {
      name: provider.name,
      client_id: provider.clientId,
      scopes: provider.scopes.join(' '),
      domains: provider.domains.join('\n'),
      allowed_domains: provider.allowedDomains.join('\n'),
    },
    problems,
    focusFirst: false,
  });
  return html`<section class="panel" aria-labelledby="settings"><h2 id="settings">Settings</h2>
    ${postForm(
      frame,
      identityProviderPath(provider.id, '/settings'),
      html`<input type="hidden" name="version" value="${provider.version}">
      ${field({ ...of('name'), label: 'Name', maxLength: 40, hint: 'What its button says.' })}
      ${field({ ...of('client_id'), label: 'Client ID', maxLength: 500, attributes: mono })}
      ${field({
        ...of('client_secret'),
        value: undefined,
        type: 'password',
        label: html`New client secret ${optional}`,
        optional: true,
        maxLength: 1000,
        hint: provider.hasClientSecret
          ? 'Empty: the stored one stays. It is never shown.'
          : 'It has none. A new one is stored encrypted and never shown.',
      })}
      ${field({ ...of('scopes'), label: 'Scopes', maxLength: 2000, hint: 'Separated by spaces.', attributes: mono })}
      ${textarea({ ...of('domains'), label: html`Domains that are sent there, one per line ${optional}`, rows: 2, optional: true, hint: 'People with such an email address are sent there from the sign-in page.' })}
      ${checkboxes({ legend: 'When someone signs in', boxes: switches(provider, values) })}
      ${textarea({ ...of('allowed_domains'), label: html`Domains whose people get an account, one per line ${optional}`, rows: 2, optional: true, hint: '* allows all.' })}
      <button type="submit">Save</button>`,
      { noValidate: true },
    )}
    <p class="sub">Change the issuer, the position of the button and other settings with <code>writ providers update <bdi>${provider.id}</bdi></code>.</p>
  </section>`;
}

const rules = ({ id, roleRules }: ProviderShown): Html =>
  html`<section class="panel" aria-labelledby="rules"><h2 id="rules">Roles</h2>
    ${
      roleRules.length === 0
        ? html`<p class="sub">Claims of this provider give no roles.</p>`
        : html`<ul class="plain-list">${roleRules.map(
            ({ claim, value, roles }) =>
              html`<li><code><bdi>${claim} = ${value}</bdi></code> gives <bdi>${roles.join(', ')}</bdi></li>`,
          )}</ul>`
    }
    <p class="sub">Change the rules with <code>writ providers update <bdi>${id}</bdi></code>.</p>
  </section>`;

function endings(frame: Frame, { provider, use }: ProviderProps): Html {
  const name = html`<bdi>${provider.name}</bdi>`;
  const lockedOut =
    use.dependent === 0
      ? html`<p>Everyone who signs in with it has another way in.</p>`
      : warning(
          html`<p><strong>${numberOfAccounts(use.dependent)} ${use.dependent === 1 ? 'has' : 'have'} no other way to sign in.</strong> Send them a link to choose a password first, or connect another provider.</p>`,
        );
  return dangerPanel(
    'endings',
    provider.enabled ? 'Disable or delete' : 'Enable or delete',
    html`${
      provider.enabled
        ? dangerous(
            html`Disable ${name}…`,
            html`<p>No one can sign in with it until it is enabled again. Sessions stay.</p>${lockedOut}
            ${postForm(frame, identityProviderPath(provider.id, '/disable'), html`<button type="submit" class="danger">Disable ${name}</button>`)}`,
          )
        : html`<div class="panel-row"><p class="sub">If you enable it, people can sign in with it again.</p>
        ${postForm(frame, identityProviderPath(provider.id, '/enable'), html`<button type="submit" class="plain">Enable ${name}</button>`, 'inline')}</div>`
    }
    ${dangerous(
      html`Delete ${name}…`,
      html`<p>No one can sign in with it any longer, and ${use.accounts === 0 ? 'no account loses an identity' : `${use.accounts === 1 ? 'one account loses its identity' : `${count(use.accounts)} accounts lose their identities`} there`}. Accounts and sessions stay.</p>${lockedOut}
      ${postForm(frame, identityProviderPath(provider.id, '/delete'), html`<button type="submit" class="danger">Delete ${name}</button>`)}`,
    )}`,
  );
}
