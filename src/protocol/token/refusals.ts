/**
 * WHY A CLIENT GETS NO TOKEN, in words that say what is missing. The refusals of token requests, which only programs
 * read, also say how an administrator adds it; others are shown to people, on pages. What a request named is repeated only in the characters that `error_description` can have (RFC 6749 §5.2).
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { isOpenIdScope } from '../../../config/scopes.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { invalidScope } from '../engine/errors.ts';
import type { EngineClient } from '../engine/models.ts';

type Asker = Pick<EngineClient, 'clientId'> &
  Partial<Pick<EngineClient, 'allowed_scope' | 'subjectType'>>;

/** Only the names of clients of apps have a colon. */
const isOfApp = ({ clientId }: Pick<Asker, 'clientId'>): boolean => clientId.includes(':');

const printable = (text: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text);

/** Who reads a refusal. */
export interface RefusalReader {
  /** Whether only a program reads it. Those of other endpoints are also shown to people, on pages. */
  isTokenRequest: boolean;
}

export const readerOf = ({ oidc }: KoaContextWithOIDC): RefusalReader => ({
  isTokenRequest: oidc.route === 'token',
});

/** A request that names no resource, of a client that has none: RFC 8707 §2 has `invalid_target` for a missing one too. */
export const missingResource = (
  client: Asker | undefined,
  { isTokenRequest }: RefusalReader,
): Error => new errors.InvalidTarget(describeMissingResource(client, { isTokenRequest }));

function describeMissingResource(
  client: Asker | undefined,
  { isTokenRequest }: RefusalReader,
): string {
  if (!client) return 'The request names no resource.';
  const { clientId } = client;
  const [refusal, remedy] = isOfApp(client)
    ? [
        'No API is open to apps.',
        'An administrator can open one (writ resources update IDENTIFIER --apps).',
      ]
    : [
        `The client ${clientId} has no resource, and there is no default one.`,
        `Create a default (writ resources create IDENTIFIER --default), or add one to the client (writ clients update ${clientId} --add resource=IDENTIFIER).`,
      ];
  return isTokenRequest ? `${refusal} ${remedy}` : refusal;
}

/**
 * A resource that does not exist, or that the client is not allowed. Which of the two stays open: anyone can send the
 * id of a public client.
 */
export function refusedResource(
  client: Asker,
  {
    identifier,
    isOwnApi,
    isTokenRequest,
  }: RefusalReader & { identifier: string; isOwnApi: boolean },
): Error {
  const { clientId } = client;
  const id = printable(identifier) ? identifier : 'IDENTIFIER';
  const refusal = `The client ${clientId} cannot get tokens for ${printable(identifier) ? id : 'this resource'}.`;
  if (!isTokenRequest) return new errors.InvalidTarget(refusal);
  if (isOwnApi && client.subjectType === 'pairwise')
    return new errors.InvalidTarget(
      `${refusal} It knows people under pairwise IDs, and the API of Writ shows those of accounts.`,
    );
  if (isOfApp(client))
    return new errors.InvalidTarget(
      isOwnApi
        ? `${refusal} Clients of apps use API keys for the API of Writ; create one on the page of the client.`
        : `${refusal} An administrator can open it to apps (writ resources update ${id} --apps); a client with resources of its own needs it among them.`,
    );
  return new errors.InvalidTarget(
    `${refusal} Add it to the client (writ clients update ${clientId} --add resource=${id})${isOwnApi ? '' : `; create it first if it does not exist (writ resources create ${id})`}.`,
  );
}

/** JWTs of the resource are signed with an algorithm that the profile of the client does not have. */
export function refusedSigningAlg(identifier: string, alg: string): Error {
  const id = printable(identifier) ? identifier : 'IDENTIFIER';
  return new errors.InvalidTarget(
    `The JWTs of ${id} are signed with ${alg}, which the profile fapi2 does not have. An administrator can change that (writ resources update ${id} --alg ES256).`,
  );
}

/** What decides about a scope. */
interface ScopeRules extends RefusalReader {
  client: Asker | undefined;
  /** The resources that the token is for. */
  resources: readonly string[];
  /** The resource of Writ's own API: clients get only the scopes of it that they are registered with. */
  apiResource: string;
  /** Whether the token is for the client itself, not for a person. */
  isForClient?: boolean;
}

/** `invalid_scope` (RFC 6749 §5.2) with the scopes that are refused. */
export function refusedScope(refused: string[], rules: ScopeRules): Error {
  return invalidScope(describeScope(refused, rules), refused);
}

function describeScope(
  refused: string[],
  { client, resources, apiResource, isForClient = false, isTokenRequest }: ScopeRules,
): string {
  if (refused.some((scope) => scope.includes(',')))
    return 'Scopes are separated by spaces, not by commas.';
  if (!refused.every(printable)) return 'A scope has a character that is not allowed.';
  const ofPeople = refused.filter(isOpenIdScope);
  if (isForClient && ofPeople.length > 0)
    return `${ofPeople.join(' ')}: only for tokens of people who sign in, not for ${grantTypes.clientCredentials}.`;
  const registered = client?.allowed_scope;
  const withheld =
    registered === undefined
      ? refused.filter(() => resources.includes(apiResource))
      : refused.filter((scope) => !scopeTokens(registered).includes(scope));
  if (client && withheld.length > 0) {
    const refusal = `The client ${client.clientId} is not registered for the scope ${withheld.join(' ')}.`;
    if (!isTokenRequest) return refusal;
    return isOfApp(client)
      ? `${refusal} Add it on the settings page of the client.`
      : `${refusal} Add it (writ clients update ${client.clientId} --add scope=${withheld[0]}).`;
  }
  const [resource] = resources;
  if (resource === undefined)
    return `No API has the scope ${refused.join(' ')}: ${describeMissingResource(client, { isTokenRequest })}`;
  const refusal = `The resource ${resource} has no scope ${refused.join(' ')}.`;
  return isTokenRequest
    ? `${refusal} An administrator can add it with: writ resources update ${resource} --add scope=${refused[0]}=DESCRIPTION`
    : refusal;
}

/** `invalid_authorization_details` (RFC 9396 §5): the client is not registered for the type. */
export function refusedDetailsType(client: Asker, type: string): Error {
  const name = printable(type) ? type : 'TYPE';
  return new errors.InvalidAuthorizationDetails(
    `The client ${client.clientId} is not registered for authorization details of the type ${name}.${
      isOfApp(client)
        ? ''
        : ` Add it (writ clients update ${client.clientId} --add authorization-details-type=${name}).`
    }`,
  );
}

/** `unauthorized_client` (RFC 6749 §5.2): the client is not registered for the grant. */
export function refusedGrant(client: Asker, grantType: string): Error {
  return new errors.UnauthorizedClient(describeRefusedGrant(client, grantType));
}

/** As `writ clients update --add grant=` takes them. */
const shortNames: Readonly<Record<string, string>> = {
  [grantTypes.deviceCode]: 'device_code',
  [grantTypes.tokenExchange]: 'token_exchange',
  [grantTypes.jwtBearer]: 'jwt_bearer',
};

export function describeRefusedGrant(client: Asker, grantType: string): string {
  const name = shortNames[grantType] ?? grantType;
  if (!printable(name)) return 'The client is not allowed this grant type.';
  return `The client ${client.clientId} is not allowed the grant ${name}. ${
    isOfApp(client)
      ? 'Create a client of the right kind in its app.'
      : `Add it (writ clients update ${client.clientId} --add grant=${name}).`
  }`;
}
