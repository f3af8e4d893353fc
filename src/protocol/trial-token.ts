import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Provider } from 'oidc-provider';
import { trialTokenTtl } from '../../config/apps.ts';
import type { IssueTrialToken, TrialToken } from '../domain/apps/types.ts';
import type { ClientLookup } from '../domain/clients/lookup.ts';
import type { Resources } from '../domain/resources/resources.ts';
import { OAuthError } from '../oauth/errors.ts';
import { scopeTokens } from '../oauth/scope.ts';
import { type EngineClient, modelsOf } from './engine/models.ts';
import { inRequestScope } from './engine/request-scope.ts';
import { createResourcePolicy, resolveResourceServer } from './token/resource.ts';

interface Dependencies {
  /** Returns the current engine; it is replaced when the signing keys change. */
  provider: () => Provider;
  clients: ClientLookup;
  resources: Resources;
  apiResource: string;
  /** Introspects a token on behalf of its own client. */
  describe: (value: string) => Promise<Record<string, unknown>>;
}

/**
 * Issues an access token for a client, as the token endpoint would for its secret (RFC 6749 §4.4), but valid for at
 * most an hour. The caller has checked that the person can act with the client's permissions. Throws `conflict` if the
 * client cannot get tokens, and `access_denied` if it is not allowed the scope.
 */
export function createTrialTokens({
  provider,
  clients,
  resources,
  apiResource,
  describe,
}: Dependencies): IssueTrialToken {
  const resourcePolicy = createResourcePolicy({ resources, clients, apiResource });

  const issue = (
    clientId: string,
    { resource, scope }: { resource: string; scope: string },
  ): Promise<TrialToken['response']> =>
    inRequestScope(async () => {
      const engine = provider();
      const client = await engine.Client.find(clientId);
      if (!client?.grantTypeAllowed('client_credentials'))
        throw new OAuthError(
          'conflict',
          'This client cannot get tokens: it or its app is disabled, or it lacks the client_credentials grant.',
        );
      const { ResourceServer, ClientCredentials } = modelsOf(engine);
      const info = await resolveResourceServer(resourcePolicy, resource, client as EngineClient);
      const allowed = new Set(scopeTokens(info.scope));
      const names = scopeTokens(scope);
      if (!names.every((name) => allowed.has(name)))
        throw new OAuthError('access_denied', 'The client is not allowed one of these scopes.');
      const token = new ClientCredentials({
        client,
        resourceServer: new ResourceServer(resource, info),
        scope: names.join(' ') || undefined,
        expiresIn: Math.min(trialTokenTtl, info.accessTokenTTL ?? trialTokenTtl),
      });
      return {
        access_token: await token.save(),
        token_type: token.tokenType,
        expires_in: token.expiration,
        ...(names.length > 0 && { scope: names.join(' ') }),
      };
    });

  return async (clientId, request) => {
    const response = await issue(clientId, request);
    const { access_token: value } = response;
    return {
      response,
      introspection: await describe(value),
      jwt: value.startsWith('eyJ')
        ? { header: { ...decodeProtectedHeader(value) }, payload: decodeJwt(value) }
        : undefined,
    };
  };
}
