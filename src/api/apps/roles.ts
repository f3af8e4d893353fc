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
    'What members with it may change: nothing, the clients of the app, or all of it, which the Owner alone may.',
});

const role = z
  .object({
    name: z.string(),
    description: z.string().meta({ description: 'What it is for; empty where nobody said.' }),
    permissions: z.array(z.string()),
    manages,
    built_in: z
      .boolean()
      .meta({ description: 'Whether every app has it; only an operator changes it, for all.' }),
  })
  .meta({
    id: 'AppRole',
    description: 'What clients and members of an app may do.',
    examples: [
      {
        name: 'auditor',
        description: 'Sees things',
        permissions: ['things.read'],
        manages: 'nothing',
        built_in: false,
      },
    ],
  });

const meaning = {
  description: shownText(appLimits.description)
    .optional()
    .meta({ description: 'What it is for. Left out, the one that is there stays.' }),
  permissions: z
    .array(text(200))
    .max(appLimits.permissionsOfARole)
    .meta({
      description:
        'All that it permits, in patterns: `things.*`, `things.read|write`, `^billing.*`. One stands for everything beneath it.',
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
        'What members with it may change of the app. Left out, it stays as it is; of a new role it is nothing.',
    }),
  })
  .meta({
    id: 'AppRoleDefinition',
    examples: [{ description: 'Sees things', permissions: ['things.read'] }],
  });

const one = z.object({ items: z.array(role), next: z.null() });

/** `/apps/{app}/roles` and `/app-roles`: what clients and members of apps may do. */
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
      summary: 'The roles of an app',
      description: 'The built-in ones first, then those of its own by name. All on one page.',
      scope: 'apps:read',
      answer: one,
      handle: async ({ principal, path }) => {
        const found = await appRoles.list(principal.appActor, path.app);
        return { items: found.map(describe), next: null };
      },
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getRoleOfApp',
      summary: 'A role of an app',
      description: 'What it permits today.',
      scope: 'apps:read',
      answer: role,
      tagged: true,
      handle: async ({ principal, path }) =>
        describe(await appRoles.find(principal.appActor, path.app, path.role)),
    }),

    operation({
      ...on,
      method: 'put',
      parameters: appPath.extend({
        role: pathName(
          'The name of the role: 1 to 50 letters, digits, spaces, dots, dashes and underscores, a letter first.',
          'auditor',
        ),
      }),
      operationId: 'setRoleOfApp',
      summary: 'Make a role of an app, or give it other permissions',
      description: `Introspection shows other permissions at once, also of tokens that are there already. The built-in roles are the same in all apps, and cannot be changed here.

\`If-None-Match: *\` makes a new role only; \`If-Match\` changes only the one that you have read.`,
      scope: 'apps:write',
      body: definition,
      answer: role,
      tagged: true,
      conditions: ['If-Match', 'If-None-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app_role.updated', kind: 'app' },
      handle: async ({ principal, path, body, precondition }) =>
        describe(
          await appRoles.set(
            principal.appActor,
            path.app,
            { name: path.role, ...body },
            precondition(describe),
          ),
        ),
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteRoleOfApp',
      summary: 'Delete a role of an app',
      description: 'Refused while a client, a member or an invitation has it.',
      scope: 'apps:write',
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app_role.deleted', kind: 'app' },
      handle: ({ principal, path, precondition }) =>
        appRoles.delete(principal.appActor, path.app, path.role, precondition(describe)),
    }),

    operation({
      method: 'get',
      path: '/app-roles',
      tag: 'App roles',
      operationId: 'listAppRoles',
      summary: 'The roles that every app has',
      description: 'Owner, Developer, Editor and Reader. All on one page.',
      scope: 'roles:read',
      answer: one,
      handle: async () => ({ items: (await appRoles.builtIn()).map(describe), next: null }),
    }),

    operation({
      ...onBuiltIn,
      method: 'get',
      operationId: 'getAppRole',
      summary: 'A role that every app has',
      description: 'What it permits today.',
      scope: 'roles:read',
      answer: role,
      tagged: true,
      handle: async ({ path }) => {
        const found = (await appRoles.builtIn()).find(({ name }) => name === path.role);
        if (!found) throw new OAuthError('not_found', `There is no built-in role ${path.role}.`);
        return describe(found);
      },
    }),

    operation({
      ...onBuiltIn,
      method: 'put',
      operationId: 'setAppRole',
      summary: 'Change what a built-in role permits, in all apps',
      description: `Introspection shows it at once, also of tokens that are there already. What members with the role may change of an app stays.

\`If-Match\` changes only the one that you have read.`,
      scope: 'roles:write',
      body: builtInDefinition,
      answer: role,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'app_role.updated', kind: 'role' },
      handle: async ({ path, body, precondition }) =>
        describe(await appRoles.setBuiltIn({ name: path.role, ...body }, precondition(describe))),
    }),
  ];
}

const describe = (found: AppRole): z.input<typeof role> => ({
  name: found.name,
  description: found.description,
  permissions: found.permissions,
  manages: found.manages,
  built_in: found.builtIn,
});
