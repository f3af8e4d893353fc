import type { Provider } from 'oidc-provider';
import type { IssueCode } from '../domain/grants/consent/by-token.ts';
import { OAuthError } from '../oauth/errors.ts';
import { modelsOf } from './engine/models.ts';
import { inRequestScope } from './engine/request-scope.ts';

/**
 * Issues authorization codes for what was approved outside of the authorization endpoint: they are what the engine would
 * issue. `provider` gives the engine of the moment.
 */
export const createPersonCodes =
  ({ provider }: { provider: () => Provider }): IssueCode =>
  ({ clientId, lifetime, ...code }) =>
    inRequestScope(async () => {
      const engine = provider();
      const { AuthorizationCode } = modelsOf(engine);
      const client = await engine.Client.find(clientId);
      if (!client) throw new OAuthError('conflict', 'The client cannot get codes at the moment.');
      return new AuthorizationCode({
        ...code,
        client,
        codeChallengeMethod: 'S256',
        expiresIn: lifetime,
      }).save();
    });
