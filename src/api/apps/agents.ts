import * as z from 'zod';
import type { AppAgents } from '../../domain/apps/types.ts';
import { readPage } from '../../http/cursor.ts';
import { represented, timesOf } from '../accounts/delegations.ts';
import { event } from '../audit/events.ts';
import { text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, pageQuery, paging, withCursor } from '../framework/paging.ts';
import { count, pathName } from '../framework/schemas.ts';
import { appClientPath, idOfAppClient } from './clients.ts';

export interface AppAgentDependencies {
  appAgents: AppAgents;
}

const state = z
  .object({
    people: count.meta({ description: 'The number of people for whom it acts.' }),
    requests: count.meta({
      description: 'Its token requests in the current hour; 0 if they have no limit.',
    }),
    tokens: count.meta({
      description: 'Its access tokens in the current hour; 0 if they have no limit.',
    }),
    within_hours: z
      .boolean()
      .meta({ description: 'Whether the agent can get tokens at this time of day.' }),
    owner_name: z.string().nullable().meta({
      description: 'The name of its owner; null if they are no longer a member of the app.',
    }),
  })
  .meta({ id: 'AppAgentState', description: 'What an agent does now, and has used.' });

const represents = z
  .object({
    ...represented.shape,
    name: z.string().nullable().meta({
      description: 'Their name, if they are a member of the app, or the caller is an operator.',
    }),
  })
  .meta({
    id: 'AppRepresented',
    description: 'A person for whom a client of an app acts with tokens of token exchange.',
  });

/** `/apps/{app}/clients/{client}/agent`, `…/delegations` and `…/audit-events`: agents of an app, and for whom they act. */
export function appAgentOperations({ appAgents }: AppAgentDependencies): Operation[] {
  const on = { tag: 'App clients', parameters: appClientPath } as const;

  return [
    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/clients/{client}/agent',
      operationId: 'getAppAgentState',
      summary: 'Get the state of an agent of an app',
      description:
        'How many people it acts for, and what it used of its limits. The agent itself is the `agent` of the client. To stop it, disable the client: all of its tokens are revoked.',
      scope: 'apps:read',
      response: state,
      handle: async ({ principal, path }) => {
        const found = await appAgents.state(principal.appActor, path.app, path.client);
        return {
          people: found.people,
          ...found.use,
          within_hours: found.isWithinHours,
          owner_name: found.owner,
        };
      },
    }),

    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/clients/{client}/delegations',
      operationId: 'listAppClientDelegations',
      summary: 'List the people for whom a client of an app acts',
      description:
        'Returns the people for whom the client got tokens by token exchange, by their accounts. Only for Owners.',
      scope: 'apps:read',
      query: pageQuery,
      response: pageOf(represents),
      errors: ['access_denied'],
      handle: async ({ principal, path, query }) => {
        const { items, next } = await readPage(
          query,
          (page) => appAgents.people(principal.appActor, path.app, path.client, page),
          ({ accountId }) => accountId,
        );
        return {
          items: items.map((item) => ({
            account_id: item.accountId,
            name: item.name,
            ...timesOf(item),
          })),
          next,
        };
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/apps/{app}/clients/{client}/delegations/{account_id}',
      parameters: appClientPath.extend({
        account_id: pathName('The account of the person.', '0198c0de-0000-7000-8000-000000000000'),
      }),
      operationId: 'endAppClientDelegation',
      summary: 'Stop a client of an app from acting for a person',
      description:
        'Revokes all tokens of the client for this person before the response is sent, also those of its logins, and all tokens that others got for them. Further exchanges are refused until the person allows the client again. Only for Owners.',
      scope: 'apps:write',
      errors: ['access_denied'],
      audit: { action: 'delegation.ended', kind: 'client', id: idOfAppClient },
      handle: ({ principal, path }) =>
        appAgents.endDelegation(principal.appActor, path.app, path.client, path.account_id),
    }),

    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/clients/{client}/audit-events',
      operationId: 'listAppClientEvents',
      summary: 'List the audit events of a client of an app',
      description:
        'Newest first: what was done with the client, and what it did. With `account_id`, what it did for this person, and they with it; only for Owners.',
      scope: 'apps:read',
      query: z.strictObject({
        account_id: text(36).optional().meta({ description: 'Only events that name this person.' }),
        ...paging,
      }),
      response: pageOf(event),
      errors: ['access_denied'],
      handle: async ({ principal, path, query: { account_id: person, ...page } }) =>
        withCursor(
          await appAgents.activity(principal.appActor, path.app, path.client, {
            ...page,
            person,
          }),
        ),
    }),
  ];
}
