import type { NamedTokens } from '../../domain/tokens/named/types.ts';
import type { RevokeWithGrant } from '../../domain/tokens/revocation.ts';
import { publicId } from '../../domain/tokens/value.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { describeTokenOf, token } from './schemas.ts';

export interface OwnTokenDependencies {
  namedTokens: Pick<NamedTokens, 'show'>;
  revokeWithGrant: RevokeWithGrant;
  issuer: string;
}

/** `/tokens/self`: any active token, whatever its audience and scopes, can read and revoke itself. */
export function ownTokenOperations({
  namedTokens,
  revokeWithGrant,
  issuer,
}: OwnTokenDependencies): Operation[] {
  const on = { tag: 'Tokens', path: '/tokens/self', access: 'self' } as const;

  return [
    operation({
      ...on,
      method: 'get',
      operationId: 'getOwnToken',
      summary: 'Get your own token',
      description:
        'Returns the kind, scopes and expiry of the token in the request: a personal access token, API token, API key or access token, for any API.',
      response: token,
      handle: async ({ principal }) => {
        const found = await namedTokens.show(principal.token);
        if (!found)
          throw new OAuthError('not_found', `There is no token ${publicId(principal.token.id)}.`);
        return describeTokenOf(issuer)(found);
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'revokeOwnToken',
      summary: 'Revoke your own token',
      description:
        'Revokes the token in the request before the response is sent: the next call with it is refused.',
      handle: async ({ principal }) => {
        await revokeWithGrant(principal.token);
      },
    }),
  ];
}
