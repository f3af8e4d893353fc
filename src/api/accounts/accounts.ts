import * as z from 'zod';
import {
  type AccountDescription,
  type Accounts,
  accountNameLength,
} from '../../domain/accounts/accounts.ts';
import type { AccountDeletion } from '../../domain/accounts/deletion.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { switching } from '../framework/enable-disable.ts';
import { distinct, shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, paging, readPage } from '../framework/paging.ts';
import { pathName, time } from '../framework/schemas.ts';

export interface AccountDependencies {
  accounts: Pick<
    Accounts,
    'create' | 'page' | 'describe' | 'update' | 'disable' | 'enable' | 'revokeTokens'
  >;
  accountDeletion: Pick<AccountDeletion, 'delete'>;
}

const email = z.email().max(320);
const roles = distinct(text(200), 50);

const creation = z
  .strictObject({
    email: email.nullish().meta({ description: 'No two accounts have the same.' }),
    name: shownText(accountNameLength).meta({ description: 'What people call them.' }),
    roles: roles.default([]).meta({ description: 'The roles that their tokens carry.' }),
  })
  .meta({
    id: 'AccountCreation',
    examples: [{ email: 'ada@example.com', name: 'Ada Lovelace', roles: ['reader'] }],
  });

const update = z
  .strictObject({
    email: email.nullish().meta({ description: 'Null removes it.' }),
    name: shownText(accountNameLength).optional(),
    roles: roles.optional(),
  })
  .meta({
    id: 'AccountUpdate',
    description: 'What changes; the rest stays as it is.',
    examples: [{ roles: ['reader', 'editor'] }],
  });

const account = z
  .object({
    id: z.string().meta({ description: 'The `sub` of their tokens; never used again.' }),
    email: z.string().nullable(),
    name: z.string(),
    roles: z.array(z.string()),
    has_password: z
      .boolean()
      .meta({ description: 'Whether they chose a password, to sign in with.' }),
    last_sign_in_at: time.nullable(),
    disabled_at: time
      .nullable()
      .meta({ description: 'Since when they get no tokens; null where they do.' }),
    created_at: time,
  })
  .meta({ id: 'Account', description: 'A person that tokens can belong to.' });

const query = z.strictObject({
  ...paging,
  email: text(320).optional().meta({ description: 'Only whoever has this address, in any case.' }),
});

export const accountPath = z.object({
  account_id: pathName('The `id` of the account.', '0198c0de-0000-7000-8000-000000000000'),
});

export const noAccount = (id: string) => new OAuthError('not_found', `There is no account ${id}.`);

const describe = ({
  id,
  email,
  name,
  roles,
  has_password,
  last_sign_in_at,
  disabled_at,
  created_at,
}: AccountDescription) => ({
  id,
  email,
  name,
  roles,
  has_password,
  last_sign_in_at,
  disabled_at,
  created_at,
});

/** `/accounts`: the people that tokens can belong to. */
export function accountOperations({ accounts, accountDeletion }: AccountDependencies): Operation[] {
  const on = { tag: 'Accounts', path: '/accounts/{account_id}', parameters: accountPath } as const;
  const found = async (id: string) => {
    const described = await accounts.describe(id);
    if (!described) throw noAccount(id);
    return describe(described);
  };

  return [
    operation({
      method: 'get',
      path: '/accounts',
      tag: 'Accounts',
      operationId: 'listAccounts',
      summary: 'All accounts, page by page',
      description: 'In the order of their ids, disabled ones among them.',
      scope: 'accounts:read',
      query,
      answer: pageOf(account),
      handle: async ({ query: { email, ...page } }) => {
        const { items, next } = await readPage(
          page,
          (asked) => accounts.page({ ...asked, email }),
          ({ id }) => id,
        );
        return { items: items.map(describe), next };
      },
    }),

    operation({
      method: 'post',
      path: '/accounts',
      tag: 'Accounts',
      operationId: 'createAccount',
      summary: 'Make an account',
      description:
        'For a person who is to have tokens. An invitation lets them choose a password, with which they sign in.\n\nOnly who has every scope of this API can make an administrator.',
      scope: 'accounts:write',
      body: creation,
      answer: account,
      success: 201,
      tagged: true,
      location: ({ id }) => `/accounts/${encodeURIComponent(id)}`,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'account.created', kind: 'account' },
      handle: async ({ principal, body }) =>
        describe(await accounts.create(principal.managementActor, body)),
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getAccount',
      summary: 'An account',
      description: 'Who they are and which roles they have, also where it is disabled.',
      scope: 'accounts:read',
      answer: account,
      tagged: true,
      handle: ({ path }) => found(path.account_id),
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateAccount',
      summary: 'Change an account',
      description:
        'Introspection shows other roles at once, also of tokens that are there already.\n\nOnly who has every scope of this API can make an administrator of somebody, or change one.',
      scope: 'accounts:write',
      body: update,
      answer: account,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'account.updated', kind: 'account' },
      handle: async ({ principal, path: { account_id: id }, body, precondition }) => {
        const { name, ...rest } = body;
        const changes = { ...rest, ...(name !== undefined && { name }) };
        const changed = await accounts.update(
          principal.managementActor,
          id,
          changes,
          precondition(describe),
        );
        if (!changed) throw noAccount(id);
        return describe(changed);
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteAccount',
      summary: 'Delete an account',
      description:
        'Ends its tokens and sessions, before the answer, and deletes what is personal: name, address, password, logins, personal access tokens, memberships, mails that wait. The audit keeps the `id`, which is the `sub` of tokens and never used again. Refused with the names of the apps of which it is the last Owner. Asking again is answered the same.',
      scope: 'accounts:write',
      errors: ['access_denied', 'conflict'],
      audit: { action: 'account.deleted', kind: 'account' },
      handle: async ({ principal, path: { account_id: id } }) => {
        if (!(await accountDeletion.delete(principal.managementActor, id))) throw noAccount(id);
      },
    }),

    ...switching({
      ...on,
      name: 'Account',
      called: 'an account',
      descriptions: {
        disable:
          'Ends its tokens, before the answer, and lets it have no more until it is enabled again.',
        enable: 'Lets a disabled account have tokens again; those that were ended stay so.',
      },
      scope: 'accounts:write',
      answer: account,
      audit: { kind: 'account' },
      handle: async ({ path: { account_id: id }, principal }, to) => {
        if (!(await accounts[to](principal.managementActor, id))) throw noAccount(id);
        return found(id);
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/accounts/{account_id}/tokens',
      operationId: 'revokeAccountTokens',
      summary: 'End all tokens of an account',
      description:
        'Ends every token that the person has, at every client, before the answer. The account stays enabled.',
      scope: 'tokens:write',
      audit: { action: 'account.tokens_revoked', kind: 'account' },
      handle: async ({ path: { account_id: id } }) => {
        if (!(await accounts.revokeTokens(id))) throw noAccount(id);
      },
    }),
  ];
}
