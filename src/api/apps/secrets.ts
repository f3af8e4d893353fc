import * as z from 'zod';
import { appLimits } from '../../../config/apps.ts';
import type { AppClients, AppSecret } from '../../domain/apps/types.ts';
import { secret, secretDeletion } from '../clients/client-secrets.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pathName } from '../framework/schemas.ts';
import { appClientPath, idOfAppClient } from './clients.ts';

export interface AppSecretDependencies {
  appClients: Pick<AppClients, 'secrets' | 'addSecret' | 'revokeSecret'>;
}

const createdSecret = z
  .object({
    ...secret.shape,
    client_secret: z.string().meta({ description: 'The secret. It is returned only here.' }),
  })
  .meta({ id: 'CreatedAppClientSecret' });

/** `/apps/{app}/clients/{client}/secrets`: a client can have two valid secrets, so they can be rotated without downtime. */
export function appSecretOperations({ appClients }: AppSecretDependencies): Operation[] {
  const on = {
    tag: 'App clients',
    path: '/apps/{app}/clients/{client}/secrets',
    parameters: appClientPath,
  } as const;

  return [
    operation({
      ...on,
      method: 'get',
      operationId: 'listAppClientSecrets',
      summary: 'List the secrets of a client of an app',
      description:
        'Returns all secrets on one page, without their values. Requires a role that can change clients.',
      scope: 'apps:read',
      response: z.object({ items: z.array(secret), next: z.null() }),
      errors: ['access_denied'],
      handle: async ({ principal, path }) => {
        const found = await appClients.secrets(principal.appActor, path.app, path.client);
        return { items: found.map(describeSecret), next: null };
      },
    }),

    operation({
      ...on,
      method: 'post',
      operationId: 'createAppClientSecret',
      summary: 'Create a secret for a client of an app',
      description: `Generates a secret and returns it once. Existing secrets stay valid: revoke the old one when the client uses the new one. A client has at most ${appLimits.secrets} valid secrets.

You cannot create a secret for a client whose role has more permissions than your own.`,
      scope: 'apps:write',
      response: createdSecret,
      success: 201,
      idempotency: true,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'client_secret.created', kind: 'client', id: idOfAppClient },
      handle: async ({ principal, path, idempotency }) => {
        const { app, client } = path;
        const created = await appClients.addSecret(principal.appActor, app, client, idempotency);
        return { ...describeSecret(created.secret), client_secret: created.value };
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/apps/{app}/clients/{client}/secrets/{secret_id}',
      parameters: appClientPath.extend({
        secret_id: pathName('The `id` of the secret.', '0198c0de-0000-7000-8000-000000000000'),
      }),
      operationId: 'deleteAppClientSecret',
      summary: 'Revoke a secret of a client of an app',
      description:
        'The secret no longer authenticates the client. Tokens issued with it stay valid unless `end_tokens` is set.',
      query: secretDeletion,
      scope: 'apps:write',
      errors: ['access_denied'],
      audit: { action: 'client_secret.revoked', kind: 'client', id: idOfAppClient },
      handle: ({ principal, path, query }) =>
        appClients.revokeSecret(principal.appActor, path.app, path.client, path.secret_id, {
          endTokens: query.end_tokens === 'true',
        }),
    }),
  ];
}

const describeSecret = (found: AppSecret): z.input<typeof secret> => ({
  id: found.id,
  hint: found.hint,
  created_at: found.createdAt,
  expires_at: found.expiresAt,
  last_used_at: found.lastUsedAt,
  created_by: found.createdBy,
});
