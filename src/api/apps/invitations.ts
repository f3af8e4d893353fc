import * as z from 'zod';
import type { AppInvitation, AppInvitations } from '../../domain/apps/types.ts';
import { appInvitationUri } from '../../domain/installation/installation.ts';
import { text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pathName, sendEmail, sentTo, time } from '../framework/schemas.ts';
import { appPath } from './path.ts';

export interface AppInvitationDependencies {
  appInvitations: Pick<AppInvitations, 'create' | 'list' | 'revoke'>;
  issuer: string;
}

const creation = z
  .strictObject({
    email: z
      .email()
      .max(320)
      .meta({ description: 'The email address of the account that can accept.' }),
    role: text(100).meta({ description: 'A role of the app.', examples: ['Editor'] }),
    send_email: sendEmail,
  })
  .meta({
    id: 'AppInvitationCreation',
    examples: [{ email: 'ada@example.com', role: 'Editor' }],
  });

const shown = z.object({
  id: z.string().meta({ description: 'The id of the invitation.' }),
  email: z.string().nullable().meta({ description: 'Null if your role does not manage the app.' }),
  role: z.string().meta({ description: 'The role that the person gets.' }),
  invited_by: z.string().nullable().meta({
    description: 'The name of the person who sent the invitation; null if an operator did.',
  }),
  created_at: time.meta({ description: 'When the invitation was created.' }),
  expires_at: time.meta({ description: 'When the invitation expires.' }),
});

const invitation = shown.meta({
  id: 'AppInvitation',
  description: 'An invitation to become a member of an app.',
});

const createdInvitation = shown
  .extend({
    invitation_uri: z.string().meta({
      description: 'The page on which to accept or decline. It is returned only here.',
    }),
    sent_to: sentTo,
  })
  .meta({ id: 'CreatedAppInvitation' });

/** `/apps/{app}/invitations`: the pending invitations of an app. */
export function appInvitationOperations({
  appInvitations,
  issuer,
}: AppInvitationDependencies): Operation[] {
  const on = {
    tag: 'App members',
    path: '/apps/{app}/invitations',
    parameters: appPath,
  } as const;

  return [
    operation({
      ...on,
      method: 'get',
      operationId: 'listAppInvitations',
      summary: 'List the pending invitations of an app',
      description: 'Returns all invitations on one page, without their links.',
      scope: 'apps:read',
      response: z.object({ items: z.array(invitation), next: z.null() }),
      handle: async ({ principal, path }) => {
        const found = await appInvitations.list(principal.appActor, path.app);
        return { items: found.map(describeInvitation), next: null };
      },
    }),

    operation({
      ...on,
      method: 'post',
      operationId: 'createAppInvitation',
      summary: 'Invite a person to an app',
      description:
        'The person who has an account with this email address can accept or decline. If the installation has a mail server, the link is sent to the address, unless there were too many such emails today; otherwise send it yourself. Only this response contains it. A new invitation for the same address replaces the previous one.',
      scope: 'apps:write',
      body: creation,
      response: createdInvitation,
      success: 201,
      idempotency: true,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app_invitation.created', kind: 'app' },
      handle: async ({ principal, path, body, idempotency }) => {
        const { send_email: sendEmail, ...given } = body;
        const created = await appInvitations.create(
          principal.appActor,
          path.app,
          { ...given, sendEmail },
          idempotency,
        );
        return {
          ...describeInvitation(created.invitation),
          invitation_uri: appInvitationUri(issuer, created.value),
          sent_to: created.sentTo,
        };
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/apps/{app}/invitations/{invitation_id}',
      parameters: appPath.extend({
        invitation_id: pathName(
          'The `id` of the invitation.',
          '0198c0de-0000-7000-8000-000000000000',
        ),
      }),
      operationId: 'revokeAppInvitation',
      summary: 'Revoke an invitation to an app',
      description: 'Its link no longer works.',
      scope: 'apps:write',
      errors: ['access_denied'],
      audit: { action: 'app_invitation.revoked', kind: 'app' },
      handle: ({ principal, path }) =>
        appInvitations.revoke(principal.appActor, path.app, path.invitation_id),
    }),
  ];
}

const describeInvitation = (found: AppInvitation): z.input<typeof invitation> => ({
  id: found.id,
  email: found.email,
  role: found.role,
  invited_by: found.invitedBy,
  created_at: found.createdAt,
  expires_at: found.expiresAt,
});
