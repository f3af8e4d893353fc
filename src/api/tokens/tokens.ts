import * as z from 'zod';
import { retainAfterEnd } from '../../../config/tokens.ts';
import type { ApiTokens, CreatedToken, NamedTokens } from '../../domain/tokens/named/types.ts';
import { namedTokenKinds } from '../../domain/tokens/value.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, paging, withCursor } from '../framework/paging.ts';
import { count } from '../framework/schemas.ts';
import {
  createdToken,
  describeToken,
  subject,
  token,
  tokenCreation,
  tokenPath,
  tokenUpdate,
} from './schemas.ts';

export interface TokenDependencies {
  namedTokens: NamedTokens;
  apiTokens: ApiTokens;
}

const query = z
  .strictObject({
    ...paging,
    kind: z.enum(namedTokenKinds).optional().meta({ description: 'Only those of this kind.' }),
    client_id: text(100).optional().meta({ description: 'Only those of this client.' }),
    account_id: z.uuid().optional().meta({ description: 'Only those of this account.' }),
    subject_type: subject.shape.type
      .optional()
      .meta({ description: 'Only those that were made for subjects of this type.' }),
    subject_id: subject.shape.id
      .optional()
      .meta({ description: 'Only those of this one; `subject_type` says of which type it is.' }),
    name: text(500)
      .optional()
      .meta({ description: 'Only those whose names begin with this, in whatever case.' }),
    state: z
      .enum(['active', 'expired', 'revoked'])
      .optional()
      .meta({ description: 'Only those of which that has become.' }),
  })
  .refine(({ subject_type: type, subject_id: id }) => id === undefined || type !== undefined, {
    path: ['subject_id'],
    message: 'needs the subject_type',
  });

/** `/tokens`: what tokens there are, those that backends make, and their end. */
export function tokenOperations({ namedTokens, apiTokens }: TokenDependencies): Operation[] {
  const on = { tag: 'Tokens', apiKeys: true } as const;
  const onAll = { ...on, path: '/tokens' } as const;
  const onOne = { ...on, path: '/tokens/{id}', parameters: tokenPath } as const;

  return [
    operation({
      ...onAll,
      method: 'get',
      operationId: 'listTokens',
      summary: 'API tokens, API keys and personal access tokens, page by page',
      description: `Newest first; in the order of their names where \`name\` is searched for, the last to end first where ended ones are; those of a subject always newest first. An API key sees the API tokens of its own client, and nothing else.

Those with a name and an owner, for ${retainAfterEnd / 86_400} days after their end. Access tokens and refresh tokens are not listed; they can be asked for by their ids.`,
      scope: 'tokens:read',
      query,
      answer: pageOf(token),
      handle: async ({ principal, query: { state, ...asked } }) => {
        const { items, next } = await namedTokens.page(principal.tokenActor, {
          kind: asked.kind,
          clientId: asked.client_id,
          accountId: asked.account_id,
          subject:
            asked.subject_type === undefined
              ? undefined
              : { type: asked.subject_type, id: asked.subject_id },
          name: asked.name,
          status: state,
          after: asked.after,
          limit: asked.limit,
        });
        return withCursor({ items: items.map(describeToken), next });
      },
    }),

    operation({
      ...onAll,
      method: 'post',
      operationId: 'createToken',
      summary: 'Make an API token',
      description: `For a user, a device or a tenant of your own system: the \`subject\`. Its value is answered this once, and works at once. Introspection answers it with \`sub\`, \`subject\`, \`name\` and \`attributes\`, so that the API knows whose call it is.

It permits no more than its client may: a resource that the client has, and scopes and roles of the client’s. It ends with the client, too. Beyond that it lives until \`expires_at\`, or for ever; of an app’s client no longer than the resource lets it.

With an \`Idempotency-Key\`, a request that got lost can be sent again: it makes one token.`,
      scope: 'tokens:write',
      idempotency: true,
      body: tokenCreation,
      answer: createdToken,
      success: 201,
      location: ({ id }) => `/tokens/${id}`,
      errors: [
        'access_denied',
        'conflict',
        'invalid_authorization_details',
        'invalid_scope',
        'invalid_target',
      ],
      audit: { action: 'api_token.created', kind: 'token' },
      handle: async ({ principal, body, idempotency }) => {
        const { client_id: clientId, authorization_details: authorizationDetails, ...given } = body;
        const { expires_at: expiresAt, scope, ...rest } = given;
        const made = await apiTokens.create(
          principal.tokenActor,
          {
            ...rest,
            clientId,
            authorizationDetails,
            expiresAt,
            scope: scope === undefined ? undefined : scopeTokens(scope),
          },
          idempotency,
        );
        return describeMade(made);
      },
    }),

    operation({
      ...on,
      method: 'post',
      path: '/tokens/revoke',
      operationId: 'revokeTokensOfSubject',
      summary: 'End all API tokens of a subject',
      description:
        'Before the answer, which says how many were active: for a user who left, or a device that was lost. An API key ends those of its own client; others end those of every client, or of the one that they name.',
      scope: 'tokens:write',
      body: z
        .strictObject({
          subject,
          client_id: text(100).optional().meta({ description: 'Only those of this client.' }),
        })
        .meta({
          id: 'TokenRevocation',
          examples: [{ subject: { type: 'user', id: '42' } }],
        }),
      answer: z.object({ revoked: count.meta({ description: 'How many were ended.' }) }),
      errors: ['access_denied'],
      audit: { action: 'token.revoked', kind: 'token' },
      handle: async ({ principal, body }) => ({
        revoked: await namedTokens.revokeOfSubject(
          principal.tokenActor,
          body.subject,
          body.client_id,
        ),
      }),
    }),

    operation({
      ...on,
      method: 'post',
      path: '/tokens/check',
      operationId: 'checkToken',
      summary: 'Whether a value is an active token',
      description:
        'And which one, also after its end. For a token that you may not see, the answer is the same as for a value that is none. An API asks the introspection endpoint instead (RFC 7662).',
      scope: 'tokens:read',
      body: z
        .strictObject({ token: text(10_000).meta({ description: 'The value.' }) })
        .meta({ id: 'TokenCheck' }),
      answer: z
        .object({ active: z.boolean(), token: token.nullable() })
        .meta({ id: 'CheckedToken' }),
      handle: async ({ principal, body }) => {
        const found = await namedTokens.check(principal.tokenActor, body.token);
        const shown = found ? describeToken(found) : null;
        return { active: shown?.active ?? false, token: shown };
      },
    }),

    operation({
      ...onOne,
      method: 'get',
      operationId: 'getToken',
      summary: 'A token',
      description:
        'By its public id: of any kind, but to an API key only an API token of its client. A token is never found by its value here: see `POST /tokens/check`.',
      scope: 'tokens:read',
      answer: token,
      tagged: true,
      handle: async ({ principal, path }) =>
        describeToken(await namedTokens.find(principal.tokenActor, path.id)),
    }),

    operation({
      ...onOne,
      method: 'patch',
      operationId: 'updateToken',
      summary: 'Change an API token',
      description:
        'Introspection shows it at once. The scope can only become less; the value stays. A token that is over cannot be changed, nor can one of another kind: it is its owner’s to change.',
      scope: 'tokens:write',
      body: tokenUpdate,
      answer: token,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict', 'invalid_scope'],
      audit: { action: 'api_token.updated', kind: 'token' },
      handle: async ({ principal, path, body, precondition }) => {
        const { scope, expires_at: expiresAt, ...rest } = body;
        const changed = await apiTokens.update(
          principal.tokenActor,
          path.id,
          { ...rest, expiresAt, scope: scope === undefined ? undefined : scopeTokens(scope) },
          precondition(describeToken),
        );
        return describeToken(changed);
      },
    }),

    operation({
      ...onOne,
      method: 'delete',
      operationId: 'revokeToken',
      summary: 'End a token',
      description:
        'Before the answer. With a refresh token ends every token of its login (RFC 7009 §2.1). Ending it again changes nothing. The operator’s key ends only when it asks for that itself.',
      scope: 'tokens:write',
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'token.revoked', kind: 'token' },
      handle: ({ principal, path, precondition }) =>
        namedTokens.revoke(principal.tokenActor, path.id, precondition(describeToken)),
    }),
  ];
}

const describeMade = ({ token: made, value }: CreatedToken): z.input<typeof createdToken> => ({
  ...describeToken(made),
  token: value,
});
