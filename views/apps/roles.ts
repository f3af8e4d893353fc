import { html } from 'hono/html';
import {
  type AppShown,
  appPage,
  appPath,
  type Manages,
  type RoleShown,
} from '../components/app.ts';
import { field } from '../components/field.ts';
import { permissionList, permissionVerdict } from '../components/permissions.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppRolesProps {
  app: AppShown;
  roles: RoleShown[];
  /** A permission that was tried, and the names of the roles that allow it. */
  tried?: { permission: string; roles: string[]; problem?: string | undefined } | undefined;
}

/** The roles of an app: its own, and those that every app has. */
export function appRoles(frame: Frame, { app, roles, tried }: AppRolesProps): Html {
  const isOwner = app.manages === 'app';
  const own = roles.filter(({ builtIn }) => !builtIn);
  return appPage(frame, {
    app,
    current: 'roles',
    title: 'Roles',
    actions: isOwner
      ? html`<a class="button" href="${appPath(app, '/roles/edit')}">Create a role</a>`
      : undefined,
    body: html`<p class="lead">Each client and each member has one role. It says what they can do at the APIs, and what a member can change in this app.</p>
    <section class="panel" aria-labelledby="own">
      <h2 id="own">Roles of this app</h2>
      ${
        own.length > 0
          ? html`<ul class="rows">${own.map((role) => html`<li>${item(app, role, isOwner)}</li>`)}</ul>`
          : html`<p class="sub">None yet. ${isOwner ? 'Create one if the built-in roles allow too much or too little.' : 'An Owner can create one.'}</p>`
      }
    </section>
    <section class="panel" aria-labelledby="built-in">
      <h2 id="built-in">Built-in roles</h2>
      <ul class="rows">${roles.filter(({ builtIn }) => builtIn).map((role) => html`<li>${item(app, role, false)}</li>`)}</ul>
    </section>
    ${tryIt(app, roles, tried)}`,
  });
}

const managesSentences: Record<Manages, string> = {
  nothing: '',
  clients: 'Members can manage the clients of this app',
  app: 'Members can manage this app: its clients, members and roles',
};

function item(app: AppShown, role: RoleShown, editable: boolean): Html {
  const { name, description, permissions, manages } = role;
  return html`<div class="row-head top">
    <div class="row-name"><h3><bdi>${name}</bdi></h3>
      ${description && html`<p class="sub"><bdi>${description}</bdi></p>`}
      ${permissionList(permissions)}
      ${managesSentences[manages] && html`<p class="manages">${managesSentences[manages]}</p>`}</div>
    ${editable && html`<p class="row-badges"><a class="edit" href="${appPath(app, `/roles/edit?name=${encodeURIComponent(name)}`)}">Edit<span class="visually-hidden"> <bdi>${name}</bdi></span></a></p>`}
  </div>`;
}

function tryIt(app: AppShown, roles: RoleShown[], tried: AppRolesProps['tried']): Html {
  return html`<section class="panel" aria-labelledby="try">
    <h2 id="try">Test a permission</h2>
    <p class="sub">An API checks one permission per request, such as <code>things.write</code>. See which roles allow it.</p>
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
      <button type="submit" class="plain">Test</button>
      </div>
    </form>
    ${tried && !tried.problem && html`<ul class="verdicts" aria-label="Roles that allow it">${roles.map(({ name }) => permissionVerdict(name, tried.roles.includes(name)))}</ul>`}
  </section>`;
}
