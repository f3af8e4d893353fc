import * as z from 'zod';
import { retainAfterEnd } from '../../../config/tokens.ts';
import { type ExplainToken, reasonSentences } from '../../domain/tokens/explanation.ts';
import type { ApiTokens, NamedTokens } from '../../domain/tokens/named/types.ts';
import {
  describeUnknownValue,
  sentenceOfUnknown,
  unknownKinds,
} from '../../domain/tokens/unknown-value.ts';
import { namedTokenKinds } from '../../domain/tokens/value.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, paging, withCursor } from '../framework/paging.ts';
import { count, time } from '../framework/schemas.ts';
import {
  createdToken,
  describeTokenOf,
  subject,
  token,
  tokenCreation,
  tokenPath,
  tokenUpdate,
} from './schemas.ts';

export interface TokenDependencies {
  namedTokens: NamedTokens;
  apiTokens: ApiTokens;
  explainToken: ExplainToken;
  issuer: string;
}

const query = z
  .strictObject({
    ...paging,
    kind: z.enum(namedTokenKinds).optional().meta({ description: 'Only tokens of this kind.' }),
    client_id: text(100).optional().meta({ description: 'Only tokens of this client.' }),
    account_id: z.uuid().optional().meta({ description: 'Only tokens of this account.' }),
    subject_type: subject.shape.type
      .optional()
      .meta({ description: 'Only tokens for subjects of this type.' }),
    subject_id: subject.shape.id
      .optional()
      .meta({ description: 'Only tokens for the subject with this id. Requires `subject_type`.' }),
    name: text(500)
      .optional()
      .meta({ description: 'Only tokens whose names begin with this text; case is ignored.' }),
    state: z
      .enum(['active', 'expired', 'revoked'])
      .optional()
      .meta({ description: 'Only tokens in this state.' }),
  })
  .refine(({ subject_type: type, subject_id: id }) => id === undefined || type !== undefined, {
    path: ['subject_id'],
    message: 'requires subject_type',
  });

const reason = z
  .object({
    code: z.string().meta({
      description: `One of ${[...Object.keys(reasonSentences), ...unknownKinds].map((code) => `\`${code}\``).join(', ')}; more may be added.`,
    }),
    message: z.string().meta({ description: 'The same in a sentence for people.' }),
    at: time.nullable().meta({ description: 'When it came about, if that is known.' }),
    detail: z.string().nullable().meta({
      description:
        'More about it: why a token or a grant was revoked, or the ID of the token, grant or issuer that it came from.',
    }),
  })
  .meta({ id: 'InactiveReason', description: 'Why a token is not active.' });

/** `/tokens`: listing tokens, creating API tokens, and revoking tokens. */
export function tokenOperations({
  namedTokens,
  apiTokens,
  explainToken,
  issuer,
}: TokenDependencies): Operation[] {
  const describeToken = describeTokenOf(issuer);
  const on = { tag: 'Tokens', apiKeys: true } as const;
  const onAll = { ...on, path: '/tokens' } as const;
  const onOne = { ...on, path: '/tokens/{id}', parameters: tokenPath } as const;

  return [
    operation({
      ...onAll,
      method: 'get',
      operationId: 'listTokens',
      summary: 'List tokens',
      description: `Lists API tokens, API keys and personal access tokens, until ${retainAfterEnd / 86_400} days after they expire or are revoked. Access tokens and refresh tokens are not listed; get them by their ids. An API key sees only the API tokens of its own client.

Ordered newest first; by name if \`name\` is given; and by the latest expiry or revocation if \`state\` is \`expired\` or \`revoked\`. Tokens of a subject are always ordered newest first.

A page can have fewer items than \`limit\`, even none, and still a \`next\`: then the filter fits few of many tokens, and the next page searches on.`,
      scope: 'tokens:read',
      query,
      response: pageOf(token),
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
      summary: 'Create an API token',
      description: `Creates a token for a user, device or tenant of your own system: the \`subject\`. The value is returned once and is valid immediately. Introspection returns \`sub\`, \`subject\`, \`name\` and \`attributes\`, so your API knows who calls.

The token can have only what its client has: one of its resources, scopes and roles. It is revoked with the client, and otherwise valid until \`expires_at\`. For a client of an app, the resource limits its lifetime.

With an \`Idempotency-Key\`, a lost request can be repeated without creating a second token.`,
      scope: 'tokens:write',
      idempotency: true,
      body: tokenCreation,
      response: createdToken,
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
        const created = await apiTokens.create(
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
        return { ...describeToken(created.token), token: created.value };
      },
    }),

    operation({
      ...on,
      method: 'post',
      path: '/tokens/revoke',
      operationId: 'revokeTokensOfSubject',
      summary: 'Revoke all API tokens of a subject',
      description:
        'For a user who left, or a lost device. The tokens are revoked before the response is sent; it contains the number of tokens that were active. An API key revokes only tokens of its own client; other callers revoke those of all clients, or of the client in `client_id`.',
      scope: 'tokens:write',
      body: z
        .strictObject({
          subject,
          client_id: text(100).optional().meta({ description: 'Only tokens of this client.' }),
        })
        .meta({
          id: 'TokenRevocation',
          examples: [{ subject: { type: 'user', id: '42' } }],
        }),
      response: z.object({
        revoked: count.meta({ description: 'The number of tokens that were revoked.' }),
      }),
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
      summary: 'Check a token value',
      description:
        'Returns whether a value is an active token, which token it is, also after it expired or was revoked, and why it is not active. For a token that you cannot see, the response is the same as for an unknown value. APIs use the introspection endpoint instead (RFC 7662).',
      scope: 'tokens:read',
      body: z
        .strictObject({ token: text(10_000).meta({ description: 'The value of the token.' }) })
        .meta({ id: 'TokenCheck' }),
      response: z
        .object({
          active: z
            .boolean()
            .meta({ description: 'Whether the value is an active token.', examples: [true] }),
          token: token
            .nullable()
            .meta({ description: 'The token; null if you cannot see one with this value.' }),
          reasons: z.array(reason).meta({
            description: 'Why it is not active; empty if it is.',
          }),
        })
        .meta({ id: 'CheckedToken' }),
      handle: async ({ principal, body }) => {
        const found = await namedTokens.check(principal.tokenActor, body.token);
        const reasons = found && (await explainToken(found.id));
        if (!found || !reasons) {
          const unknown = describeUnknownValue(body.token, issuer);
          const message = sentenceOfUnknown(unknown);
          return {
            active: false,
            token: null,
            reasons: [{ code: unknown.kind, message, at: null, detail: null }],
          };
        }
        return {
          active: reasons.length === 0,
          token: describeToken(found),
          reasons: reasons.map(({ kind, at, detail }) => ({
            code: kind,
            message: reasonSentences[kind],
            at,
            detail,
          })),
        };
      },
    }),

    operation({
      ...onOne,
      method: 'get',
      operationId: 'getToken',
      summary: 'Get a token',
      description:
        'Finds a token of any kind by its public id; an API key finds only API tokens of its client. To find a token by its value, use `POST /tokens/check`.',
      scope: 'tokens:read',
      response: token,
      tagged: true,
      handle: async ({ principal, path }) =>
        describeToken(await namedTokens.find(principal.tokenActor, path.id)),
    }),

    operation({
      ...onOne,
      method: 'patch',
      operationId: 'updateToken',
      summary: 'Update an API token',
      description:
        'Introspection returns the change immediately. The scope can only be reduced; the value stays the same. Expired and revoked tokens cannot be changed, nor can tokens of other kinds, which only their owners can change.',
      scope: 'tokens:write',
      body: tokenUpdate,
      response: token,
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
      summary: 'Revoke a token',
      description:
        'The token is revoked before the response is sent. Revoking a refresh token revokes every token of its grant (RFC 7009 §2.1). Revoking a token again has no effect. A token of a person needs every scope that the roles of the person give; a token that belongs to no person needs `tokens:write`. The operator’s key can be revoked only with that key itself.',
      scope: 'tokens:revoke',
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'token.revoked', kind: 'token' },
      handle: ({ principal, path, precondition }) =>
        namedTokens.revoke(principal.tokenActor, path.id, precondition(describeToken)),
    }),
  ];
}
