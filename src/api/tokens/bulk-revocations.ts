import * as z from 'zod';
import type {
  BulkFilter,
  BulkRevocation,
  BulkRevocations,
} from '../../domain/tokens/bulk-revocations.ts';
import { namedTokenKinds } from '../../domain/tokens/value.ts';
import { text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, pathName, time } from '../framework/schemas.ts';
import { subject } from './schemas.ts';

export interface BulkRevocationDependencies {
  bulkRevocations: Omit<BulkRevocations, 'continue' | 'close'>;
}

const members = {
  kind: z.enum(namedTokenKinds).optional().meta({ description: 'Tokens of this kind.' }),
  client_id: text(100).optional().meta({ description: 'Tokens of this client.' }),
  account_id: z.uuid().optional().meta({ description: 'Tokens of this account.' }),
  name: text(500)
    .optional()
    .meta({ description: 'Tokens whose names begin with this text; case is ignored.' }),
};

const filter = z
  .strictObject({
    ...members,
    subject: z
      .strictObject({ type: subject.shape.type, id: subject.shape.id.optional() })
      .optional()
      .meta({ description: 'API tokens for this subject, or for all subjects of this type.' }),
  })
  .meta({
    id: 'TokenFilter',
    description: 'Which tokens: those that fit all members. At least one is needed.',
  });

const query = z
  .strictObject({
    ...members,
    subject_type: subject.shape.type
      .optional()
      .meta({ description: 'API tokens for subjects of this type.' }),
    subject_id: subject.shape.id
      .optional()
      .meta({ description: 'API tokens for the subject with this id. Requires `subject_type`.' }),
  })
  .refine(({ subject_type: type, subject_id: id }) => id === undefined || type !== undefined, {
    path: ['subject_id'],
    message: 'requires subject_type',
  });

const bulkRevocation = z
  .object({
    id: z.string(),
    filter,
    state: z.enum(['running', 'done', 'stopped']),
    revoked: count.meta({ description: 'The number of tokens that were revoked so far.' }),
    refused: count.meta({
      description: 'The number of matching tokens that its caller may not revoke.',
    }),
    begun_by: z.object({ kind: z.enum(['account', 'client']), id: z.string() }),
    began_at: time.meta({ description: 'Tokens that were issued later are left alone.' }),
    worked_at: time.meta({ description: 'When it last made progress.' }),
    ended_at: time.nullable(),
  })
  .meta({ id: 'BulkRevocation' });

const path = z.object({
  revocation_id: pathName('The id of the bulk revocation.', '00000000-0000-4000-8000-000000000000'),
});

/** `/tokens/revocations`: revoking all tokens that match a filter, in the background. */
export function bulkRevocationOperations({
  bulkRevocations,
}: BulkRevocationDependencies): Operation[] {
  const on = { tag: 'Tokens', path: '/tokens/revocations' } as const;
  const onOne = { ...on, path: '/tokens/revocations/{revocation_id}', parameters: path } as const;
  return [
    operation({
      tag: 'Tokens',
      method: 'get',
      path: '/tokens/count',
      operationId: 'countTokens',
      summary: 'Count active tokens',
      description:
        'How many active tokens match: API tokens, API keys and personal access tokens. It examines a bounded number of tokens; `more` says whether there can be others.',
      scope: 'tokens:read',
      query,
      response: z.object({
        count,
        more: z.boolean().meta({ description: 'Whether there can be more than `count`.' }),
      }),
      handle: async ({ query: { subject_type: type, subject_id: id, ...rest } }) => {
        const of = { ...rest, ...(type !== undefined && { subject: { type, id } }) };
        const { count: number, isMore } = await bulkRevocations.count(filterOf(of));
        return { count: number, more: isMore };
      },
    }),

    operation({
      ...on,
      method: 'post',
      operationId: 'revokeTokens',
      summary: 'Revoke all tokens that match',
      description:
        'Begins to revoke the active API tokens, API keys and personal access tokens that match the filter, and were issued before now. The response does not wait for it: follow it with `GET`. Each token is inactive from the moment that it is counted. It goes on if the server is restarted, and stops if the caller loses the right to revoke tokens, or the presented token is revoked. Tokens that the caller may not revoke are counted in `refused`, as `DELETE /tokens/{id}` would refuse them.',
      scope: 'tokens:revoke',
      idempotency: true,
      body: z.strictObject({ filter }).meta({
        id: 'BulkRevocationCreation',
        examples: [{ filter: { client_id: 'backend', name: 'ci-' } }],
      }),
      response: bulkRevocation,
      success: 202,
      location: ({ id }) => `/tokens/revocations/${id}`,
      audit: { action: 'bulk_revocation.begun', kind: 'bulk_revocation' },
      handle: async ({ principal, body, idempotency }) =>
        described(
          await bulkRevocations.begin(principal.managementActor, filterOf(body.filter), {
            clientId: principal.clientId,
            idempotency,
          }),
        ),
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'listBulkRevocations',
      summary: 'List bulk revocations',
      description: 'The last ones, newest first. They are kept for 90 days after their end.',
      scope: 'tokens:read',
      response: z.object({ items: z.array(bulkRevocation), next: z.null() }),
      handle: async () => ({ items: (await bulkRevocations.list()).map(described), next: null }),
    }),

    operation({
      ...onOne,
      method: 'get',
      operationId: 'readBulkRevocation',
      summary: 'Read a bulk revocation',
      description: 'How far it has come.',
      scope: 'tokens:read',
      response: bulkRevocation,
      handle: async ({ path: { revocation_id: id } }) => described(await bulkRevocations.find(id)),
    }),

    operation({
      ...onOne,
      method: 'post',
      path: '/tokens/revocations/{revocation_id}/stop',
      operationId: 'stopBulkRevocation',
      summary: 'Stop a bulk revocation',
      description: 'Tokens that it has revoked stay revoked.',
      scope: 'tokens:revoke',
      errors: ['conflict'],
      response: bulkRevocation,
      audit: { action: 'bulk_revocation.stopped', kind: 'bulk_revocation' },
      handle: async ({ path: { revocation_id: id } }) => described(await bulkRevocations.stop(id)),
    }),
  ];
}

interface GivenFilter extends Pick<BulkFilter, 'kind' | 'subject' | 'name'> {
  client_id?: string | undefined;
  account_id?: string | undefined;
}

const filterOf = ({
  client_id: clientId,
  account_id: accountId,
  ...rest
}: GivenFilter): BulkFilter => ({
  ...rest,
  clientId,
  accountId,
});

const described = ({ filter: { clientId, accountId, ...rest }, ...more }: BulkRevocation) => ({
  ...more,
  filter: {
    ...rest,
    ...(clientId !== undefined && { client_id: clientId }),
    ...(accountId !== undefined && { account_id: accountId }),
  },
});
