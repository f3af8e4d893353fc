import * as z from 'zod';
import { administratorRole, roleLimits, roleName } from '../../../config/roles.ts';
import { apiScopes } from '../../../config/scopes.ts';
import type { Role, Roles } from '../../domain/roles/roles.ts';
import { readPage } from '../../http/cursor.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, pageQuery } from '../framework/paging.ts';
import { count, pathName } from '../framework/schemas.ts';

export interface RoleDependencies {
  roles: Pick<Roles, 'page' | 'find' | 'set' | 'delete'>;
}

const role = z
  .object({
    name: z.string().meta({ description: 'The name of the role.' }),
    description: z.string().meta({ description: 'What the role is for; can be empty.' }),
    permissions: z
      .array(z.string())
      .meta({ description: 'The permissions of the role, as patterns.' }),
    api_scopes: z.array(z.string()).meta({
      description:
        "The scopes of Writ's own API that people with the role can have. Those of `administrator` are all scopes.",
    }),
    second_factor: z.enum(['optional', 'required']).meta({
      description: 'Whether people with the role must have a second factor to sign in.',
    }),
    second_factor_within_days: z.number().int().nullable().meta({
      description:
        'How many days they have to set it up, from their first sign-in under this policy; 0: at once. Null if it is optional.',
    }),
  })
  .meta({
    id: 'Role',
    description: 'A name, and the permissions that the role grants.',
    examples: [
      {
        name: 'reader',
        description: 'Reads things',
        permissions: ['things.read'],
        api_scopes: [],
        second_factor: 'optional',
        second_factor_within_days: null,
      },
    ],
  });

const definition = z
  .strictObject({
    description: shownText(roleLimits.description)
      .optional()
      .meta({ description: 'What the role is for. If omitted, the current description stays.' }),
    permissions: z.array(text(200)).max(500).meta({ description: 'All permissions of the role.' }),
    api_scopes: z
      .array(text(100))
      .max(100)
      .optional()
      .meta({
        description:
          "All scopes of Writ's own API that people with the role can have. You must have all of them, before and after the change, whatever you change. A role of `REGISTRATION_ROLES` cannot have any. If omitted, the current ones stay.",
        examples: [['accounts:read', 'accounts:support']],
      }),
    second_factor: z.enum(['optional', 'required']).optional().meta({
      description:
        'Whether people with the role must have a second factor to sign in. If omitted, the current policy stays.',
    }),
    second_factor_within_days: count.min(0).max(365).nullish().meta({
      description:
        'How many days they have to set it up, from their first sign-in under this policy. Default: 0, which means at once. Only with `"second_factor": "required"`.',
    }),
  })
  .meta({
    id: 'RoleDefinition',
    examples: [{ description: 'Reads things', permissions: ['things.read'] }],
  });

const named = z.object({ name: pathName('The name of the role.', 'reader') });

const nameable = z.object({
  name: z
    .string()
    .regex(roleName.pattern, roleName.problem)
    .meta({ description: 'The name of the role.', example: 'reader' }),
});

const describeRole = ({
  name,
  description,
  permissions,
  api_scopes,
  second_factor_within_days,
}: Role): z.input<typeof role> => ({
  name,
  description,
  permissions,
  api_scopes: name === administratorRole ? Object.keys(apiScopes) : api_scopes,
  second_factor: second_factor_within_days === null ? 'optional' : 'required',
  second_factor_within_days,
});

/** The days of the policy that a body sets; undefined if it sets none. */
function secondFactorDays({
  second_factor: policy,
  second_factor_within_days: days,
}: z.output<typeof definition>): number | null | undefined {
  if (policy === 'required') return days ?? 0;
  if (typeof days === 'number')
    throw parameterError(
      'invalid_request',
      'second_factor_within_days',
      'needs "second_factor": "required".',
    );
  return policy === 'optional' ? null : undefined;
}

/** `/roles`: roles and their permissions. */
export function roleOperations({ roles }: RoleDependencies): Operation[] {
  const on = { tag: 'Roles', path: '/roles/{name}', parameters: named } as const;
  const noRole = (name: string) => new OAuthError('not_found', `There is no role ${name}.`);

  return [
    operation({
      method: 'get',
      path: '/roles',
      tag: 'Roles',
      operationId: 'listRoles',
      summary: 'List roles',
      description: 'Ordered by name.',
      scope: 'roles:read',
      query: pageQuery,
      response: pageOf(role),
      handle: async ({ query }) => {
        const page = await readPage(query, roles.page, ({ name }) => name);
        return { ...page, items: page.items.map(describeRole) };
      },
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getRole',
      summary: 'Get a role',
      description: 'Returns the current permissions of the role.',
      scope: 'roles:read',
      response: role,
      tagged: true,
      handle: async ({ path: { name } }) => {
        const found = await roles.find(name);
        if (!found) throw noRole(name);
        return describeRole(found);
      },
    }),

    operation({
      ...on,
      method: 'put',
      parameters: nameable,
      operationId: 'setRole',
      summary: 'Create or update a role',
      description: `Introspection returns the new permissions immediately, for existing tokens too.

\`If-None-Match: *\` creates a role but changes none; \`If-Match\` changes the role only if it has not changed since you read it.`,
      scope: 'roles:write',
      body: definition,
      response: role,
      tagged: true,
      conditions: ['If-Match', 'If-None-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'role.updated', kind: 'role' },
      handle: async ({ principal, path: { name }, body, precondition }) => {
        const { description, permissions, api_scopes: apiScopes } = body;
        const secondFactorWithinDays = secondFactorDays(body);
        return describeRole(
          await roles.set(
            principal.managementActor,
            { name, description, permissions, apiScopes, secondFactorWithinDays },
            precondition(describeRole),
          ),
        );
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteRole',
      summary: 'Delete a role',
      description:
        'Refused while a client or an account has the role. You must have all `api_scopes` of the role.',
      scope: 'roles:write',
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'role.deleted', kind: 'role' },
      handle: async ({ principal, path: { name }, precondition }) => {
        if (!(await roles.delete(principal.managementActor, name, precondition(describeRole))))
          throw noRole(name);
      },
    }),
  ];
}
