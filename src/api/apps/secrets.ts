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
    client_secret: z.string().meta({ description: 'The secret, shown this once.' }),
  })
  .meta({ id: 'CreatedAppClientSecret' });

/** `/apps/{app}/clients/{client}/secrets`: two may live at once, so that they can be changed without a gap. */
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
      summary: 'The secrets of a client of an app',
      description:
        'Everything about them but the secrets themselves, for those who may change clients. All on one page.',
      scope: 'apps:read',
      answer: z.object({ items: z.array(secret), next: z.null() }),
      errors: ['access_denied'],
      handle: async ({ principal, path }) => {
        const found = await appClients.secrets(principal.appActor, path.app, path.client);
        return { items: found.map(describe), next: null };
      },
    }),

    operation({
      ...on,
      method: 'post',
      operationId: 'createAppClientSecret',
      summary: 'Give a client of an app one more secret',
      description: `A new one is made, and shown this once. The others stay: delete the old one when the client uses the new one. At most ${appLimits.secrets} live at a time.

Nobody can give a secret to a client whose role permits more than their own.`,
      scope: 'apps:write',
      answer: createdSecret,
      success: 201,
      idempotency: true,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'client_secret.created', kind: 'client', id: idOfAppClient },
      handle: async ({ principal, path, idempotency }) => {
        const { app, client } = path;
        const made = await appClients.addSecret(principal.appActor, app, client, idempotency);
        return { ...describe(made.secret), client_secret: made.value };
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
      summary: 'Delete a secret of a client of an app',
      description:
        'It no longer authenticates the client. Tokens issued with it stay valid, unless `end_tokens` is set because others may know the secret.',
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

const describe = (found: AppSecret): z.input<typeof secret> => ({
  id: found.id,
  hint: found.hint,
  created_at: found.createdAt,
  expires_at: found.expiresAt,
  last_used_at: found.lastUsedAt,
  created_by: found.createdBy,
});
