import type Router from '@koa/router';
import type { Context } from 'koa';
import { type AppRoleEditProps, appRoleEdit } from '../../../views/apps/role-edit.ts';
import { type AppRolesProps, appRoles as appRolesView } from '../../../views/apps/roles.ts';
import type { AppRole, AppsDomain } from '../../domain/apps/types.ts';
import type { Precondition } from '../../domain/database/precondition.ts';
import { queryValue } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { allows, isPermission } from '../../oauth/permissions.ts';
import type { Person } from '../framework/browser-session.ts';
import { ifThere, linesOf, type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { actorOf, named, notYours, pathIn, showPage } from './page.ts';

interface Dependencies {
  pages: Pages;
  apps: Pick<AppsDomain['apps'], 'find'>;
  appRoles: Pick<AppsDomain['appRoles'], 'list' | 'find' | 'set' | 'delete'>;
}

/** Each field of the form, with the parameter that it stands for. */
const fields = {
  name: 'name',
  description: 'description',
  permissions: 'permissions',
  manages: 'manages',
};

/** `/apps/{app}/roles`: the roles of an app, and the form that creates and changes its own. */
export function appRolesPages(router: Router, { pages, apps, appRoles }: Dependencies): void {
  const path = '/apps/:app/roles';
  const pathOf = (ctx: Context, rest = '') => pathIn(named(ctx, 'app'), `/roles${rest}`);
  const editPath = (ctx: Context, name: string | null | undefined) =>
    pathOf(ctx, name ? `/edit?${new URLSearchParams({ name })}` : '/edit');

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx) }, async (person) => {
      const actor = actorOf(person);
      const app = await apps.find(actor, named(ctx, 'app'));
      const roles = await appRoles.list(actor, app.name);
      const tried = tryPermission(queryValue(ctx, 'permission'), roles);
      await showPage(pages, ctx, person, (frame) => appRolesView(frame, { app, roles, tried }));
    }),
  );

  const edit = async (
    ctx: Context,
    person: Person,
    name: string | null | undefined,
    rest: Pick<AppRoleEditProps, 'values' | 'problems' | 'problem'> = {},
    status = 200,
  ) => {
    const actor = actorOf(person);
    const app = await apps.find(actor, named(ctx, 'app'));
    if (app.manages !== 'app') throw notYours(app, 'change its roles');
    const role = name ? await appRoles.find(actor, app.name, name) : undefined;
    if (role?.builtIn) throw builtIn(role);
    await showPage(pages, ctx, person, (frame) => appRoleEdit(frame, { app, role, ...rest }), {
      status,
    });
  };

  router.get(`${path}/edit`, (ctx) => {
    const name = queryValue(ctx, 'name');
    return pages.forPerson(ctx, { returnTo: editPath(ctx, name), recent: true }, (person) =>
      edit(ctx, person, name),
    );
  });

  router.post(`${path}/edit`, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: ({ existing }) => sendAgain(editPath(ctx, existing)), recent: true },
      (person, form) => {
        const { name: typed = '', description = '', manages, existing } = form;
        const role = {
          name: existing ?? typed.trim(),
          description: description.trim(),
          permissions: linesOf(form['permissions']),
        };
        return tryForm(
          async () => {
            const wanted = { ...role, manages: (manages ?? '') as 'nothing' | 'clients' };
            await appRoles.set(
              actorOf(person),
              named(ctx, 'app'),
              wanted,
              existing === undefined ? isNew(wanted) : isThere,
            );
            seeOther(ctx, withNotice(pathOf(ctx), 'role_saved'));
          },
          ({ problems, general, status }: Refusal<keyof typeof fields>) =>
            // If the role was deleted in the meantime, its values can be saved as a new one.
            edit(
              ctx,
              person,
              status === 404 ? undefined : existing,
              {
                values: { name: '', description: '', permissions: '', ...form },
                problems,
                problem: general,
              },
              status,
            ),
          fields,
        );
      },
    ),
  );

  router.post(`${path}/delete`, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: ({ name }) => sendAgain(editPath(ctx, name)), recent: true },
      (person, { name = '' }) =>
        tryForm(
          async () => {
            await ifThere(() => appRoles.delete(actorOf(person), named(ctx, 'app'), name));
            seeOther(ctx, withNotice(pathOf(ctx), 'role_deleted'));
          },
          ({ general: problem, status }) => edit(ctx, person, name, { problem }, status),
        ),
    ),
  );
}

/** Which roles allow a permission. */
function tryPermission(typed: string | null, roles: AppRole[]): AppRolesProps['tried'] {
  const permission = typed?.trim();
  if (!permission) return undefined;
  if (!isPermission(permission) || /[*^|]/.test(permission))
    return {
      permission,
      roles: [],
      problem: 'Enter one permission, such as things.write, without * ^ or |.',
    };
  const allowing = roles.filter(({ permissions }) => allows(permissions, permission));
  return { permission, roles: allowing.map(({ name }) => name) };
}

const builtIn = ({ name }: AppRole) =>
  new OAuthError(
    'access_denied',
    `The role ${name} is built in. Only an administrator can change it, for all apps.`,
  );

/** Refuses to replace an existing role, unless it is the one that the same form created. */
const isNew =
  (wanted: Pick<AppRole, 'permissions' | 'description' | 'manages'>): Precondition<AppRole> =>
  (current) => {
    if (!current) return;
    const isSame =
      !current.builtIn &&
      current.description === wanted.description &&
      current.manages === wanted.manages &&
      current.permissions.join('\n') === wanted.permissions.join('\n');
    if (!isSame)
      throw new OAuthError('conflict', `A role with the name ${current.name} already exists.`, {
        parameter: 'name',
      });
  };

const isThere: Precondition<AppRole> = (current) => {
  if (!current) throw new OAuthError('not_found', 'The role was deleted in the meantime.');
};
