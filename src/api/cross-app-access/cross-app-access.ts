import * as z from 'zod';
import { crossAppLimits, idJagLifetime } from '../../../config/cross-app-access.ts';
import type { CrossAppAccesses } from '../../domain/cross-app-access/cross-app-access.ts';
import { crossAppAccessNotFound } from '../../domain/cross-app-access/settings.ts';
import { distinct, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, pathName, time } from '../framework/schemas.ts';

export interface CrossAppAccessDependencies {
  crossAppAccess: Pick<CrossAppAccesses, 'all' | 'find' | 'create' | 'update' | 'delete'>;
}

/** What is fixed once it exists. */
const parties = {
  client: text(200).meta({ description: 'The `client_id` of the client here.' }),
  audience: text(500).meta({
    description: 'The issuer of the other authorization server: the `aud` of the ID-JAGs.',
  }),
};

const fields = {
  client_id_there: text(500).meta({
    description: 'The `client_id` that the client has at the other server.',
  }),
  sso_client: text(200).nullable().meta({
    description:
      'The `client_id` with which the other server signs people in here, if it knows them by pairwise IDs: the `sub` of the ID-JAGs is then the same. null: it is the ID of the account.',
  }),
  resources: distinct(text(500), crossAppLimits.resources).meta({
    description: 'The APIs at the other server that access can be for; empty: ID-JAGs name none.',
  }),
  scopes: distinct(text(200), crossAppLimits.scopes).meta({
    description: 'The scopes at the other server that access can have.',
  }),
  roles: distinct(text(100), crossAppLimits.roles).nullable().meta({
    description: 'The roles of which a person needs one; null: it is for everyone.',
  }),
  email: z.boolean().meta({
    description: 'Whether ID-JAGs have `email` and `email_verified` of the person.',
  }),
  lifetime: count.min(1).max(idJagLifetime.max).meta({ description: 'Seconds that they live.' }),
  enabled: z.boolean().meta({ description: 'Whether the client gets ID-JAGs.' }),
};

const changeable = z.object(fields).partial().shape;

const creation = z
  .strictObject({
    id: text(40).meta({ description: 'Lower-case letters, digits and dashes.' }),
    ...parties,
    ...changeable,
    client_id_there: fields.client_id_there,
  })
  .meta({
    id: 'CrossAppAccessCreation',
    examples: [
      {
        id: 'assistant-at-chat',
        client: 'assistant',
        audience: 'https://login.chat.example',
        client_id_there: 'f53f191f',
        resources: ['https://mcp.chat.example'],
        scopes: ['chat.read'],
        roles: ['staff'],
      },
    ],
  });

const update = z.strictObject(changeable).meta({
  id: 'CrossAppAccessUpdate',
  description: 'The fields to change; others keep their values.',
  examples: [{ enabled: false }],
});

const access = z
  .object({
    id: z.string().meta({ description: 'Its ID.' }),
    ...parties,
    ...fields,
    created_at: time.meta({ description: 'When it was created.' }),
    updated_at: time.meta({ description: 'When it was last changed.' }),
  })
  .meta({
    id: 'CrossAppAccess',
    description: 'That a client gets ID-JAGs for people at another authorization server.',
  });

const named = z.object({ access_id: pathName('The ID of the access.', 'assistant-at-chat') });

/** `/cross-app-access`. */
export function crossAppAccessOperations({
  crossAppAccess,
}: CrossAppAccessDependencies): Operation[] {
  const on = {
    tag: 'Cross-app access',
    path: '/cross-app-access/{access_id}',
    parameters: named,
  } as const;

  return [
    operation({
      method: 'get',
      path: '/cross-app-access',
      tag: 'Cross-app access',
      operationId: 'listCrossAppAccess',
      summary: 'List cross-app access',
      description: 'Returns all of it on one page, by ID.',
      scope: 'clients:read',
      response: z
        .object({ items: z.array(access), next: z.null() })
        .meta({ id: 'CrossAppAccesses' }),
      handle: async () => ({ items: await crossAppAccess.all(), next: null }),
    }),

    operation({
      method: 'post',
      path: '/cross-app-access',
      tag: 'Cross-app access',
      operationId: 'createCrossAppAccess',
      summary: 'Create cross-app access',
      description:
        'From now on the client can exchange a login of its own for an ID-JAG. People are not asked at the other server, so this requires every scope of this API.',
      scope: 'clients:write',
      body: creation,
      response: access,
      success: 201,
      tagged: true,
      location: (created) => `/cross-app-access/${created.id}`,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'cross_app_access.created', kind: 'cross_app_access' },
      handle: ({ principal, body: { id, ...settings } }) =>
        crossAppAccess.create(principal.managementActor, id, settings),
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getCrossAppAccess',
      summary: 'Get cross-app access',
      description: 'Returns its settings.',
      scope: 'clients:read',
      response: access,
      tagged: true,
      handle: async ({ path }) => {
        const found = await crossAppAccess.find(path.access_id);
        if (!found) throw crossAppAccessNotFound(path.access_id);
        return found;
      },
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateCrossAppAccess',
      summary: 'Update cross-app access',
      description:
        'Changes apply to the next ID-JAG; those that were issued live until they expire. The client and the audience are fixed. It requires every scope of this API.',
      scope: 'clients:write',
      body: update,
      response: access,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'cross_app_access.updated', kind: 'cross_app_access' },
      handle: async ({ principal, path, body, precondition }) => {
        const changed = await crossAppAccess.update(
          principal.managementActor,
          path.access_id,
          body,
          precondition((current) => current),
        );
        if (!changed) throw crossAppAccessNotFound(path.access_id);
        return changed;
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteCrossAppAccess',
      summary: 'Delete cross-app access',
      description:
        'The client gets no further ID-JAG. Tokens that it has at the other server are ended there. It requires every scope of this API.',
      scope: 'clients:write',
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'cross_app_access.deleted', kind: 'cross_app_access' },
      handle: async ({ principal, path: { access_id: id }, precondition }) => {
        const { managementActor } = principal;
        const isDeleted = await crossAppAccess.delete(
          managementActor,
          id,
          precondition((current) => current),
        );
        if (!isDeleted) throw crossAppAccessNotFound(id);
      },
    }),
  ];
}
