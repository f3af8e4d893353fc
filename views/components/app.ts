import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage, type PageProps } from '../layout/layout.ts';
import { disabledBadge } from './badge.ts';
import type { Option } from './controls.ts';
import { globeIcon, phoneIcon, serverIcon, terminalIcon } from './icons.ts';

/** What a member may change of an app. */
export type Manages = 'nothing' | 'clients' | 'app';

export type ClientKind = 'server' | 'website_with_server' | 'website' | 'native' | 'device';

/** What every page of an app shows of it, and what the one who looks may change. */
export interface AppShown {
  /** Its address, and what the ids of its clients begin with. */
  name: string;
  displayName: string;
  disabledAt: Date | null;
  /** `operator`: whoever runs the server did, and alone can enable it. */
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
  /** `operator`: whoever runs the server did, and alone can enable it. */
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
  /** Null where whoever runs the server did. */
  invitedBy: string | null;
  expiresAt: Date;
}

export type AppTab = 'overview' | 'members' | 'roles' | 'activity' | 'settings';

export interface AppPageProps extends PageProps {
  app: Pick<AppShown, 'name' | 'displayName' | 'disabledAt'>;
  current: AppTab;
  /** Pages between the app's and this one. */
  trail?: [label: string, href: string][];
}

const tabs = [
  ['overview', '', 'Overview'],
  ['members', '/members', 'Members'],
  ['roles', '/roles', 'Roles'],
  ['activity', '/activity', 'Activity'],
  ['settings', '/settings', 'Settings'],
] as const;

/** The path of an app's page. */
export const appPath = (app: { name: string }, rest = ''): string =>
  `/apps/${encodeURIComponent(app.name)}${rest}`;

/** The path of a client's page. */
export const clientPath = (app: { name: string }, client: { name: string }, rest = ''): string =>
  appPath(app, `/clients/${encodeURIComponent(client.name)}${rest}`);

/** A page of an app: where it stands, and what else there is of the app. */
export function appPage(frame: Frame, props: AppPageProps): Html {
  const { app, current, trail = [], title, heading } = props;
  return accountPage(
    frame,
    { ...props, title: `${title} · ${app.displayName}`, heading: heading ?? html`${title}` },
    html`<div class="app-bar">
      <div class="whereabouts">
        ${breadcrumb([[app.displayName, appPath(app)], ...trail])}
        ${app.disabledAt && disabledBadge}
      </div>
      <nav class="tabs" aria-label="This app"><ul>${tabs.map(
        ([name, rest, label]) =>
          html`<li><a href="${appPath(app, rest)}"${current === name && html` aria-current="${trail.length > 0 ? 'true' : 'page'}"`}>${label}</a></li>`,
      )}</ul></nav>
    </div>`,
  );
}

const breadcrumb = (trail: [label: string, href: string][]): Html =>
  html`<nav class="crumbs" aria-label="Where this is"><ol><li><a href="/apps">Apps</a></li>${trail.map(
    ([label, href]) => html`<li><a href="${href}"><bdi>${label}</bdi></a></li>`,
  )}</ol></nav>`;

export const kindNames: Record<ClientKind, string> = {
  server: 'Server',
  website_with_server: 'Website with a server',
  website: 'Website without a server',
  native: 'Phone or desktop app',
  device: 'Device or command line',
};

export const kindIcons: Record<ClientKind, Html> = {
  server: serverIcon,
  website_with_server: globeIcon,
  website: globeIcon,
  native: phoneIcon,
  device: terminalIcon,
};

/** What a kind of client is, for who chooses one. */
export const kindDescriptions: Record<ClientKind, string> = {
  server: 'A backend, a job or a script that can keep a secret. It gets tokens for itself.',
  website_with_server:
    'People sign in in their browser. Its server keeps the secret and the tokens, as with Express, Django or Rails.',
  website: 'A single-page app: it runs only in the browser, so it has no secret. People sign in.',
  native: 'An app that people install and sign in to in their browser. It has no secret.',
  device: 'It shows a code, and people let it in from their browser. It has no secret.',
};

export const redirectUriExamples: Record<ClientKind, string> = {
  server: '',
  website_with_server: 'https://www.example.com/callback',
  website: 'https://www.example.com/callback',
  native: 'com.example.app:/signed-in\nhttp://127.0.0.1/signed-in',
  device: '',
};

/** Kinds that people's browsers come back to. */
export const isRedirectedTo = (kind: ClientKind): boolean =>
  kind === 'website_with_server' || kind === 'website' || kind === 'native';

export const roleOptions = (roles: readonly RoleChoice[]): Option[] =>
  roles.map(({ name, description }) => ({
    value: name,
    label: description ? `${name} – ${description}` : name,
  }));
