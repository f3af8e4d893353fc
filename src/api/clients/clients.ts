import * as z from 'zod';
import type { ClientRegistry } from '../../domain/clients/clients.ts';
import { clientNotFound } from '../../domain/clients/rules.ts';
import type { ClientDescription } from '../../domain/clients/store.ts';
import { readPage } from '../../http/cursor.ts';
import { switching } from '../framework/enable-disable.ts';
import { text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, paging } from '../framework/paging.ts';
import { pathName, withWarnings } from '../framework/schemas.ts';
import {
  client,
  clientCreation,
  clientUpdate,
  createdClient,
  describeClient,
} from './client-metadata.ts';

export interface ClientDependencies {
  clients: ClientRegistry;
}

export const clientPath = z.object({ client_id: pathName('The `client_id`.', 'backend') });

/** `/clients`: the clients that can request tokens. */
export function clientOperations({ clients }: ClientDependencies): Operation[] {
  const found = async (clientId: string): Promise<ClientDescription> => {
    const described = await clients.find(clientId);
    if (!described) throw clientNotFound(clientId);
    return described;
  };

  const on = {
    tag: 'Clients',
    path: '/clients/{client_id}',
    parameters: clientPath,
  } as const;

  return [
    operation({
      method: 'get',
      path: '/clients',
      tag: 'Clients',
      operationId: 'listClients',
      summary: 'List clients',
      description: 'Ordered by `client_id`. Deleted clients are not included.',
      scope: 'clients:read',
      query: z.strictObject({
        ...paging,
        search: text(200).optional().meta({
          description: 'Only clients with this text in their `client_id` or name; case is ignored.',
        }),
      }),
      response: pageOf(client),
      handle: async ({ query: { search, ...query } }) => {
        const page = await readPage(
          query,
          (asked) => clients.list({ ...asked, search }),
          ({ client_id }) => client_id,
        );
        return { ...page, items: page.items.map(describeClient) };
      },
    }),

    operation({
      method: 'post',
      path: '/clients',
      tag: 'Clients',
      operationId: 'createClient',
      summary: 'Create a client',
      description: `Accepts the metadata of RFC 7591 §2, and fields that only Writ has. The response contains the \`client_secret\`; it is not shown again.

You cannot give a client more access to Writ’s own API than you have. For the APIs behind Writ, \`clients:write\`
grants access to everything.`,
      scope: 'clients:write',
      body: clientCreation,
      response: createdClient,
      success: 201,
      idempotency: true,
      location: ({ client_id }) => `/clients/${encodeURIComponent(client_id)}`,
      errors: ['invalid_client_metadata', 'access_denied', 'conflict'],
      audit: { action: 'client.created', kind: 'client' },
      handle: async ({ principal, body, idempotency }) => {
        const {
          client_id: clientId,
          roles,
          resources,
          resource_server_for: resourceServerFor,
          ...metadata
        } = body;
        const created = await clients.create(
          principal.managementActor,
          { clientId, metadata, roles, resources, resourceServerFor },
          undefined,
          idempotency,
        );
        return {
          ...describeClient(created.client),
          ...(created.secret && { client_secret: created.secret.value }),
          ...withWarnings(await clients.warnings(created.client)),
        };
      },
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getClient',
      summary: 'Get a client',
      description: 'Returns the current settings of the client. Its secrets are listed separately.',
      scope: 'clients:read',
      response: client,
      tagged: true,
      handle: async ({ path }) => describeClient(await found(path.client_id)),
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateClient',
      summary: 'Update a client',
      description: `A merge patch (RFC 7396): omitted fields keep their values, null removes a field. Introspection returns new roles immediately.

The \`client_id\` and the kind of authentication cannot be changed. You cannot change a client that has more access
to Writ’s own API than you have. Clients of apps can only be changed under \`/apps\`.`,
      scope: 'clients:write',
      body: clientUpdate,
      response: client,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['invalid_client_metadata', 'access_denied', 'conflict'],
      audit: { action: 'client.updated', kind: 'client' },
      handle: async ({ principal, path: { client_id: clientId }, body, precondition }) => {
        const { roles, resources, resource_server_for: resourceServerFor, ...metadata } = body;
        const updated = await clients.update(
          principal.managementActor,
          clientId,
          { metadata, roles, resources, resourceServerFor },
          precondition(describeClient),
        );
        if (!updated) throw clientNotFound(clientId);
        return { ...describeClient(updated), ...withWarnings(await clients.warnings(updated)) };
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteClient',
      summary: 'Delete a client',
      description:
        'Revokes its tokens and secrets before the response is sent. Its `client_id` is the `sub` of tokens, so it cannot be reused.',
      scope: 'clients:write',
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'client.deleted', kind: 'client' },
      handle: async ({ principal, path: { client_id: clientId }, precondition }) => {
        const condition = precondition(describeClient);
        if (!(await clients.delete(principal.managementActor, clientId, condition)))
          throw clientNotFound(clientId);
      },
    }),

    ...switching({
      ...on,
      name: 'Client',
      called: 'a client',
      descriptions: {
        disable:
          'Revokes its tokens before the response is sent. The client gets no tokens until it is enabled.',
        enable: 'The client can get tokens again. Revoked tokens stay revoked.',
      },
      scope: 'clients:write',
      response: client,
      errors: ['access_denied'],
      audit: { kind: 'client' },
      handle: async ({ principal, path: { client_id: clientId } }, to) => {
        if (!(await clients[to](principal.managementActor, clientId)))
          throw clientNotFound(clientId);
        return describeClient(await found(clientId));
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/clients/{client_id}/tokens',
      operationId: 'revokeClientTokens',
      summary: 'Revoke all tokens of a client',
      description:
        'Revokes every token of the client before the response is sent, including refresh tokens and API keys. The client stays enabled and can get new tokens.',
      scope: 'tokens:write',
      errors: ['access_denied'],
      audit: { action: 'client.tokens_revoked', kind: 'client' },
      handle: async ({ principal, path: { client_id: clientId } }) => {
        if (!(await clients.revokeTokens(principal.managementActor, clientId)))
          throw clientNotFound(clientId);
      },
    }),
  ];
}
