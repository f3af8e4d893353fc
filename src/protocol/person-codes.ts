import type { Provider } from 'oidc-provider';
import type { IssueCode } from '../domain/grants/consent/by-token.ts';
import { OAuthError } from '../oauth/errors.ts';
import { modelsOf } from './engine/models.ts';
import { inRequestScope } from './engine/request-scope.ts';

/**
 * Issues authorization codes for access that was approved outside the authorization endpoint. They are the same as
 * the engine's. `provider` returns the current engine. Throws `conflict` if the client is disabled or deleted.
 */
export const createPersonCodes =
  ({ provider }: { provider: () => Provider }): IssueCode =>
  ({ clientId, lifetime, ...code }) =>
    inRequestScope(async () => {
      const engine = provider();
      const { AuthorizationCode } = modelsOf(engine);
      const client = await engine.Client.find(clientId);
      if (!client)
        throw new OAuthError(
          'conflict',
          'The client cannot get authorization codes: it is disabled or was deleted.',
        );
      return new AuthorizationCode({
        ...code,
        client,
        codeChallengeMethod: 'S256',
        expiresIn: lifetime,
      }).save();
    });
