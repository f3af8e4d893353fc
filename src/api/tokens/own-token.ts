import type { NamedTokens } from '../../domain/tokens/named/types.ts';
import type { RevokeWithGrant } from '../../domain/tokens/revocation.ts';
import { publicId } from '../../domain/tokens/value.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { describeToken, token } from './schemas.ts';

export interface OwnTokenDependencies {
  namedTokens: Pick<NamedTokens, 'show'>;
  revokeWithGrant: RevokeWithGrant;
}

/** `/tokens/self`: what whoever has a token may know of it, and do to it, whatever it is for. */
export function ownTokenOperations({
  namedTokens,
  revokeWithGrant,
}: OwnTokenDependencies): Operation[] {
  const on = { tag: 'Tokens', path: '/tokens/self', access: 'self' } as const;

  return [
    operation({
      ...on,
      method: 'get',
      operationId: 'getOwnToken',
      summary: 'The token that you send',
      description:
        'What it is, what it permits and when it ends: of a personal access token, an API token, an API key or an access token, for whichever API it is.',
      answer: token,
      handle: async ({ principal }) => {
        const found = await namedTokens.show(principal.token);
        if (!found)
          throw new OAuthError('not_found', `There is no token ${publicId(principal.token.id)}.`);
        return describeToken(found);
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'revokeOwnToken',
      summary: 'End the token that you send',
      description: 'Before the answer: the next call with it is refused.',
      handle: async ({ principal }) => {
        await revokeWithGrant(principal.token);
      },
    }),
  ];
}
