import * as z from 'zod';
import { roleLimits } from '../../../config/roles.ts';
import type { Role, Roles } from '../../domain/roles/roles.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, pageQuery, readPage } from '../framework/paging.ts';
import { pathName } from '../framework/schemas.ts';

export interface RoleDependencies {
  roles: Pick<Roles, 'page' | 'find' | 'set' | 'delete'>;
}

const role = z
  .object({
    name: z.string(),
    description: z.string().meta({ description: 'What it is for; empty where nobody said.' }),
    permissions: z.array(z.string()),
  })
  .meta({
    id: 'Role',
    description: 'A name and the permissions it gives.',
    examples: [{ name: 'reader', description: 'Sees things', permissions: ['things.read'] }],
  });

const definition = z
  .strictObject({
    description: shownText(roleLimits.description)
      .optional()
      .meta({ description: 'What it is for. Left out, the one that is there stays.' }),
    permissions: z.array(text(200)).max(500).meta({ description: 'All that it gives.' }),
  })
  .meta({
    id: 'RoleDefinition',
    examples: [{ description: 'Sees things', permissions: ['things.read'] }],
  });

const named = z.object({ name: pathName('The name of the role.', 'reader') });

/** Names that can be written anywhere: in claims, headers and URLs. */
const nameable = z.object({
  name: z
    .string()
    .regex(
      /^[A-Za-z][A-Za-z0-9._-]{0,99}$/,
      'a role has 1 to 100 letters, digits, dots, dashes and underscores, a letter first',
    )
    .meta({ description: 'The name of the role.', example: 'reader' }),
});

const describe = ({ name, description, permissions }: Role) => ({ name, description, permissions });

/** `/roles`: names, and the permissions they give. */
export function roleOperations({ roles }: RoleDependencies): Operation[] {
  const on = { tag: 'Roles', path: '/roles/{name}', parameters: named } as const;
  const noRole = (name: string) => new OAuthError('not_found', `There is no role ${name}.`);

  return [
    operation({
      method: 'get',
      path: '/roles',
      tag: 'Roles',
      operationId: 'listRoles',
      summary: 'All roles, page by page',
      description: 'In the order of their names.',
      scope: 'roles:read',
      query: pageQuery,
      answer: pageOf(role),
      handle: async ({ query }) => {
        const page = await readPage(query, roles.page, ({ name }) => name);
        return { ...page, items: page.items.map(describe) };
      },
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getRole',
      summary: 'A role',
      description: 'The permissions that it gives today.',
      scope: 'roles:read',
      answer: role,
      tagged: true,
      handle: async ({ path: { name } }) => {
        const found = await roles.find(name);
        if (!found) throw noRole(name);
        return describe(found);
      },
    }),

    operation({
      ...on,
      method: 'put',
      parameters: nameable,
      operationId: 'setRole',
      summary: 'Make a role, or give it other permissions',
      description: `Introspection shows other permissions at once, also of tokens that are there already.

\`If-None-Match: *\` makes a new role only; \`If-Match\` changes only the one that you have read.`,
      scope: 'roles:write',
      body: definition,
      answer: role,
      tagged: true,
      conditions: ['If-Match', 'If-None-Match'],
      errors: ['access_denied'],
      audit: { action: 'role.updated', kind: 'role' },
      handle: async ({ principal, path: { name }, body, precondition }) =>
        describe(
          await roles.set(principal.managementActor, { name, ...body }, precondition(describe)),
        ),
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteRole',
      summary: 'Delete a role',
      description: 'Refused while a client or an account has it.',
      scope: 'roles:write',
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'role.deleted', kind: 'role' },
      handle: async ({ principal, path: { name }, precondition }) => {
        if (!(await roles.delete(principal.managementActor, name, precondition(describe))))
          throw noRole(name);
      },
    }),
  ];
}
