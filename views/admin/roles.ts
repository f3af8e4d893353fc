import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { checkboxes, select, textarea } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { information } from '../components/notice.ts';
import { permissionList, permissionSyntax, permissionVerdict } from '../components/permissions.ts';
import { table } from '../components/table.ts';
import { numberOf } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { type PagerProps, pager } from './list.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';

/** A role of the installation. */
export interface RoleShown {
  name: string;
  description: string;
  permissions: string[];
  /** The scopes of Writ's own API that it gives. */
  apiScopes: string[];
  /** Days to set up a second factor; 0: at once; null: it is optional. */
  secondFactorDays: number | null;
  /** Only the server defines it. */
  builtIn: boolean;
}

/** A permission that was tried, and what it came to. */
export interface Tried {
  permission: string;
  problem?: string | undefined;
  /** The names of the roles that allow it. */
  allowing: string[];
  /** The number of roles that do not. */
  others: number;
}

const home = '/admin/roles';

export const rolePath = (name: string, rest = ''): string =>
  `${home}/${encodeURIComponent(name)}${rest}`;

const factorWords = (days: number | null): string => {
  if (days === null) return 'Optional';
  return days === 0 ? 'Required' : `Within ${numberOf('day', days)}`;
};

export interface RolesProps {
  roles: RoleShown[];
  tried?: Tried | undefined;
  pages: Omit<PagerProps, 'shown'>;
}

/** The roles of the installation, and a trial of permissions. */
export function adminRoles(frame: Frame, { roles, tried, pages }: RolesProps): Html {
  return adminPage(frame, {
    section: 'roles',
    title: 'Roles',
    lead: 'What people and clients may do: permissions at your APIs, and rights in this console.',
    actions: can(frame, 'roles:write')
      ? html`<a class="button" href="${home}/new">Create a role</a>`
      : undefined,
    body: html`<section class="panel flush" aria-label="Roles">${table({
      caption: 'Roles',
      columns: [
        { label: 'Role' },
        { label: 'Permissions', number: true },
        { label: 'Rights in this console' },
        { label: 'Second factor', keep: true },
      ],
      rows: roles.map((role) => [
        html`<div class="named"><div><a href="${rolePath(role.name)}"><bdi>${role.name}</bdi></a>${role.builtIn && html` ${badge('Built in', 'neutral')}`}${role.description && html`<span class="aside block"><bdi>${role.description}</bdi></span>`}</div></div>`,
        String(role.permissions.length),
        rightsInBrief(role),
        factorWords(role.secondFactorDays),
      ]),
    })}
    <div class="flush-part">${pager({ ...pages, shown: '' })}</div></section>
    ${trial(home, tried)}`,
  });
}

const rightsInBrief = ({ apiScopes, builtIn }: RoleShown): Html | string => {
  if (builtIn) return 'All';
  if (apiScopes.length === 0) return html`<span class="aside">None</span>`;
  return `${apiScopes.length} ${apiScopes.length === 1 ? 'scope' : 'scopes'}`;
};

/** A form that says which roles allow a permission, or whether one does. */
function trial(path: string, tried: Tried | undefined, only?: string): Html {
  return html`<section class="panel" aria-labelledby="try">
    <h2 id="try">Would it let that through?</h2>
    <p class="sub">An API checks one permission per request, such as <code>things.write</code>. See ${only === undefined ? 'which roles allow' : html`whether <bdi>${only}</bdi> allows`} it.</p>
    <form method="get" action="${path}#try">
      <div class="beside">
      ${field({
        name: 'permission',
        label: 'Permission',
        value: tried?.permission,
        problem: tried?.problem,
        maxLength: 200,
        attributes: html`class="mono" autocapitalize="none" spellcheck="false" placeholder="things.write"`,
      })}
      <button type="submit" class="plain">Try it</button>
      </div>
    </form>
    ${tried && !tried.problem && verdicts(tried, only)}
  </section>`;
}

const verdicts = ({ allowing, others }: Tried, only: string | undefined): Html =>
  html`<ul class="verdicts" aria-label="Result">${only === undefined ? allowing.map((name) => permissionVerdict(name, true)) : permissionVerdict(only, allowing.length > 0)}</ul>
  ${
    only === undefined &&
    html`<p class="sub">${allowing.length === 0 ? 'No role allows it.' : others === 0 ? 'Every role allows it.' : `${others === 1 ? 'One other role does' : `${others} other roles do`} not.`}</p>`
  }`;

/** The prefix of the checkboxes of scopes. */
export const scopeField = 'scope:';

export type RoleField =
  | 'name'
  | 'description'
  | 'permissions'
  | 'api_scopes'
  | 'second_factor'
  | 'days';

export interface RoleFormProps {
  /** The scopes of Writ's own API with their sentences, and whether they are ticked. */
  scopes: { name: string; sentence: string; checked: boolean }[];
  values?: Partial<Record<RoleField, string | undefined>> | undefined;
  problems?: Problems<RoleField> | undefined;
  problem?: string | undefined;
  /** Of the role that the form changes. */
  version?: string | undefined;
}

/** The form that creates a role. */
export const adminRoleNew = (frame: Frame, props: RoleFormProps): Html =>
  adminPage(frame, {
    section: 'roles',
    trail: [],
    title: 'Create a role',
    lead: 'Give it to people and clients afterwards.',
    problem: props.problem,
    problems: props.problems,
    body: html`<section class="panel" aria-label="The role">${roleForm(frame, home, props, { isNew: true })}</section>`,
  });

function roleForm(
  frame: Frame,
  action: string,
  { scopes, values = {}, problems, version }: RoleFormProps,
  { isNew }: { isNew: boolean },
): Html {
  const of = fieldsOf<RoleField>({
    order: ['name', 'description', 'permissions', 'api_scopes', 'second_factor', 'days'],
    values,
    problems,
    focusFirst: isNew,
  });
  const lines = values.permissions?.split('\n').length ?? 0;
  return postForm(
    frame,
    action,
    html`${version && html`<input type="hidden" name="version" value="${version}">`}${
      isNew &&
      field({
        ...of('name'),
        label: 'Name',
        maxLength: 100,
        hint: 'Letters, digits, dots, dashes and underscores, such as reader. It cannot be changed later.',
        attributes: html`class="mono" autocapitalize="none" spellcheck="false"`,
      })
    }
    ${field({ ...of('description'), label: html`Description <span class="optional">optional</span>`, optional: true, maxLength: 500 })}
    ${textarea({
      ...of('permissions'),
      label: html`Permissions, one per line <span class="optional">optional</span>`,
      rows: Math.min(12, Math.max(4, lines + 1)),
      placeholder: 'things.read\nthings.write',
      optional: true,
    })}
    ${permissionSyntax}
    ${checkboxes({
      id: 'api_scopes',
      legend: 'Rights in this console and at its API',
      boxes: scopes.map(({ name, sentence, checked }) => ({
        name: `${scopeField}${name}`,
        label: sentence,
        description: html`<code>${name}</code>`,
        checked,
      })),
      hint: 'You can give only rights that you have. People who get more by it are signed out, so that no one else who uses their account gets them.',
      problem: problems?.api_scopes,
    })}
    ${select({
      ...of('second_factor'),
      label: 'Second factor',
      options: [
        { value: 'optional', label: 'Optional' },
        { value: 'required', label: 'Required to sign in' },
      ],
    })}
    ${field({
      ...of('days'),
      label: html`Days to set it up <span class="optional">optional</span>`,
      optional: true,
      maxLength: 3,
      hint: 'If it is required: from the first sign-in after this change. Empty or 0: at once.',
      attributes: html`inputmode="numeric"`,
    })}
    <div class="form-end"><button type="submit">${isNew ? 'Create the role' : 'Save'}</button><a class="button plain" href="${home}">Cancel</a></div>`,
    { noValidate: true },
  );
}

export interface RoleProps extends RoleFormProps {
  role: RoleShown;
  tried?: Tried | undefined;
  /** The rights that it gives and the viewer lacks, who therefore cannot change it. */
  beyond: string[];
}

/** A role: what it allows, a trial, and the form that changes it. */
export function adminRole(frame: Frame, props: RoleProps): Html {
  const { role, scopes, tried, beyond } = props;
  const mayChange = can(frame, 'roles:write') && !role.builtIn && beyond.length === 0;
  const given = scopes.filter(({ name }) => role.apiScopes.includes(name));
  return adminPage(frame, {
    section: 'roles',
    trail: [],
    title: role.name,
    heading: html`<bdi>${role.name}</bdi>${role.builtIn && html` ${badge('Built in', 'neutral')}`}`,
    lead: role.description ? html`<bdi>${role.description}</bdi>` : undefined,
    problem: props.problem,
    problems: props.problems,
    body: html`<section class="panel" aria-labelledby="about"><h2 id="about">What it allows</h2>
      ${permissionList(role.permissions)}
      ${facts([
        [
          'Console',
          given.length === 0
            ? 'None'
            : html`<ul class="plain-list">${given.map(({ name, sentence }) => html`<li>${sentence} <span class="aside"><code>${name}</code></span></li>`)}</ul>`,
        ],
        ['Second factor', factorWords(role.secondFactorDays)],
      ])}
    </section>
    ${trial(rolePath(role.name), tried, role.name)}
    ${
      role.builtIn
        ? information(html`<p>This role gives every right. Only the server defines it.</p>`)
        : can(frame, 'roles:write') &&
          beyond.length > 0 &&
          information(
            html`<p>You cannot change this role: it gives rights that you do not have (${beyond.map((name, index) => html`${index > 0 && ', '}<code>${name}</code>`)}).</p>`,
          )
    }
    ${
      mayChange &&
      html`<section class="panel" aria-labelledby="change"><h2 id="change">Change it</h2>
      <p class="sub">A change applies at once, also to tokens that were already issued.</p>
      ${roleForm(frame, rolePath(role.name), props, { isNew: false })}</section>
      ${dangerPanel(
        'delete',
        'Delete',
        dangerous(
          html`Delete <bdi>${role.name}</bdi>…`,
          html`<p>First take it from everyone who has it: it is not deleted while a person or a client has it. Nothing else ends with it.</p>
          ${postForm(frame, rolePath(role.name, '/delete'), html`<button type="submit" class="danger">Delete <bdi>${role.name}</bdi></button>`)}`,
        ),
      )}`
    }`,
  });
}
