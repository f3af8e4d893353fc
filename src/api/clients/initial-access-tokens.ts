import * as z from 'zod';
import { initialAccessTokens as bounds } from '../../../config/client-registration.ts';
import type {
  InitialAccessToken,
  InitialAccessTokens,
} from '../../domain/clients/registrations/initial-access-tokens.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { distinct, resourceIdentifier, shownText } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, pathName, time } from '../framework/schemas.ts';

export interface InitialAccessTokenDependencies {
  initialAccessTokens: InitialAccessTokens;
}

const day = 86_400;

/** What every initial access token has. */
export const tokenChoices = {
  name: shownText(bounds.name).meta({
    description: 'What it is for.',
    examples: ['Deployment of the importer'],
  }),
  max_uses: count
    .min(1)
    .max(bounds.uses.max)
    .default(bounds.uses.default)
    .meta({ description: 'How many clients can be registered with it.' }),
  lifetime: count
    .min(60)
    .max(bounds.lifetime.max)
    .default(bounds.lifetime.default)
    .meta({
      description: `Seconds until it expires. Default: ${bounds.lifetime.default / day} days.`,
    }),
};

const creation = z
  .strictObject({
    ...tokenChoices,
    resources: distinct(resourceIdentifier, 50).default([]).meta({
      description:
        'The resources that its clients can request tokens for. Default: those that are open to clients that register themselves.',
    }),
  })
  .meta({ id: 'InitialAccessTokenCreation', examples: [{ name: 'Deployment', max_uses: 10 }] });

/** An initial access token, without its value. */
const shownToken = z.object({
  id: z.string().meta({ description: 'Its id, which is not a secret.' }),
  name: z.string().meta({ description: 'What it is for.' }),
  hint: z.string().meta({ description: 'The last characters of its value.' }),
  resources: z.array(z.string()).meta({ description: 'The resources of its clients.' }),
  app: z.string().nullable().meta({
    description: 'The app of its clients; null for those of the installation.',
  }),
  role: z.string().nullable().meta({ description: 'Their role in the app; null without one.' }),
  uses: count.meta({ description: 'How many clients were registered with it.' }),
  max_uses: count.meta({ description: 'How many can be.' }),
  created_at: time.meta({ description: 'When it was created.' }),
  expires_at: time.meta({ description: 'When it expires.' }),
});

export const initialAccessToken = shownToken.meta({
  id: 'InitialAccessToken',
  description: 'A token with which a program registers clients (RFC 7591 §1.2).',
});

export const createdInitialAccessToken = shownToken
  .extend({
    initial_access_token: z.string().meta({ description: 'Its value. It is returned only here.' }),
  })
  .meta({ id: 'CreatedInitialAccessToken' });

/** `/initial-access-tokens`: tokens for the registration endpoint. */
export function initialAccessTokenOperations({
  initialAccessTokens,
}: InitialAccessTokenDependencies): Operation[] {
  const on = { tag: 'Clients', path: '/initial-access-tokens' } as const;
  return [
    operation({
      ...on,
      method: 'get',
      operationId: 'listInitialAccessTokens',
      summary: 'List initial access tokens',
      description:
        'Those that have not expired, the newest first, on one page, with those of apps.',
      scope: 'clients:read',
      response: z.object({ items: z.array(initialAccessToken), next: z.null() }),
      handle: async () => ({
        items: (await initialAccessTokens.list()).map(describeInitialAccessToken),
        next: null,
      }),
    }),

    operation({
      ...on,
      method: 'post',
      operationId: 'createInitialAccessToken',
      summary: 'Create an initial access token',
      description:
        'A program with this token can register up to `max_uses` clients at `/connect/register` (RFC 7591), until it expires. Each of them is a client with the `origin` `registration`.',
      scope: 'clients:write',
      body: creation,
      response: createdInitialAccessToken,
      success: 201,
      idempotency: true,
      errors: ['conflict'],
      audit: { action: 'initial_access_token.created', kind: 'initial_access_token' },
      handle: async ({ body, idempotency }) => {
        const created = await initialAccessTokens.create(
          {
            name: body.name,
            resources: body.resources,
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
      path: '/initial-access-tokens/{token_id}',
      parameters: z.object({
        token_id: pathName('The `id` of the token.', '0198c0de-0000-7000-8000-000000000000'),
      }),
      operationId: 'revokeInitialAccessToken',
      summary: 'Revoke an initial access token',
      description: 'No further client can be registered with it. Those that were stay.',
      scope: 'clients:write',
      audit: { action: 'initial_access_token.revoked', kind: 'initial_access_token' },
      handle: async ({ path }) => {
        if (!(await initialAccessTokens.revoke(path.token_id)))
          throw new OAuthError('not_found', `There is no initial access token ${path.token_id}.`);
      },
    }),
  ];
}

export const describeInitialAccessToken = (
  found: InitialAccessToken,
): z.input<typeof initialAccessToken> => ({ ...found });
