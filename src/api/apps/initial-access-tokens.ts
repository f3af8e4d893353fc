import * as z from 'zod';
import type { AppInitialAccessTokens } from '../../domain/apps/types.ts';
import {
  createdInitialAccessToken,
  describeInitialAccessToken,
  initialAccessToken,
  tokenChoices,
} from '../clients/initial-access-tokens.ts';
import { text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pathName } from '../framework/schemas.ts';
import { appPath } from './path.ts';

export interface AppInitialAccessTokenDependencies {
  appInitialAccessTokens: AppInitialAccessTokens;
}

const creation = z
  .strictObject({
    ...tokenChoices,
    role: text(100).meta({
      description:
        'The role of the clients that are registered with it. You need every permission of the role yourself.',
      examples: ['Reader'],
    }),
  })
  .meta({
    id: 'AppInitialAccessTokenCreation',
    examples: [{ name: 'Deployment', role: 'Reader', max_uses: 10 }],
  });

/** `/apps/{app}/initial-access-tokens`: with one, a program registers clients of the app. */
export function appInitialAccessTokenOperations({
  appInitialAccessTokens,
}: AppInitialAccessTokenDependencies): Operation[] {
  const on = {
    tag: 'App clients',
    path: '/apps/{app}/initial-access-tokens',
    parameters: appPath,
  } as const;

  return [
    operation({
      ...on,
      method: 'get',
      operationId: 'listAppInitialAccessTokens',
      summary: 'List the initial access tokens of an app',
      description: 'Those that have not expired, the newest first, on one page. Only for Owners.',
      scope: 'apps:read',
      response: z.object({ items: z.array(initialAccessToken), next: z.null() }),
      errors: ['access_denied'],
      handle: async ({ principal, path }) => {
        const found = await appInitialAccessTokens.list(principal.appActor, path.app);
        return { items: found.map(describeInitialAccessToken), next: null };
      },
    }),

    operation({
      ...on,
      method: 'post',
      operationId: 'createAppInitialAccessToken',
      summary: 'Create an initial access token of an app',
      description:
        'A program with this token can register up to `max_uses` clients of the app at `/connect/register` (RFC 7591), until it expires. They have the role that you choose, and the rules of all clients of the app. The token stops working when you no longer manage the app, or no longer have every permission of that role. Only for Owners.',
      scope: 'apps:write',
      body: creation,
      response: createdInitialAccessToken,
      success: 201,
      idempotency: true,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'initial_access_token.created', kind: 'app' },
      handle: async ({ principal, path, body, idempotency }) => {
        const created = await appInitialAccessTokens.create(
          principal.appActor,
          path.app,
          {
            name: body.name,
            role: body.role,
            maxUses: body.max_uses,
            expiresAt: new Date(Date.now() + body.lifetime * 1000),
          },
          idempotency,
        );
        return {
          ...describeInitialAccessToken(created.token),
          initial_access_token: created.value,
        };
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/apps/{app}/initial-access-tokens/{token_id}',
      parameters: appPath.extend({
        token_id: pathName('The `id` of the token.', '0198c0de-0000-7000-8000-000000000000'),
      }),
      operationId: 'revokeAppInitialAccessToken',
      summary: 'Revoke an initial access token of an app',
      description:
        'No further client can be registered with it. Those that were stay. Only for Owners.',
      scope: 'apps:write',
      errors: ['access_denied'],
      audit: {
        action: 'initial_access_token.revoked',
        kind: 'initial_access_token',
        id: ({ token_id: id = '' }) => id,
      },
      handle: ({ principal, path }) =>
        appInitialAccessTokens.revoke(principal.appActor, path.app, path.token_id),
    }),
  ];
}
