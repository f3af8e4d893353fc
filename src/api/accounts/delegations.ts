import * as z from 'zod';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { ClientRegistry } from '../../domain/clients/clients.ts';
import { storedClientId } from '../../domain/clients/lookup.ts';
import type { Delegation, Delegations, Represented } from '../../domain/delegations/delegations.ts';
import { readPage } from '../../http/cursor.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, pageQuery } from '../framework/paging.ts';
import { pathName, time } from '../framework/schemas.ts';
import { accountPath, noAccount } from './accounts.ts';

export interface DelegationDependencies {
  accounts: Pick<Accounts, 'describe'>;
  clients: Pick<ClientRegistry, 'find'>;
  delegations: Pick<Delegations, 'list' | 'listPeople' | 'end'>;
}

const times = {
  since: time.meta({ description: 'When it began, since it was last allowed.' }),
  last_used_at: time.nullable().meta({ description: 'Accurate to ten minutes.' }),
  ended_at: time.nullable().meta({
    description:
      'When it was ended; null while the client can act. Only the person can allow it again.',
  }),
};

const delegation = z
  .object({
    client_id: z.string().meta({ description: 'The client that acts.' }),
    client_name: z.string().meta({ description: 'The name of the client.' }),
    purpose: z.string().nullable().meta({
      description: 'What an agent is for; null for other clients.',
    }),
    ...times,
  })
  .meta({
    id: 'Delegation',
    description: 'A client that acts for a person with tokens of token exchange (RFC 8693).',
  });

export const represented = z
  .object({
    account_id: z.string().meta({ description: 'The account of the person.' }),
    ...times,
  })
  .meta({
    id: 'Represented',
    description: 'A person for whom a client acts with tokens of token exchange (RFC 8693).',
  });

const describe = (found: Delegation): z.input<typeof delegation> => ({
  client_id: found.clientId,
  client_name: found.clientName,
  purpose: found.purpose,
  ...timesOf(found),
});

export const timesOf = ({
  since,
  lastUsedAt,
  endedAt,
}: Pick<Represented, 'since' | 'lastUsedAt' | 'endedAt'>) => ({
  since,
  last_used_at: lastUsedAt,
  ended_at: endedAt,
});

/** Which clients act for which people. */
export function delegationOperations({
  accounts,
  clients,
  delegations,
}: DelegationDependencies): Operation[] {
  const ofAccount = { tag: 'Accounts', parameters: accountPath } as const;
  const found = async (id: string) => {
    if (!(await accounts.describe(id))) throw noAccount(id);
  };

  return [
    operation({
      ...ofAccount,
      method: 'get',
      path: '/accounts/{account_id}/delegations',
      operationId: 'listAccountDelegations',
      summary: 'List the clients that act for a person',
      description:
        'Returns the clients that got tokens for the person by token exchange, the last begun first, on one page. Includes those that were ended, until the person allows them again.',
      scope: 'tokens:read',
      response: z.object({ items: z.array(delegation), next: z.null() }),
      handle: async ({ path: { account_id: id } }) => {
        await found(id);
        return { items: (await delegations.list(id)).map(describe), next: null };
      },
    }),

    operation({
      tag: 'Accounts',
      parameters: z.object({ ...accountPath.shape, client_id: pathName('The client.', 'agent') }),
      method: 'delete',
      path: '/accounts/{account_id}/delegations/{client_id}',
      operationId: 'endAccountDelegation',
      summary: 'Stop a client from acting for a person',
      description:
        'Revokes all tokens of the client for this person before the response is sent, also those of its logins, and all tokens that others got for them. Further exchanges are refused until the person allows the client again.',
      scope: 'tokens:revoke',
      errors: ['access_denied'],
      audit: { action: 'delegation.ended', kind: 'client' },
      handle: async ({ principal, path: { account_id: id, client_id: clientId } }) => {
        await found(id);
        if (!(await delegations.end(id, storedClientId(clientId), principal.managementActor)))
          throw new OAuthError(
            'not_found',
            `The client ${clientId} does not act for the account ${id}.`,
          );
      },
    }),

    operation({
      tag: 'Clients',
      parameters: z.object({ client_id: pathName('The client.', 'agent') }),
      method: 'get',
      path: '/clients/{client_id}/delegations',
      operationId: 'listClientDelegations',
      summary: 'List the people for whom a client acts',
      description:
        'Returns the people for whom the client got tokens by token exchange, by their accounts.',
      scope: 'tokens:read',
      query: pageQuery,
      response: pageOf(represented),
      handle: async ({ path: { client_id: clientId }, query }) => {
        const stored = storedClientId(clientId);
        if (!(await clients.find(stored)))
          throw new OAuthError('not_found', `There is no client ${clientId}.`);
        const { items, next } = await readPage(
          query,
          (page) => delegations.listPeople(stored, page),
          ({ accountId }) => accountId,
        );
        return {
          items: items.map((item) => ({ account_id: item.accountId, ...timesOf(item) })),
          next,
        };
      },
    }),
  ];
}
