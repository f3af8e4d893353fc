import * as z from 'zod';
import {
  type AccountDescription,
  type Accounts,
  accountNameLength,
  type NewAccount,
} from '../../domain/accounts/accounts.ts';
import type { AccountDeletion } from '../../domain/accounts/deletion.ts';
import { emailAddress, emailLength } from '../../domain/accounts/email-address.ts';
import {
  addressPartLength,
  attributesSize,
  nameLength,
  pictureLength,
} from '../../domain/accounts/profile.ts';
import { readPage } from '../../http/cursor.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { switching } from '../framework/enable-disable.ts';
import { distinct, shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, paging } from '../framework/paging.ts';
import { pathName, time } from '../framework/schemas.ts';

export interface AccountDependencies {
  accounts: Pick<
    Accounts,
    'create' | 'page' | 'describe' | 'update' | 'disable' | 'enable' | 'approve' | 'revokeTokens'
  >;
  accountDeletion: Pick<AccountDeletion, 'delete' | 'refuse'>;
}

const email = emailAddress;
const roles = distinct(text(200), 50);

/** What apps can read about a person (OpenID Connect Core §5.1). Null removes a field. */
const profile = {
  given_name: shownText(nameLength).nullish().meta({ description: 'The given name.' }),
  family_name: shownText(nameLength).nullish().meta({ description: 'The family name.' }),
  nickname: shownText(nameLength).nullish().meta({ description: 'What friends call the person.' }),
  picture: text(pictureLength).nullish().meta({ description: 'The https URL of a picture.' }),
  locale: text(35)
    .nullish()
    .meta({ description: 'The language, as a tag of BCP 47.', examples: ['en-GB'] }),
  zoneinfo: text(64)
    .nullish()
    .meta({ description: 'The time zone.', examples: ['Europe/London'] }),
  phone_number: text(50)
    .nullish()
    .meta({
      description: 'The phone number in international form (E.164).',
      examples: ['+442079460018'],
    }),
};

const addressPart = text(addressPartLength).optional();
const address = z
  .strictObject({
    formatted: addressPart,
    street_address: addressPart,
    locality: addressPart,
    region: addressPart,
    postal_code: addressPart,
    country: addressPart,
  })
  .meta({ id: 'PostalAddress', description: 'A postal address (OpenID Connect Core §5.1.1).' });

/** What only administrators set. */
const ofAdministrators = {
  email_verified: z.boolean().optional().meta({
    description:
      'Whether the email address is known to be the person’s. Another email address is not, unless this says so.',
  }),
  phone_number_verified: z
    .boolean()
    .optional()
    .meta({ description: 'The same for the phone number.' }),
  address: address.nullish().meta({ description: 'The postal address; null removes it.' }),
  attributes: z
    .record(z.string().min(1).max(200), z.json())
    .optional()
    .meta({
      description: `Anything that you want to know about the person, at most ${attributesSize / 1024} KiB of JSON. People do not see it.`,
      examples: [{ tenant_id: 'acme' }],
    }),
};

const creation = z
  .strictObject({
    email: email.nullish().meta({ description: 'The email address, which is unique.' }),
    name: shownText(accountNameLength).meta({ description: 'The name of the person.' }),
    roles: roles.default([]).meta({ description: 'The roles that tokens of the person carry.' }),
    ...profile,
    ...ofAdministrators,
  })
  .meta({
    id: 'AccountCreation',
    examples: [{ email: 'ada@example.com', name: 'Ada Lovelace', roles: ['reader'] }],
  });

const update = z
  .strictObject({
    email: email.nullish().meta({ description: 'The email address; null removes it.' }),
    name: shownText(accountNameLength).optional().meta({ description: 'The name of the person.' }),
    roles: roles.optional().meta({ description: 'The roles that tokens of the person carry.' }),
    ...profile,
    ...ofAdministrators,
  })
  .meta({
    id: 'AccountUpdate',
    description: 'The fields to change; others keep their values.',
    examples: [{ roles: ['reader', 'editor'] }],
  });

const account = z
  .object({
    id: z.string().meta({ description: 'The `sub` of tokens of this person; it is never reused.' }),
    email: z
      .string()
      .nullable()
      .meta({ description: 'The email address, if the account has one.' }),
    email_verified: z.boolean().meta({
      description:
        'Whether the email address is known to be the person’s: an administrator said so, or the person used a link that was sent to it.',
    }),
    name: z.string().meta({ description: 'The name of the person.' }),
    roles: z.array(z.string()).meta({ description: 'The roles that tokens of the person carry.' }),
    given_name: z.string().nullable().meta({ description: 'The given name.' }),
    family_name: z.string().nullable().meta({ description: 'The family name.' }),
    nickname: z.string().nullable().meta({ description: 'What friends call the person.' }),
    picture: z.string().nullable().meta({ description: 'The URL of a picture.' }),
    locale: z.string().nullable().meta({ description: 'The language, as a tag of BCP 47.' }),
    zoneinfo: z.string().nullable().meta({ description: 'The time zone.' }),
    phone_number: z.string().nullable().meta({ description: 'The phone number (E.164).' }),
    phone_number_verified: z
      .boolean()
      .meta({ description: 'Whether the phone number is known to be the person’s.' }),
    address: address.nullable().meta({ description: 'The postal address.' }),
    attributes: z
      .record(z.string(), z.json())
      .meta({ description: 'What administrators know about the person.' }),
    has_password: z.boolean().meta({ description: 'Whether the person has set a password.' }),
    second_factor: z.boolean().meta({
      description: 'Whether the person has a second factor: an authenticator app or a passkey.',
    }),
    last_sign_in_at: time
      .nullable()
      .meta({ description: 'When the person last signed in; null if never.' }),
    approval_requested_at: time.nullable().meta({
      description:
        'When the person registered, if an administrator has to approve the account before they can sign in; otherwise null. The account is disabled until then.',
    }),
    accepted_terms: z
      .object({
        terms_url: z.string().nullable().meta({ description: 'The terms of service.' }),
        privacy_url: z.string().nullable().meta({ description: 'The privacy policy.' }),
        accepted_at: z.string().meta({ description: 'When the person accepted them.' }),
      })
      .nullable()
      .meta({
        description: 'What the person accepted when they registered; null if nothing.',
      }),
    disabled_at: time
      .nullable()
      .meta({ description: 'When the account was disabled; null if it is enabled.' }),
    created_at: time.meta({ description: 'When the account was created.' }),
    profile_updated_at: time.meta({
      description: 'When the name, the email address or the profile last changed.',
    }),
  })
  .meta({ id: 'Account', description: 'A person who can have tokens.' });

const query = z.strictObject({
  ...paging,
  email: text(emailLength)
    .optional()
    .meta({ description: 'Only the account with this email address; case is ignored.' }),
  search: text(200).optional().meta({
    description:
      'Only accounts in whose name or email address words begin with these words, or whose `id` it is; case is ignored.',
  }),
  second_factor: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'Only accounts that have a second factor, or that have none.' }),
  disabled: z.enum(['true', 'false']).optional().meta({
    description: 'Only accounts that are disabled, or that are not.',
  }),
  waiting: z.enum(['true', 'false']).optional().meta({
    description:
      '`true`: only accounts that wait for the approval of an administrator. `false`: only others.',
  }),
});

export const accountPath = z.object({
  account_id: pathName('The `id` of the account.', '0198c0de-0000-7000-8000-000000000000'),
});

export const noAccount = (id: string) => new OAuthError('not_found', `There is no account ${id}.`);

const describeAccount = ({
  password_changed_at: _changedAt,
  attributes,
  ...described
}: AccountDescription) => ({
  ...described,
  attributes: attributes as z.input<typeof account>['attributes'],
});

/** Without the fields that the body does not have. */
const changesOf = (body: z.output<typeof update>): Partial<NewAccount> =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));

/** `/accounts`: the people who can have tokens. */
export function accountOperations({ accounts, accountDeletion }: AccountDependencies): Operation[] {
  const on = { tag: 'Accounts', path: '/accounts/{account_id}', parameters: accountPath } as const;
  const found = async (id: string) => {
    const described = await accounts.describe(id);
    if (!described) throw noAccount(id);
    return describeAccount(described);
  };

  return [
    operation({
      method: 'get',
      path: '/accounts',
      tag: 'Accounts',
      operationId: 'listAccounts',
      summary: 'List accounts',
      description: 'Ordered by id. Includes disabled accounts.',
      scope: 'accounts:read',
      query,
      response: pageOf(account),
      handle: async ({
        query: { email, search, second_factor: factor, disabled, waiting, ...page },
      }) => {
        const given = (text: 'true' | 'false' | undefined) =>
          text === undefined ? undefined : text === 'true';
        const { items, next } = await readPage(
          page,
          (asked) =>
            accounts.page({
              ...asked,
              email,
              search,
              disabled: given(disabled),
              secondFactor: given(factor),
              waiting: given(waiting),
            }),
          ({ id }) => id,
        );
        return { items: items.map(describeAccount), next };
      },
    }),

    operation({
      method: 'post',
      path: '/accounts',
      tag: 'Accounts',
      operationId: 'createAccount',
      summary: 'Create an account',
      description:
        'Creates an account for a person. Send an invitation, so that they can set a password and sign in.\n\nOnly a caller with every scope of this API can create an administrator.',
      scope: 'accounts:write',
      body: creation,
      response: account,
      success: 201,
      tagged: true,
      location: ({ id }) => `/accounts/${encodeURIComponent(id)}`,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'account.created', kind: 'account' },
      handle: async ({ principal, body }) =>
        describeAccount(
          await accounts.create(principal.managementActor, { ...changesOf(body), name: body.name }),
        ),
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getAccount',
      summary: 'Get an account',
      description: 'Returns the account and its roles, also if it is disabled.',
      scope: 'accounts:read',
      response: account,
      tagged: true,
      handle: ({ path }) => found(path.account_id),
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateAccount',
      summary: 'Update an account',
      description:
        'Introspection returns new roles immediately, for existing tokens too.\n\nOnly a caller with every scope of this API can make an account an administrator, or change an administrator.',
      scope: 'accounts:write',
      body: update,
      response: account,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'account.updated', kind: 'account' },
      handle: async ({ principal, path: { account_id: id }, body, precondition }) => {
        const changed = await accounts.update(
          principal.managementActor,
          id,
          changesOf(body),
          precondition(describeAccount),
        );
        if (!changed) throw noAccount(id);
        return describeAccount(changed);
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteAccount',
      summary: 'Delete an account',
      description:
        'Revokes its tokens and sessions before the response is sent, and deletes personal data: name, email address, password, grants, personal access tokens, memberships, pending emails. The audit log keeps the `id`, which is the `sub` of tokens and never reused. Refused if the account is the last Owner of an app; the error names the apps. Repeating the request returns the same response.',
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
          'Revokes its tokens before the response is sent. The account gets no tokens until it is enabled.',
        enable:
          'The account can get tokens again. Revoked tokens stay revoked. Enabling an account that waits for approval approves it.',
      },
      scope: 'accounts:support',
      response: account,
      audit: { kind: 'account' },
      handle: async ({ path: { account_id: id }, principal }, to) => {
        if (!(await accounts[to](principal.managementActor, id))) throw noAccount(id);
        return found(id);
      },
    }),

    operation({
      ...on,
      method: 'post',
      path: '/accounts/{account_id}/approve',
      operationId: 'approveAccount',
      summary: 'Approve an account',
      description:
        'Lets the person of an account that waits (`approval_requested_at`) sign in, and notifies them by email.',
      scope: 'accounts:write',
      response: account,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'account.approved', kind: 'account' },
      handle: async ({ principal, path: { account_id: id } }) => {
        if (!(await accounts.approve(principal.managementActor, id))) throw noAccount(id);
        return found(id);
      },
    }),

    operation({
      ...on,
      method: 'post',
      path: '/accounts/{account_id}/refuse',
      operationId: 'refuseAccount',
      summary: 'Refuse an account',
      description:
        'Notifies the person of an account that waits (`approval_requested_at`) by email, and deletes the account as Delete an account does. Its address can register again; leave the account waiting, or disable it, to prevent that.',
      scope: 'accounts:write',
      errors: ['access_denied', 'conflict'],
      audit: { action: 'account.refused', kind: 'account' },
      handle: async ({ principal, path: { account_id: id } }) => {
        if (!(await accountDeletion.refuse(principal.managementActor, id))) throw noAccount(id);
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/accounts/{account_id}/tokens',
      operationId: 'revokeAccountTokens',
      summary: 'Revoke all tokens of an account',
      description:
        'Revokes every token of the person, at every client, before the response is sent. The account stays enabled.',
      scope: 'tokens:revoke',
      errors: ['access_denied'],
      audit: { action: 'account.tokens_revoked', kind: 'account' },
      handle: async ({ principal, path: { account_id: id } }) => {
        if (!(await accounts.revokeTokens(principal.managementActor, id))) throw noAccount(id);
      },
    }),
  ];
}
