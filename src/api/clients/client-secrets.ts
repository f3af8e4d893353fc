import * as z from 'zod';
import type { ManagedSecrets } from '../../domain/clients/managed-secrets.ts';
import { maxSecrets } from '../../domain/clients/secrets.ts';
import { moment, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { creator, pathName, time } from '../framework/schemas.ts';
import { clientPath } from './clients.ts';

export interface ClientSecretDependencies {
  clientSecrets: ManagedSecrets;
}

const creation = z
  .strictObject({
    value: text(500).optional().meta({ description: 'An existing secret of the client.' }),
    hash: text(500)
      .optional()
      .meta({ description: 'The argon2 or bcrypt hash of an existing secret of the client.' }),
    expires_at: moment
      .optional()
      .meta({ description: 'When the secret expires, in the future. Default: never.' }),
  })
  .meta({ id: 'ClientSecretCreation', examples: [{ expires_at: '2030-01-01T00:00:00Z' }] });

const shown = z.object({
  id: z.string().meta({ description: 'The id of the secret.' }),
  hint: z.string().nullable().meta({ description: 'The last characters of the secret.' }),
  created_at: time.meta({ description: 'When the secret was created.' }),
  expires_at: time.nullable().meta({ description: 'When the secret expires; null for never.' }),
  last_used_at: time.nullable().meta({ description: 'Accurate to the minute.' }),
  created_by: creator,
});

export const secret = shown.meta({
  id: 'ClientSecret',
  description: 'A client secret, without its value.',
});

const createdSecret = shown
  .extend({
    client_secret: z.string().optional().meta({
      description: 'The secret. It is returned only here; absent if the request contained it.',
    }),
  })
  .meta({ id: 'CreatedClientSecret' });

export const secretDeletion = z.strictObject({
  end_tokens: z.enum(['true', 'false']).default('false').meta({
    description:
      'Whether to revoke the access and refresh tokens of the client too, because the secret may have leaked. Its API keys and API tokens stay valid.',
  }),
});

/** `/clients/{client_id}/secrets`: a client can have several valid secrets, so they can be rotated without downtime. */
export function clientSecretOperations({ clientSecrets }: ClientSecretDependencies): Operation[] {
  const on = {
    tag: 'Clients',
    path: '/clients/{client_id}/secrets',
    parameters: clientPath,
  } as const;

  return [
    operation({
      ...on,
      method: 'get',
      operationId: 'listClientSecrets',
      summary: 'List the secrets of a client',
      description: 'Returns all secrets on one page, without their values.',
      scope: 'clients:read',
      response: z.object({ items: z.array(secret), next: z.null() }),
      handle: async ({ path }) => ({ items: await clientSecrets.list(path.client_id), next: null }),
    }),

    operation({
      ...on,
      method: 'post',
      operationId: 'createClientSecret',
      summary: 'Create a client secret',
      description: `Without \`value\` and \`hash\`, generates a secret and returns it once. With one of them, imports an existing secret.

Existing secrets stay valid: revoke the old one when the client uses the new one. A client has at most ${maxSecrets} valid secrets.`,
      scope: 'clients:write',
      body: creation,
      response: createdSecret,
      success: 201,
      idempotency: true,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'client_secret.created', kind: 'client' },
      handle: async ({ principal, path: { client_id: clientId }, body, idempotency }) => {
        const { value, hash, expires_at: expiresAt } = body;
        const { value: generated, ...shown } = await clientSecrets.add(
          principal.managementActor,
          clientId,
          { value, hash, expiresAt },
          idempotency,
        );
        return { ...shown, ...(generated !== undefined && { client_secret: generated }) };
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/clients/{client_id}/secrets/{secret_id}',
      parameters: clientPath.extend({
        secret_id: pathName('The `id` of the secret.', '0198c0de-0000-7000-8000-000000000000'),
      }),
      operationId: 'deleteClientSecret',
      summary: 'Revoke a client secret',
      description:
        'The secret no longer authenticates the client. Tokens issued with it stay valid unless `end_tokens` is set.',
      query: secretDeletion,
      scope: 'clients:write',
      errors: ['access_denied'],
      audit: { action: 'client_secret.revoked', kind: 'client' },
      handle: ({ principal, path, query }) =>
        clientSecrets.delete(principal.managementActor, path.client_id, path.secret_id, {
          endTokens: query.end_tokens === 'true',
        }),
    }),
  ];
}
