/**
 * THE FAST PATH of the client credentials grant (RFC 6749 §4.4), the request that apps send most: a client with a generated
 * secret, and nothing that needs the engine. It asks the same rules as the engine's path and stores the same row.
 * test/protocol/token/plain-client-credentials.test.ts compares both.
 */
import { isOpenIdScope } from '../../../config/scopes.ts';
import type { Client, ClientLookup } from '../../domain/clients/lookup.ts';
import { isPairwise } from '../../domain/clients/subjects.ts';
import { defaultResourceFor, limitsOf } from '../../domain/resources/access.ts';
import type { Resource, Resources } from '../../domain/resources/resources.ts';
import type { TokenIssue } from '../../domain/tokens/issue.ts';
import type { Form } from '../../http/form.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { currentScope, inRequestScope } from '../engine/request-scope.ts';
import { epochsOf } from './parties.ts';
import { engineClientOfPlain, type MintAccessToken } from './plain-access-token.ts';
import { notPlain, type PlainGrant } from './plain-requests.ts';
import type { ResourcePolicy } from './resource.ts';
import { scopeOrDefault } from './scope.ts';

interface Dependencies {
  /** Reads the roles with a client, which a JWT states. */
  clientsWithRoles: ClientLookup;
  resources: Resources;
  resourcePolicy: Pick<ResourcePolicy, 'resourceServer'>;
  issue: Pick<TokenIssue, 'insert'>;
  mint: MintAccessToken;
}

export function createPlainClientCredentials({
  clientsWithRoles,
  resources,
  resourcePolicy,
  issue,
  mint,
}: Dependencies): PlainGrant {
  /** The resource of a request; `asked` is the one that it names, or the default one of the installation. */
  const resourceFor = async (
    client: Client,
    form: Form,
    asked: Promise<Resource | undefined>,
  ): Promise<Resource | undefined> => {
    if (form['resource'] !== undefined) return asked;
    const { identifier, resource } = await defaultResourceFor(limitsOf(client), {
      ...resources,
      findDefault: () => asked,
    });
    return resource ?? (identifier === undefined ? undefined : resources.find(identifier));
  };

  /** Issues the token of an authenticated client. */
  const respond = async (
    client: Client,
    form: Form,
    asked: Promise<Resource | undefined>,
  ): Promise<Record<string, unknown>> => {
    if (isPairwise(client.metadata)) throw notPlain;
    const scope = currentScope();
    scope?.clients.set(client.clientId, client);
    const resource = await resourceFor(client, form, asked);
    if (!resource) throw notPlain;
    scope?.resources.set(resource.identifier, resource);
    const server = await resourcePolicy.resourceServer(
      resource.identifier,
      engineClientOfPlain(client),
    );
    const requested = scopeTokens(form['scope']);
    const wanted = [
      ...new Set(scopeOrDefault(requested, client.metadata['scope'] as string | undefined)),
    ];
    const allowed = new Set(scopeTokens(server.scope));
    const granted = wanted.filter((name) => allowed.has(name));
    if (wanted.some(isOpenIdScope) || requested.some((name) => !allowed.has(name))) throw notPlain;
    const token = {
      clientId: client.clientId,
      resource,
      scope: granted.length > 0 ? granted.join(' ') : undefined,
      server,
    };
    const issuedAt = Math.floor(Date.now() / 1000);
    const ttl = server.accessTokenTTL;
    if (ttl === undefined) throw notPlain;
    const times = { issuedAt, expiresAt: issuedAt + ttl };
    const { value, row } = await mint(token, times);
    await issue.insert({
      ...row,
      kind: 'access_token',
      client: client.id,
      epochs: epochsOf({ client, account: undefined, grant: undefined }),
      scope: token.scope,
      audience: [resource.identifier],
      ...times,
    });
    return {
      access_token: value,
      expires_in: ttl,
      ...(token.scope !== undefined && { scope: token.scope }),
      token_type: 'Bearer',
    };
  };

  return {
    grantType: grantTypes.clientCredentials,
    parameters: ['scope', 'resource'],
    isForPublicClients: false,
    begin(form) {
      const { resource } = form;
      const asked = resource === undefined ? resources.findDefault() : resources.find(resource);
      // If the client is refused, no one asks for it.
      asked.catch(() => {});
      return {
        find: clientsWithRoles,
        respond: async (client) => ({
          body: await inRequestScope(() => respond(client, form, asked)),
        }),
      };
    },
  };
}
