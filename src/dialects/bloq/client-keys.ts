/** `bcl client-keys`: the key pairs with which clients get tokens. */
import type { KeyPairs } from '../../domain/clients/key-pairs.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Handler } from '../framework/dialect.ts';
import type { ReadAccountToken } from './account-token.ts';
import { bloqResource, clientTokenTtl } from './constants.ts';

export function createClientKeyHandlers(
  keyPairs: Pick<KeyPairs, 'create' | 'list' | 'delete'>,
  readAccountToken: ReadAccountToken,
): Record<'create' | 'list' | 'remove', Handler> {
  return {
    async create(ctx) {
      const { accountId } = await readAccountToken(ctx);
      const { id, clientId, secret, createdAt } = await keyPairs.create(
        accountId,
        {
          name: 'Bloq client keys',
          resource: bloqResource,
          accessTokenTtl: clientTokenTtl.access,
          refreshTokenTtl: clientTokenTtl.refresh,
        },
        ctx.ip,
      );
      ctx.set('Cache-Control', 'no-store');
      ctx.status = 201;
      ctx.body = { id, clientId, clientSecret: secret, createdAt };
    },

    async list(ctx) {
      const { accountId } = await readAccountToken(ctx);
      const pairs = await keyPairs.list(accountId);
      ctx.body = pairs.map(({ id, clientId, createdAt }) => ({ id, clientId, createdAt }));
    },

    async remove(ctx, { id = '' }) {
      const { accountId } = await readAccountToken(ctx);
      if (!(await keyPairs.delete(accountId, id, ctx.ip)))
        throw new OAuthError('not_found', `Client keys with the id ${id} do not exist.`);
      ctx.status = 204;
    },
  };
}
