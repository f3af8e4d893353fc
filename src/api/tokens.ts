import * as z from 'zod';
import { entitlementsOf } from '../domain/entitlements.ts';
import type { TokenLookup, TokenState } from '../domain/tokens/lookup.ts';
import type { OwnedTokens } from '../domain/tokens/owned.ts';
import type { EndToken } from '../domain/tokens/revocation.ts';
import { parsePublicId, publicId } from '../domain/tokens/value.ts';
import { OAuthError } from '../oauth/errors.ts';
import { requireNotReserved } from './client-rules.ts';
import { text } from './input.ts';
import { type Operation, operation } from './operation.ts';
import { pageOf, paging, readPage } from './paging.ts';
import { pathName, time } from './schemas.ts';

export interface TokenDependencies {
  lookup: TokenLookup;
  end: EndToken;
  owned: Pick<OwnedTokens, 'page'>;
}

const token = z
  .object({
    id: z.string().meta({ description: 'Names it, and opens nothing: it can be logged.' }),
    kind: z.enum(['access_token', 'refresh_token', 'personal_access_token', 'api_key']),
    format: z.enum(['opaque', 'jwt']),
    active: z.boolean(),
    name: z.string().nullable(),
    client_id: z.string(),
    account_id: z.string().nullable(),
    grant_id: z.string().nullable(),
    scope: z.string().nullable(),
    audience: z.array(z.string()).nullable(),
    roles: z.array(z.string()),
    entitlements: z.array(z.string()).meta({ description: 'What its roles give today.' }),
    issued_at: time,
    expires_at: time.nullable(),
  })
  .meta({ id: 'Token', description: 'A token as its administrator sees it, without its value.' });

const query = z.strictObject({
  ...paging,
  client_id: text(100).optional().meta({ description: 'Only those of this client.' }),
  account_id: z.uuid().optional().meta({ description: 'Only those of this account.' }),
  kind: z
    .enum(['personal_access_token', 'api_key'])
    .optional()
    .meta({ description: 'Only those of this kind.' }),
});

const named = z.object({
  id: pathName('The public id; introspection calls it `jti`.', `tok_${'0'.repeat(25)}`),
});

/** `/tokens`: what tokens there are, and their end, by the public id: whoever asks need not have a value. */
export function tokenOperations({ lookup, end, owned }: TokenDependencies): Operation[] {
  const on = { tag: 'Tokens', path: '/tokens/{id}', parameters: named } as const;
  const found = async (id: string): Promise<TokenState> => {
    const place = parsePublicId(id);
    const state = place && (await lookup(place));
    if (!state) throw new OAuthError('not_found', `There is no token ${id}.`);
    return state;
  };

  return [
    operation({
      method: 'get',
      path: '/tokens',
      tag: 'Tokens',
      operationId: 'listTokens',
      summary: 'API keys and personal access tokens, page by page',
      description:
        'Those with a name and an owner. Access tokens and refresh tokens are not listed; they can be asked for by their ids.',
      scope: 'tokens:read',
      query,
      answer: pageOf(token),
      handle: async ({ query: { client_id: clientId, account_id: accountId, kind, ...page } }) => {
        const { items, next } = await readPage(
          page,
          (asked) => owned.page({ ...asked, clientId, accountId, kind }),
          ({ id }) => publicId(id),
        );
        return { items: items.map(describe), next };
      },
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getToken',
      summary: 'A token',
      description: 'Of any kind, by its public id. A token is never found by its value.',
      scope: 'tokens:read',
      answer: token,
      tagged: true,
      handle: async ({ path }) => describe(await found(path.id)),
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'revokeToken',
      summary: 'End a token',
      description:
        'Before the answer. With a refresh token ends every token of its login (RFC 7009 §2.1). Ending it again changes nothing. The operator’s key ends only when it asks for that itself.',
      scope: 'tokens:write',
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'token.revoked', kind: 'token' },
      handle: async ({ principal, path, precondition }) => {
        const state = await found(path.id);
        if (publicId(state.id) !== principal.actor.tokenId) requireNotReserved(state.clientId);
        precondition(describe)(state);
        await end(state);
      },
    }),
  ];
}

const moment = (seconds: number) => new Date(seconds * 1000);

const describe = (state: TokenState): z.input<typeof token> => ({
  id: publicId(state.id),
  kind: state.kind,
  format: state.kid ? 'jwt' : 'opaque',
  active: state.alive && !state.consumed,
  name: state.name,
  client_id: state.clientId,
  account_id: state.accountId,
  grant_id: state.grantId,
  scope: state.scope,
  audience: state.audience,
  ...entitlementsOf(state.roles),
  issued_at: moment(state.issuedAt),
  expires_at: state.expiresAt === null ? null : moment(state.expiresAt),
});
