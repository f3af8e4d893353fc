import * as z from 'zod';
import type { ClientRegistry } from '../../domain/clients/clients.ts';
import { clientNotFound } from '../../domain/clients/rules.ts';
import type { ClientRefusals } from '../../domain/installation/client-refusals.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { time } from '../framework/schemas.ts';
import { clientPath } from './clients.ts';

export interface ClientRefusalDependencies {
  clientRefusals: Pick<ClientRefusals, 'last'>;
  clients: Pick<ClientRegistry, 'find'>;
}

export const clientRefusal = z
  .object({
    error: z.string().meta({ description: 'The error code; empty if a person got a page.' }),
    reason: z.string().meta({
      description:
        'What was wrong. It can say more than the response did, but quotes nothing of it.',
    }),
    address: z.string().nullable().meta({
      description: 'The IP address of a caller that failed to authenticate as the client.',
    }),
    at: time.meta({ description: 'When a request was last refused for this reason.' }),
  })
  .meta({ id: 'ClientRefusal' });

/** `/clients/{client_id}/refusals`: why requests of a client are refused. */
export const clientRefusalOperations = ({
  clientRefusals,
  clients,
}: ClientRefusalDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/clients/{client_id}/refusals',
    tag: 'Clients',
    operationId: 'listClientRefusals',
    summary: 'List refusals of a client',
    description:
      'The last refused request with each error code in 30 days, the latest first. Servers write them once a minute. A caller need not be the client: everyone can name it.',
    scope: 'clients:read',
    parameters: clientPath,
    response: z.object({ items: z.array(clientRefusal), next: z.null() }),
    handle: async ({ path: { client_id: id } }) => {
      if (!(await clients.find(id))) throw clientNotFound(id);
      return { items: (await clientRefusals.last([id])).get(id) ?? [], next: null };
    },
  }),
];
