import type { Provider } from 'oidc-provider';
import type { ClientLookup } from '../domain/clients/lookup.ts';
import type { Resources } from '../domain/resources/resources.ts';
import type { TokenIssue } from '../domain/tokens/issue.ts';
import type { IssueForPerson } from '../domain/tokens/key-pair-tokens.ts';
import { OAuthError } from '../oauth/errors.ts';
import { type EngineClient, modelsOf } from './engine/models.ts';
import { currentScope, inRequestScope, type UnitOfWork } from './engine/request-scope.ts';
import { createResourcePolicy, resolveResourceServer } from './token/resource.ts';

interface Dependencies {
  /** Returns the current engine; it is replaced when the signing keys change. */
  provider: () => Provider;
  clients: ClientLookup;
  resources: Resources;
  apiResource: string;
  issue: Pick<TokenIssue, 'insert'>;
}

/**
 * Issues a person's tokens outside the token endpoint, after the caller has verified what was presented. They are the
 * same as the engine's, carry the epochs with which the parties were read, and are stored in one statement. Throws
 * `conflict` if the client cannot get tokens.
 */
export function createPersonTokens({
  provider,
  clients,
  resources,
  apiResource,
  issue,
}: Dependencies): IssueForPerson {
  const resourcePolicy = createResourcePolicy({ resources, clients, apiResource });

  return ({ client: read, account, grant }, { resource, audience = [], refreshToken = false }) =>
    inRequestScope(async () => {
      const scope = currentScope();
      const work: UnitOfWork = {
        consumed: undefined,
        tokens: [],
        details: undefined,
        reused: undefined,
        redeemedGrant: undefined,
      };
      if (!scope) throw new Error('no request scope');
      scope.work = work;
      scope.clients.set(read.clientId, read);
      scope.accounts.set(account.id, account);
      if (grant) scope.grants.set(grant.id, grant);

      const engine = provider();
      const { AccessToken, RefreshToken, ResourceServer } = modelsOf(engine);
      const client = (await engine.Client.find(read.clientId)) as EngineClient | undefined;
      if (!client)
        throw new OAuthError(
          'conflict',
          'The client cannot get tokens: it is disabled or was deleted.',
        );
      const info = await resolveResourceServer(resourcePolicy, resource, client);
      const access = new AccessToken({
        client,
        accountId: account.id,
        grantId: grant?.id,
        resourceServer: new ResourceServer(resource, info),
      });
      if (audience.length > 0) access.aud = [resource, ...audience];
      const [accessValue, refreshValue] = await Promise.all([
        access.save(),
        refreshToken
          ? new RefreshToken({
              client,
              accountId: account.id,
              gty: 'client_credentials',
              resource,
              expiresIn: client.refresh_token_ttl,
            }).save()
          : undefined,
      ]);
      await Promise.all(work.tokens.map((token) => issue.insert(token)));
      return {
        accessToken: accessValue,
        ...(refreshValue !== undefined && { refreshToken: refreshValue }),
      };
    });
}
