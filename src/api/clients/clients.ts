import * as z from 'zod';
import type { ClientRegistry } from '../../domain/clients/clients.ts';
import { clientNotFound } from '../../domain/clients/rules.ts';
import type { ClientDescription } from '../../domain/clients/store.ts';
import { switching } from '../framework/enable-disable.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, pageQuery, readPage } from '../framework/paging.ts';
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

/** `/clients`: those who may ask for tokens. */
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
      summary: 'All clients, page by page',
      description: 'In the order of their `client_id`. Deleted ones are not among them.',
      scope: 'clients:read',
      query: pageQuery,
      answer: pageOf(client),
      handle: async ({ query }) => {
        const page = await readPage(query, clients.list, ({ client_id }) => client_id);
        return { ...page, items: page.items.map(describeClient) };
      },
    }),

    operation({
      method: 'post',
      path: '/clients',
      tag: 'Clients',
      operationId: 'createClient',
      summary: 'Make a client',
      description: `Takes the metadata of RFC 7591 §2 and, beside it, \`roles\`, \`resources\`, \`resource_server_for\`,
\`access_token_ttl\`, \`authorization_code_ttl\`, \`refresh_token_ttl\`, \`refresh_token_idle_ttl\`, \`rotate_refresh_tokens\`, \`device_lifetimes\`, \`enforce_polling_interval\`, \`token_endpoint_audience\` and \`require_pkce\`. The answer has the \`client_secret\`, this once.

Nobody can give a client more of Writ’s own API than they have themselves. Of the APIs behind Writ, \`clients:write\`
gives all.`,
      scope: 'clients:write',
      body: clientCreation,
      answer: createdClient,
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
      summary: 'A client',
      description:
        'What it was made with, and what was changed since. Its secrets have a list of their own.',
      scope: 'clients:read',
      answer: client,
      tagged: true,
      handle: async ({ path }) => describeClient(await found(path.client_id)),
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateClient',
      summary: 'Change a client',
      description: `A merge patch (RFC 7396): what is left out stays, null removes a field. Introspection shows new roles at once.

The \`client_id\` and the kind of authentication cannot be changed. Nobody can change a client that may do more
at Writ’s own API than they may themselves. Those of apps are changed at \`/apps\` alone.`,
      scope: 'clients:write',
      body: clientUpdate,
      answer: client,
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
        'Ends its tokens and secrets, before the answer. Its `client_id` is the `sub` of tokens, so it is never used again.',
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
          'Ends its tokens, before the answer, and lets it have no more until it is enabled again.',
        enable: 'Lets a disabled client have tokens again; those that were ended stay so.',
      },
      scope: 'clients:write',
      answer: client,
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
      summary: 'End all tokens of a client',
      description:
        'Ends every token that it has, before the answer, refresh tokens and API keys too. It stays enabled and may get new ones at once.',
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
