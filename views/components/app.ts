import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage, type PageProps } from '../layout/layout.ts';
import { disabledBadge } from './badge.ts';
import type { Option } from './controls.ts';
import { type Crumb, crumbs } from './crumbs.ts';
import {
  agentIcon,
  globeIcon,
  globeServerIcon,
  phoneIcon,
  serverIcon,
  terminalIcon,
} from './icons.ts';
import { tabs } from './tabs.ts';

/** What a member can change in an app. */
export type Manages = 'nothing' | 'clients' | 'app';

export type ClientKind =
  | 'server'
  | 'agent'
  | 'website_with_server'
  | 'website'
  | 'native'
  | 'device';

/** An app on its own pages, and what the viewer can change in it. */
export interface AppShown {
  /** Part of its URL and of the ids of its clients. */
  name: string;
  displayName: string;
  disabledAt: Date | null;
  /** If an operator disabled it, only an operator can enable it. */
  disabledBy: 'member' | 'operator' | null;
  manages: Manages;
}

export interface ClientShown {
  /** `acme:website` */
  clientId: string;
  /** `website` */
  name: string;
  displayName: string;
  kind: ClientKind;
  role: string;
  disabledAt: Date | null;
  /** If an operator disabled it, only an operator can enable it. */
  disabledBy: 'member' | 'operator' | null;
}

/** A role that can be chosen. */
export interface RoleChoice {
  name: string;
  description: string;
}

export interface RoleShown extends RoleChoice {
  permissions: readonly string[];
  manages: Manages;
  /** Every app has it. */
  builtIn: boolean;
}

export interface ReceivedInvitationShown {
  id: string;
  app: { name: string; displayName: string };
  role: string;
  roleDescription: string;
  email: string;
  /** Null if an operator sent it. */
  invitedBy: string | null;
  expiresAt: Date;
}

const appTabs = [
  ['overview', '', 'Overview'],
  ['members', '/members', 'Members'],
  ['roles', '/roles', 'Roles'],
  ['activity', '/activity', 'Activity'],
  ['settings', '/settings', 'Settings'],
] as const;

export type AppTab = (typeof appTabs)[number][0];

const clientTabs = [
  ['settings', '', 'Settings'],
  ['agent', '/agent', 'Agent'],
  ['connect', '/connect', 'Connect'],
  ['api-keys', '/api-keys', 'API keys'],
] as const;

export type ClientTab = (typeof clientTabs)[number][0];

/** The path of a page of an app. */
export const appPath = (app: { name: string }, rest = ''): string =>
  `/apps/${encodeURIComponent(app.name)}${rest}`;

/** The path of a page of a client. */
export const clientPath = (app: { name: string }, client: { name: string }, rest = ''): string =>
  appPath(app, `/clients/${encodeURIComponent(client.name)}${rest}`);

type AppNamed = Pick<AppShown, 'name' | 'displayName' | 'disabledAt'>;

const appsCrumb: Crumb = ['Apps', '/apps'];

const nameOf = ({ displayName, name }: { displayName: string; name: string }): string =>
  displayName || name;

/**
 * The name of a client where it stands beside its app: its client ID if it has no display name of its own, since it then
 * carries the app's name, which people see when they sign in.
 */
export const clientName = (
  app: { displayName: string },
  { clientId, displayName }: Pick<ClientShown, 'clientId' | 'displayName'>,
): string => (displayName === app.displayName ? clientId : displayName || clientId);

const nameWithState = (name: string, { disabledAt }: { disabledAt: Date | null }): Html =>
  html`<bdi>${name}</bdi>${disabledAt && html` ${disabledBadge}`}`;

/** A page under one of the tabs of an app. `title` names the page in the browser; the heading is the app. */
export function appPage(
  frame: Frame,
  { app, current, ...props }: PageProps & { app: AppNamed; current: AppTab },
): Html {
  return accountPage(frame, {
    ...props,
    title: `${props.title} · ${nameOf(app)}`,
    heading: nameWithState(nameOf(app), app),
    crumbs: crumbs([appsCrumb]),
    tabs: tabs(
      'App',
      appTabs.map(([name, rest, label]) => ({
        label,
        href: appPath(app, rest),
        isCurrent: name === current,
      })),
    ),
  });
}

/** A page under one of the tabs of a client. */
export function clientPage(
  frame: Frame,
  {
    app,
    client,
    current,
    ...props
  }: Omit<PageProps, 'title' | 'lead'> & {
    app: AppShown;
    client: ClientShown;
    current: ClientTab;
  },
): Html {
  const tab = clientTabs.find(([name]) => name === current);
  const name = clientName(app, client);
  return accountPage(frame, {
    ...props,
    title: `${tab?.[2]} · ${name}`,
    heading: nameWithState(name, client),
    lead: html`${name !== client.clientId && html`<code><bdi>${client.clientId}</bdi></code> · `}${kindNames[client.kind]}`,
    crumbs: crumbs([appsCrumb, [nameOf(app), appPath(app)]]),
    tabs: tabs(
      'Client',
      clientTabs
        .filter(
          ([name]) =>
            (name !== 'agent' || client.kind === 'agent') &&
            (name !== 'api-keys' || (isConfidentialKind(client.kind) && app.manages !== 'nothing')),
        )
        .map(([name, rest, label]) => ({
          label,
          href: clientPath(app, client, rest),
          isCurrent: name === current,
        })),
    ),
  });
}

/** A page below one of the tabs, such as a form. `trail` names the pages between the app and this one. */
export function appSubpage(
  frame: Frame,
  { app, trail = [], ...props }: PageProps & { app: AppNamed; trail?: Crumb[] },
): Html {
  return accountPage(frame, {
    ...props,
    heading: props.heading ?? html`${props.title}`,
    title: `${props.title} · ${nameOf(app)}`,
    crumbs: crumbs([appsCrumb, [nameOf(app), appPath(app)], ...trail]),
  });
}

/** The breadcrumb of a client. */
export const clientCrumb = (
  app: { name: string; displayName: string },
  client: ClientShown,
): Crumb => [clientName(app, client), clientPath(app, client)];

export const kindNames: Record<ClientKind, string> = {
  server: 'Server',
  agent: 'Agent',
  website_with_server: 'Website with a server',
  website: 'Website without a server',
  native: 'Phone or desktop app',
  device: 'Device or command line',
};

export const kindIcons: Record<ClientKind, Html> = {
  server: serverIcon,
  agent: agentIcon,
  website_with_server: globeServerIcon,
  website: globeIcon,
  native: phoneIcon,
  device: terminalIcon,
};

/** Describes each kind of client to a developer who chooses one. */
export const kindDescriptions: Record<ClientKind, string> = {
  server: 'A backend, a job or a script. It gets tokens for itself with a secret.',
  agent:
    'A program that does things for people, such as an AI assistant. It says what it is for, has limits, and can be stopped at once.',
  website_with_server:
    'People sign in in their browser. Its server keeps the secret and the tokens, as with Express, Django or Rails.',
  website: 'A single-page app: it runs only in the browser, so it has no secret. People sign in.',
  native: 'An app that people install, and sign in to in their browser. It has no secret.',
  device: 'It shows a code that people approve in their browser. It has no secret.',
};

export const redirectUriExamples: Record<ClientKind, string> = {
  server: '',
  agent: '',
  website_with_server: 'https://www.example.com/callback',
  website: 'https://www.example.com/callback',
  native: 'com.example.app:/callback\nhttp://127.0.0.1/callback',
  device: '',
};

/** Kinds whose clients receive authorization codes at redirect URIs. */
export const hasRedirectUris = (kind: ClientKind): boolean =>
  kind === 'website_with_server' || kind === 'website' || kind === 'native';

/** Kinds whose clients have a secret and can have API keys. */
export const isConfidentialKind = (kind: ClientKind): boolean =>
  kind === 'server' || kind === 'agent' || kind === 'website_with_server';

/** Kinds whose clients sign people in. */
export const signsPeopleIn = (kind: ClientKind): boolean => kind !== 'server' && kind !== 'agent';

export const roleOptions = (roles: readonly RoleChoice[]): Option[] =>
  roles.map(({ name, description }) => ({
    value: name,
    label: description ? `${name} – ${description}` : name,
  }));
