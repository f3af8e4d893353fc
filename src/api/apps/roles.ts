import * as z from 'zod';
import { appLimits } from '../../../config/apps.ts';
import type { AppRole, AppRoles } from '../../domain/apps/types.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pathName } from '../framework/schemas.ts';
import { appPath } from './path.ts';

export interface AppRoleDependencies {
  appRoles: AppRoles;
}

const manages = z.enum(['nothing', 'clients', 'app']).meta({
  description:
    'What members with this role can change: nothing, the clients of the app, or the whole app. Only the Owner can change the whole app.',
});

const role = z
  .object({
    name: z.string().meta({ description: 'The name of the role.' }),
    description: z.string().meta({ description: 'What the role is for; can be empty.' }),
    permissions: z
      .array(z.string())
      .meta({ description: 'The permissions of the role, as patterns.' }),
    manages,
    built_in: z.boolean().meta({
      description: 'Whether every app has this role. Only an operator can change it, for all apps.',
    }),
  })
  .meta({
    id: 'AppRole',
    description: 'A role for the clients and members of an app.',
    examples: [
      {
        name: 'auditor',
        description: 'Reads things',
        permissions: ['things.read'],
        manages: 'nothing',
        built_in: false,
      },
    ],
  });

const meaning = {
  description: shownText(appLimits.description)
    .optional()
    .meta({ description: 'What the role is for. If omitted, the current description stays.' }),
  permissions: z
    .array(text(200))
    .max(appLimits.permissionsOfARole)
    .meta({
      description:
        'All permissions of the role, as patterns: `things.*`, `things.read|write`, `^billing.*`. A pattern includes everything beneath it.',
      examples: [['things.read']],
    }),
};

const builtInDefinition = z
  .strictObject(meaning)
  .meta({ id: 'BuiltInAppRoleDefinition', examples: [{ permissions: ['*.read'] }] });

const definition = z
  .strictObject({
    ...meaning,
    manages: z.enum(['nothing', 'clients']).optional().meta({
      description:
        'What members with this role can change in the app. If omitted, it stays as it is; the default of a new role is `nothing`.',
    }),
  })
  .meta({
    id: 'AppRoleDefinition',
    examples: [{ description: 'Reads things', permissions: ['things.read'] }],
  });

const one = z.object({ items: z.array(role), next: z.null() });

/** `/apps/{app}/roles` and `/app-roles`: the roles of clients and members of apps. */
export function appRoleOperations({ appRoles }: AppRoleDependencies): Operation[] {
  const on = {
    tag: 'App roles',
    path: '/apps/{app}/roles/{role}',
    parameters: appPath.extend({ role: pathName('The name of the role.', 'Reader') }),
  } as const;
  const onBuiltIn = {
    tag: 'App roles',
    path: '/app-roles/{role}',
    parameters: z.object({ role: pathName('The name of the role.', 'Reader') }),
  } as const;

  return [
    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/roles',
      parameters: appPath,
      operationId: 'listRolesOfApp',
      summary: 'List the roles of an app',
      description:
        'Returns all roles on one page: the built-in ones first, then those of the app by name.',
      scope: 'apps:read',
      response: one,
      handle: async ({ principal, path }) => {
        const found = await appRoles.list(principal.appActor, path.app);
        return { items: found.map(describeAppRole), next: null };
      },
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getRoleOfApp',
      summary: 'Get a role of an app',
      description: 'Returns the current permissions of the role.',
      scope: 'apps:read',
      response: role,
      tagged: true,
      handle: async ({ principal, path }) =>
        describeAppRole(await appRoles.find(principal.appActor, path.app, path.role)),
    }),

    operation({
      ...on,
      method: 'put',
      parameters: appPath.extend({
        role: pathName(
          'The name of the role: 1 to 50 letters, digits, spaces, dots, dashes and underscores, starting with a letter.',
          'auditor',
        ),
      }),
      operationId: 'setRoleOfApp',
      summary: 'Create or update a role of an app',
      description: `Introspection returns the new permissions immediately, for existing tokens too. The built-in roles are the same in all apps and cannot be changed here.

\`If-None-Match: *\` creates a role but changes none; \`If-Match\` changes the role only if it has not changed since you read it.`,
      scope: 'apps:write',
      body: definition,
      response: role,
      tagged: true,
      conditions: ['If-Match', 'If-None-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app_role.updated', kind: 'app' },
      handle: async ({ principal, path, body, precondition }) =>
        describeAppRole(
          await appRoles.set(
            principal.appActor,
            path.app,
            { name: path.role, ...body },
            precondition(describeAppRole),
          ),
        ),
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteRoleOfApp',
      summary: 'Delete a role of an app',
      description: 'Refused while a client, a member or an invitation has the role.',
      scope: 'apps:write',
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app_role.deleted', kind: 'app' },
      handle: ({ principal, path, precondition }) =>
        appRoles.delete(principal.appActor, path.app, path.role, precondition(describeAppRole)),
    }),

    operation({
      method: 'get',
      path: '/app-roles',
      tag: 'App roles',
      operationId: 'listAppRoles',
      summary: 'List the built-in roles of apps',
      description: 'Returns Owner, Developer, Editor and Reader on one page.',
      scope: 'roles:read',
      response: one,
      handle: async () => ({ items: (await appRoles.builtIn()).map(describeAppRole), next: null }),
    }),

    operation({
      ...onBuiltIn,
      method: 'get',
      operationId: 'getAppRole',
      summary: 'Get a built-in role of apps',
      description: 'Returns the current permissions of the role.',
      scope: 'roles:read',
      response: role,
      tagged: true,
      handle: async ({ path }) => {
        const found = (await appRoles.builtIn()).find(({ name }) => name === path.role);
        if (!found) throw new OAuthError('not_found', `There is no built-in role ${path.role}.`);
        return describeAppRole(found);
      },
    }),

    operation({
      ...onBuiltIn,
      method: 'put',
      operationId: 'setAppRole',
      summary: 'Update a built-in role of apps',
      description: `Changes the permissions of the role in all apps. Introspection returns them immediately, for existing tokens too. What members with the role can change in an app stays the same.

\`If-Match\` changes the role only if it has not changed since you read it.`,
      scope: 'roles:write',
      body: builtInDefinition,
      response: role,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'app_role.updated', kind: 'role' },
      handle: async ({ path, body, precondition }) =>
        describeAppRole(
          await appRoles.setBuiltIn({ name: path.role, ...body }, precondition(describeAppRole)),
        ),
    }),
  ];
}

const describeAppRole = (found: AppRole): z.input<typeof role> => ({
  name: found.name,
  description: found.description,
  permissions: found.permissions,
  manages: found.manages,
  built_in: found.builtIn,
});
