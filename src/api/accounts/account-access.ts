import * as z from 'zod';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { Invitations } from '../../domain/accounts/invitations.ts';
import type { Sessions } from '../../domain/accounts/sessions.ts';
import { storedClientId } from '../../domain/clients/lookup.ts';
import type { ConnectedClients } from '../../domain/grants/connected-clients.ts';
import type { ConsentMemory, RememberedConsent } from '../../domain/grants/consent/memory.ts';
import type { Grants } from '../../domain/grants/grants.ts';
import { invitationUri } from '../../domain/installation/installation.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pathName, sendEmail, sentTo, time } from '../framework/schemas.ts';
import { accountPath, noAccount } from './accounts.ts';

export interface AccountAccessDependencies {
  accounts: Pick<Accounts, 'describe'>;
  invitations: Pick<Invitations, 'create'>;
  sessions: Pick<Sessions, 'list' | 'revokeAll'>;
  connectedClients: Pick<ConnectedClients, 'list'>;
  consentMemory: Pick<ConsentMemory, 'list' | 'withdraw'>;
  grants: Pick<Grants, 'end'>;
  issuer: string;
}

const invitation = z
  .object({
    invitation_uri: z.string().meta({
      description:
        'The link with which the person sets the password of the account. It is returned only here.',
    }),
    expires_at: time.meta({ description: 'When the link expires.' }),
    sent_to: sentTo,
  })
  .meta({ id: 'Invitation', description: 'The link with which a person sets a password.' });

const session = z
  .object({
    id: z.string().meta({ description: 'The id of the session; it is no credential.' }),
    signed_in_at: time.meta({ description: 'When the person last signed in there.' }),
    last_seen_at: time.meta({ description: 'Accurate to a minute.' }),
    ip: z.string().nullable().meta({ description: 'The IP address of the sign-in.' }),
    user_agent: z.string().nullable().meta({ description: 'The browser of the sign-in.' }),
    amr: z.array(z.string()).meta({ description: 'What the person has proven (RFC 8176).' }),
    elsewhere_at: time.nullable().meta({
      description:
        'When another browser on another network first used the session; null if none did.',
    }),
    elsewhere_ip: z.string().nullable().meta({ description: 'Its IP address.' }),
    elsewhere_user_agent: z.string().nullable().meta({ description: 'That browser.' }),
  })
  .meta({ id: 'Session', description: 'A browser in which a person is signed in.' });

const grant = z
  .object({
    id: z.string().meta({ description: 'The id of the grant.' }),
    client_id: z.string().meta({ description: 'The client that has access.' }),
    client_name: z.string().meta({ description: 'The name of the client.' }),
    device: z
      .object({ user_agent: z.string().nullable(), ip: z.string().nullable() })
      .nullable()
      .meta({
        description:
          'The device that requested access, as the person saw it; null if the request did not come from a device.',
      }),
    scopes: z
      .array(z.object({ name: z.string(), description: z.string() }))
      .meta({ description: 'The granted scopes.' }),
    created_at: time.meta({ description: 'When the person granted access.' }),
    last_used_at: time.nullable().meta({ description: 'Accurate to ten minutes.' }),
    expires_at: time.meta({ description: 'When it expires, unless it is used before then.' }),
    ended_at: time
      .nullable()
      .meta({ description: 'When it expired or was revoked; null if it is active.' }),
    ended_because: z.string().nullable().meta({
      description: '`reuse` if its refresh token was used twice (RFC 9700 §4.14.2).',
    }),
  })
  .meta({
    id: 'Grant',
    description: 'The access that a person granted to a client, with the tokens of this login.',
  });

const consent = z
  .object({
    client_id: z.string().meta({ description: 'The client that the person allowed.' }),
    client_name: z.string().meta({ description: 'The name of the client.' }),
    access: z
      .array(
        z.object({
          resource: z.string().nullable().meta({
            description: 'The identifier of the resource; null for the scopes of OpenID Connect.',
          }),
          scopes: z.array(z.string()).meta({ description: 'The scopes that are not asked again.' }),
          declined_scopes: z
            .array(z.string())
            .meta({ description: 'The optional scopes that the person unticked.' }),
        }),
      )
      .meta({ description: 'What the person allowed, by resource.' }),
    created_at: time.meta({ description: 'When the person first allowed the client.' }),
    updated_at: time.meta({ description: 'When the person last allowed more.' }),
  })
  .meta({
    id: 'Consent',
    description:
      'What a person has allowed a client on the consent page. They are not asked again for these scopes or fewer.',
  });

const describeConsent = ({
  clientId,
  clientName,
  access,
  allowedAt,
  updatedAt,
}: RememberedConsent): z.input<typeof consent> => ({
  client_id: clientId,
  client_name: clientName,
  access: access.map(({ resource, scopes, declined }) => ({
    resource: resource || null,
    scopes,
    declined_scopes: declined,
  })),
  created_at: allowedAt,
  updated_at: updatedAt,
});

/** The access of people: invitations, sessions, and the grants that they approved. */
export function accountAccessOperations({
  accounts,
  invitations,
  sessions,
  connectedClients,
  consentMemory,
  grants,
  issuer,
}: AccountAccessDependencies): Operation[] {
  const on = { tag: 'Accounts', parameters: accountPath } as const;
  const found = async (id: string) => {
    const account = await accounts.describe(id);
    if (!account) throw noAccount(id);
    return account;
  };

  return [
    operation({
      ...on,
      method: 'post',
      path: '/accounts/{account_id}/invitation',
      operationId: 'inviteAccount',
      summary: 'Create an invitation for an account',
      description: `Creates the link with which a person sets a password: for a new account, or for a person who forgot theirs. Replacing a password signs them out everywhere and
revokes all of their tokens (connected devices and apps, personal access tokens), unless they choose to keep them.
If the installation has a mail server, the person gets the link by email; otherwise send it to them, and to no one else. It works once, for seven days, or for one day if it replaces a password. It replaces the previous link.

Only a caller with every scope of this API can invite an administrator.`,
      scope: 'accounts:write',
      body: z
        .strictObject({ send_email: sendEmail })
        .meta({ id: 'InvitationCreation', examples: [{ send_email: false }] }),
      response: invitation,
      success: 201,
      idempotency: true,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'account.invited', kind: 'account' },
      handle: async ({ principal, path: { account_id: id }, body, idempotency }) => {
        const { value, expiresAt, sentTo } = await invitations.create(
          principal.managementActor,
          id,
          { sendEmail: body.send_email, idempotency },
        );
        return {
          invitation_uri: invitationUri(issuer, value),
          expires_at: expiresAt,
          sent_to: sentTo,
        };
      },
    }),

    operation({
      ...on,
      method: 'get',
      path: '/accounts/{account_id}/sessions',
      operationId: 'listAccountSessions',
      summary: 'List the sessions of an account',
      description:
        'Returns the browsers in which the person is signed in, the last seen first, on one page.',
      scope: 'accounts:read',
      response: z.object({ items: z.array(session), next: z.null() }),
      handle: async ({ path: { account_id: id } }) => {
        await found(id);
        return { items: await sessions.list(id), next: null };
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/accounts/{account_id}/sessions',
      operationId: 'endAccountSessions',
      summary: 'Sign a person out everywhere',
      description:
        'Revokes all browser sessions of the person before the response is sent, with the tokens of apps that they entered there without `offline_access`. The apps are notified (OpenID Connect Back-Channel Logout). Other tokens stay valid.',
      scope: 'accounts:support',
      errors: ['access_denied'],
      audit: { action: 'session.others_ended', kind: 'account' },
      handle: async ({ principal, path: { account_id: id } }) => {
        await found(id);
        await sessions.revokeAll(principal.managementActor, id);
      },
    }),

    operation({
      ...on,
      method: 'get',
      path: '/accounts/{account_id}/grants',
      operationId: 'listAccountGrants',
      summary: 'List the grants of an account',
      description:
        'Returns the devices, command lines and other clients that have tokens of the person, newest first, on one page. Includes grants that were revoked in the last 30 days because a refresh token was used twice.',
      scope: 'tokens:read',
      response: z.object({ items: z.array(grant), next: z.null() }),
      handle: async ({ path: { account_id: id } }) => {
        await found(id);
        return { items: (await connectedClients.list(id)).map(describeGrant), next: null };
      },
    }),

    operation({
      ...on,
      method: 'get',
      path: '/accounts/{account_id}/consents',
      operationId: 'listAccountConsents',
      summary: 'List the consents of an account',
      description:
        'Returns the clients that the person is not asked to allow again, the last changed first, on one page. First-party clients and public native clients are never among them.',
      scope: 'tokens:read',
      response: z.object({ items: z.array(consent), next: z.null() }),
      handle: async ({ path: { account_id: id } }) => {
        await found(id);
        return { items: (await consentMemory.list(id)).map(describeConsent), next: null };
      },
    }),

    operation({
      tag: 'Accounts',
      parameters: z.object({
        ...accountPath.shape,
        client_id: pathName('The client.', 'website'),
      }),
      method: 'delete',
      path: '/accounts/{account_id}/consents/{client_id}',
      operationId: 'withdrawAccountConsent',
      summary: 'Withdraw the consent of an account to a client',
      description:
        'The person is asked again when they next log in to the client. All grants of the client for this person are revoked before the response is sent, with their tokens.',
      scope: 'tokens:revoke',
      errors: ['access_denied'],
      audit: { action: 'consent.withdrawn', kind: 'client' },
      handle: async ({ principal, path: { account_id: id, client_id: clientId } }) => {
        await found(id);
        const { managementActor: actor } = principal;
        if (!(await consentMemory.withdraw(id, storedClientId(clientId), { actor })))
          throw new OAuthError(
            'not_found',
            `The account ${id} has no consent to the client ${clientId}, and no grant of it.`,
          );
      },
    }),

    operation({
      method: 'delete',
      path: '/grants/{grant_id}',
      tag: 'Accounts',
      parameters: z.object({
        grant_id: pathName('The `id` of the grant.', '0198c0de-0000-7000-8000-000000000000'),
      }),
      operationId: 'revokeGrant',
      summary: 'Revoke a grant',
      description: 'Revokes all tokens of the grant before the response is sent.',
      scope: 'tokens:revoke',
      errors: ['access_denied'],
      audit: { action: 'grant.revoked', kind: 'grant' },
      handle: async ({ principal, path: { grant_id: id } }) => {
        if (!(await grants.end(principal.managementActor, id)))
          throw new OAuthError('not_found', `There is no grant ${id}.`);
      },
    }),
  ];
}

const describeGrant = (
  login: Awaited<ReturnType<ConnectedClients['list']>>[number],
): z.input<typeof grant> => ({
  id: login.grantId,
  client_id: login.clientId,
  client_name: login.clientName,
  device: login.device && { user_agent: login.device.userAgent, ip: login.device.ip },
  scopes: login.scopes.map(({ name, description }) => ({ name, description })),
  created_at: login.approvedAt,
  last_used_at: login.lastUsedAt,
  expires_at: login.expiresAt,
  ended_at: login.revokedAt,
  ended_because: login.revokedBecause,
});
