import type { Context } from 'koa';
import { administratorRole, roleName } from '../../../config/roles.ts';
import { apiScopes } from '../../../config/scopes.ts';
import {
  adminRole,
  adminRoleNew,
  adminRoles,
  type RoleField,
  type RoleFormProps,
  type RoleProps,
  type RoleShown,
  rolePath,
  scopeField,
  type Tried,
} from '../../../views/admin/roles.ts';
import { sha256 } from '../../crypto/digest.ts';
import type { Role, Roles } from '../../domain/roles/roles.ts';
import { readPage } from '../../http/cursor.ts';
import { type Form, queryValue } from '../../http/form.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { allows, isPermission } from '../../oauth/permissions.ts';
import { linesOf, type Refusal, tryForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { Call, Console } from './console.ts';
import { pageAsked, pagesAround } from './list.ts';

interface Dependencies {
  roles: Pick<Roles, 'page' | 'find' | 'set' | 'delete'>;
}

const home = '/admin/roles';

/** The most roles that a permission is tried against. */
const maxTried = 500;

/** Each field of the form, with the parameter that it stands for. */
const fields: Record<RoleField, string> = {
  name: 'name',
  description: 'description',
  permissions: 'permissions',
  api_scopes: 'api_scopes',
  second_factor: 'second_factor',
  days: 'second_factor_within_days',
};

/** `/admin/roles`: the roles of the installation, what they allow, and a trial of permissions. */
export function rolePages({ page, form: formAt }: Console, { roles }: Dependencies): void {
  const nameOf = (ctx: Context) => String(ctx['params']['role']);
  const gone = (name: string) => new OAuthError('not_found', `There is no role ${name}.`);

  const found = async (ctx: Context): Promise<Role> => {
    const role = await roles.find(nameOf(ctx));
    if (!role) throw gone(nameOf(ctx));
    return role;
  };

  page(home, 'roles:read', async (call) => {
    const { items, next } = await readPage(pageAsked(call.ctx), roles.page, ({ name }) => name);
    const permission = queryValue(call.ctx, 'permission');
    const tried = permission?.trim()
      ? tryPermission(permission, await roles.page({ limit: maxTried }))
      : undefined;
    const pages = pagesAround(call.ctx, home, next);
    await call.show((frame) => adminRoles(frame, { roles: items.map(shown), tried, pages }));
  });

  const showNew = (call: Call, rest: Partial<RoleFormProps> = {}, status = 200) =>
    call.show((frame) => adminRoleNew(frame, { scopes: scopesWith([]), ...rest }), { status });

  const show = async (call: Call, rest: Partial<RoleProps> = {}, status = 200) => {
    const stored = await found(call.ctx);
    const role = shown(stored);
    const permission = queryValue(call.ctx, 'permission');
    const props: RoleProps = {
      role,
      version: versionOf(stored),
      scopes: scopesWith(role.apiScopes),
      beyond: role.apiScopes.filter((name) => !call.actor.scopes.has(name)),
      tried: permission?.trim() ? tryPermission(permission, [role]) : undefined,
      values: {
        description: role.description,
        permissions: role.permissions.join('\n'),
        second_factor: role.secondFactorDays === null ? 'optional' : 'required',
        days: role.secondFactorDays ? String(role.secondFactorDays) : '',
      },
      ...rest,
    };
    await call.show((frame) => adminRole(frame, props), { status });
  };

  // `new` comes before the names of roles: one with this name has no page, only the API.
  page(`${home}/new`, 'roles:write', (call) => showNew(call));

  const refusedWith = (form: Form, { problems, general }: Refusal<RoleField>) => ({
    values: form,
    version: form['version'],
    scopes: scopesWith(scopesIn(form)),
    problems,
    problem: general,
  });

  formAt(home, 'roles:write', { back: `${home}/new` }, (call) =>
    tryForm(
      async () => {
        const name = call.form['name']?.trim() ?? '';
        if (!roleName.pattern.test(name))
          throw parameterError('invalid_request', 'name', `${roleName.problem}.`);
        await roles.set(call.actor, { name, ...definitionIn(call.form) }, (current) => {
          if (current)
            throw new OAuthError('conflict', `A role with the name ${name} already exists.`, {
              parameter: 'name',
            });
        });
        seeOther(call.ctx, withNotice(rolePath(name), 'role_created'));
      },
      (refusal: Refusal<RoleField>) =>
        showNew(call, refusedWith(call.form, refusal), refusal.status),
      fields,
    ),
  );

  page(`${home}/:role`, 'roles:read', (call) => show(call));

  const back = (ctx: Context) => rolePath(nameOf(ctx));
  formAt(`${home}/:role`, 'roles:write', { back }, (call) =>
    tryForm(
      async () => {
        const name = nameOf(call.ctx);
        await roles.set(call.actor, { name, ...definitionIn(call.form) }, (current) => {
          if (!current) throw gone(name);
          if (versionOf(current) !== call.form['version'])
            throw new OAuthError(
              'conflict',
              'Someone else changed the role meanwhile. Open it again to see it as it is now, and then change it.',
            );
        });
        seeOther(call.ctx, withNotice(back(call.ctx), 'role_saved'));
      },
      (refusal: Refusal<RoleField>) => show(call, refusedWith(call.form, refusal), refusal.status),
      fields,
    ),
  );

  formAt(`${home}/:role/delete`, 'roles:write', { back }, (call) =>
    tryForm(
      async () => {
        if (!(await roles.delete(call.actor, nameOf(call.ctx)))) throw gone(nameOf(call.ctx));
        seeOther(call.ctx, withNotice(home, 'role_deleted'));
      },
      ({ general, status }) => show(call, { problem: general }, status),
    ),
  );
}

/** Changes with the role: the form of an earlier version is refused, since it would undo what someone else changed. */
const versionOf = ({ description, permissions, api_scopes, second_factor_within_days }: Role) =>
  sha256(
    JSON.stringify([description, permissions, api_scopes, second_factor_within_days]),
  ).toString('base64url');

const shown = ({
  name,
  description,
  permissions,
  api_scopes,
  second_factor_within_days,
}: Role): RoleShown => ({
  name,
  description,
  permissions,
  apiScopes: name === administratorRole ? Object.keys(apiScopes) : api_scopes,
  secondFactorDays: second_factor_within_days,
  builtIn: name === administratorRole,
});

const scopesWith = (checked: readonly string[]): RoleFormProps['scopes'] =>
  Object.entries(apiScopes).map(([name, sentence]) => ({
    name,
    sentence,
    checked: checked.includes(name),
  }));

/** The scopes that are ticked in a form. */
const scopesIn = (form: Form): string[] =>
  Object.keys(form).flatMap((name) =>
    name.startsWith(scopeField) ? name.slice(scopeField.length) : [],
  );

/** What a form says about a role. Throws `invalid_request`. */
function definitionIn(form: Form) {
  const days = form['days']?.trim() ?? '';
  const isRequired = form['second_factor'] === 'required';
  if (isRequired && days !== '' && (!/^\d{1,3}$/.test(days) || Number(days) > 365))
    throw parameterError(
      'invalid_request',
      'second_factor_within_days',
      'must be a number from 0 to 365.',
    );
  return {
    description: form['description']?.trim() ?? '',
    permissions: linesOf(form['permissions']),
    apiScopes: scopesIn(form),
    secondFactorWithinDays: isRequired ? Number(days) : null,
  };
}

/** Which roles allow a permission. */
function tryPermission(typed: string, roles: readonly Pick<Role, 'name' | 'permissions'>[]): Tried {
  const permission = typed.trim();
  if (!isPermission(permission) || /[*^|]/.test(permission))
    return {
      permission,
      allowing: [],
      others: 0,
      problem: 'Enter one permission, such as things.write, without * ^ or |.',
    };
  const allowing = roles.filter(({ permissions }) => allows(permissions, permission));
  return {
    permission,
    allowing: allowing.map(({ name }) => name),
    others: roles.length - allowing.length,
  };
}
