import { html } from 'hono/html';
import {
  type AppShown,
  appPage,
  appPath,
  type Manages,
  type RoleShown,
} from '../components/app.ts';
import { badge } from '../components/badge.ts';
import { field } from '../components/field.ts';
import { checkIcon, crossIcon } from '../components/icons.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppRolesProps {
  app: AppShown;
  roles: RoleShown[];
  /** What was typed to try it, and the names of the roles that permit it. */
  tried?: { permission: string; roles: string[]; problem?: string | undefined } | undefined;
}

/** What clients and members of an app can be let do. */
export function appRoles(frame: Frame, { app, roles, tried }: AppRolesProps): Html {
  const isOwner = app.manages === 'app';
  const own = roles.filter(({ builtIn }) => !builtIn);
  return appPage(frame, {
    app,
    current: 'roles',
    title: 'Roles',
    lead: 'Each client and each member has one. It says what they may do at the APIs, and what a member may change here.',
    actions: isOwner
      ? html`<a class="button" href="${appPath(app, '/roles/edit')}">Make a role</a>`
      : undefined,
    body: html`<section class="panel" aria-labelledby="own">
      <h2 id="own">Of this app</h2>
      ${
        own.length > 0
          ? html`<ul class="rows">${own.map((role) => html`<li>${item(app, role, isOwner)}</li>`)}</ul>`
          : html`<p class="sub">None yet. ${isOwner ? 'Make one where those below permit too much or too little.' : 'The Owner can make some.'}</p>`
      }
    </section>
    <section class="panel" aria-labelledby="built-in">
      <h2 id="built-in">Of every app</h2>
      <ul class="rows">${roles.filter(({ builtIn }) => builtIn).map((role) => html`<li>${item(app, role, false)}</li>`)}</ul>
    </section>
    ${tryIt(app, roles, tried)}`,
  });
}

const managesWords: Record<Manages, string> = {
  nothing: '',
  clients: 'Manages clients',
  app: 'Manages the app',
};

function item(app: AppShown, role: RoleShown, editable: boolean): Html {
  const { name, description, permissions, manages } = role;
  return html`<div class="row-head top">
    <div class="row-name"><h3><bdi>${name}</bdi></h3>
      ${description && html`<p class="sub"><bdi>${description}</bdi></p>`}
      <p class="names" aria-label="Permissions">${permissions.length > 0 ? permissions.map((permission) => html`<code><bdi>${permission}</bdi></code> `) : html`<span class="aside">Permits nothing</span>`}</p></div>
    <p class="row-badges">${managesWords[manages] && badge(managesWords[manages], 'neutral')}${editable && html`<a class="edit" href="${appPath(app, `/roles/edit?name=${encodeURIComponent(name)}`)}">Edit<span class="visually-hidden"> <bdi>${name}</bdi></span></a>`}</p>
  </div>`;
}

function tryIt(app: AppShown, roles: RoleShown[], tried: AppRolesProps['tried']): Html {
  return html`<section class="panel" aria-labelledby="try">
    <h2 id="try">Try a permission</h2>
    <p class="sub">An API asks for one, such as <code>things.write</code>. See which roles permit it.</p>
    <form method="get" action="${appPath(app, '/roles')}#try">
      <div class="beside">
      ${field({
        name: 'permission',
        label: 'Permission',
        value: tried?.permission,
        problem: tried?.problem,
        maxLength: 200,
        attributes: html`class="mono" autocapitalize="none" spellcheck="false" placeholder="things.write"`,
      })}
      <button type="submit" class="plain">Try</button>
      </div>
    </form>
    ${tried && !tried.problem && html`<ul class="verdicts" aria-label="What the roles say to it">${roles.map(({ name }) => verdict(name, tried.roles.includes(name)))}</ul>`}
  </section>`;
}

const verdict = (name: string, permits: boolean): Html =>
  html`<li class="${permits ? 'yes' : 'no'}">${permits ? checkIcon : crossIcon}<span><bdi>${name}</bdi> <span class="aside">${permits ? 'permits it' : 'does not'}</span></span></li>`;
