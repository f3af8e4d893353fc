import { reservedClientIdPrefix } from '../../../../config/clients.ts';
import { defaultApiTokenTtl, tokenLimits } from '../../../../config/tokens.ts';
import type { Connection } from '../../../../db/schema.ts';
import { OAuthError, parameterError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { type Client, storedClientId } from '../../clients/lookup.ts';
import { orUnavailable } from '../../database/retry.ts';
import { isOneLine } from '../../database/text-checks.ts';
import { readApiResource } from '../../installation/installation.ts';
import { defaultResourceFor, limitsOf, scopesFor } from '../../resources/access.ts';
import { maxApiTokenTtl, type Resource } from '../../resources/resources.ts';
import type { Subject } from '../token-state.ts';
import { publicId } from '../value.ts';
import type { NamedTokenDependencies } from './dependencies.ts';
import { recordNamedTokenEvent } from './events.ts';
import { createShown, findNamedToken } from './find.ts';
import { insertNamedToken, type NewNamedToken } from './insert.ts';
import { narrowScope, requireExpiry, requireName, subjectType } from './rules.ts';
import type { ApiTokens, NamedTokens, NewApiToken, ShownToken, TokenActor } from './types.ts';
import { updateNamedToken } from './update.ts';

const kind = 'api_token';

/** API tokens, which the backend of a client creates for its own subjects. */
export function createApiTokens({
  database,
  clients,
  resources,
  namedTokens,
}: Pick<NamedTokenDependencies, 'database' | 'clients' | 'resources'> & {
  namedTokens: Pick<NamedTokens, 'find'>;
}): ApiTokens {
  const { kysely } = database;

  /** The resource of a token whose request names none; never Writ's own API. */
  const defaultFor = async (client: Client, apiResource: string): Promise<Resource | undefined> => {
    const { identifier, resource } = await defaultResourceFor(limitsOf(client), resources, {
      except: apiResource,
    });
    return resource ?? (identifier === undefined ? undefined : resources.find(identifier));
  };

  /** Reads what a token is issued for. Missing parts are refused later, in `requireAllowed`. */
  const lookUp = async (clientId: string, identifier: string | undefined): Promise<IssueTarget> => {
    const [client, apiResource] = await Promise.all([
      clients(clientId),
      orUnavailable(() => readApiResource(kysely)),
    ]);
    if (!client) return { client, apiResource, identifier, resource: undefined };
    const resource =
      identifier === undefined
        ? await defaultFor(client, apiResource)
        : await resources.find(identifier);
    return { client, apiResource, identifier, resource };
  };

  return {
    async create(actor, given, idempotency) {
      const clientId = clientFor(actor, given.clientId);
      const issueTarget = await lookUp(clientId, given.resource);
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          // Validated inside: a repeated request with an idempotency key must succeed even if the rules changed since.
          const createToken = async () => {
            const token = await toNewToken(transaction, clientId, given, {
              ...issueTarget,
              resources,
            });
            const { id, value } = await insertNamedToken(transaction, token);
            await recordNamedTokenEvent(transaction, 'created', { kind, id }, eventDetails(token));
            return { id: publicId(id), value };
          };
          return createShown(transaction, kind, { clientId }, idempotency, createToken);
        }),
      );
    },

    async update(actor, id, changes, precondition = () => {}) {
      const { kind: found, clientId, audience } = await namedTokens.find(actor, id);
      if (found !== kind)
        throw new OAuthError(
          'conflict',
          'This is not an API token. Only its owner can change it; you can revoke it.',
        );
      requireOwnClient(actor, clientId);
      // Only the maximum lifetime depends on the client and the resource.
      const issueTarget =
        changes.expiresAt === undefined ? undefined : await lookUp(clientId, audience?.[0] ?? '');
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const token = await findNamedToken(transaction, kind, { clientId }, id, { lock: true });
          precondition(token);
          await updateNamedToken(transaction, token, {
            name: changes.name === undefined ? undefined : requireName(changes.name, token.name),
            scope: changes.scope && narrowScope(changes.scope, scopeTokens(token.scope)),
            attributes: changes.attributes && requireAttributes(changes.attributes),
            expiresAt:
              issueTarget &&
              requireExpiry(
                changes.expiresAt,
                maxTtl(token, (await requireAllowed(transaction, clientId, issueTarget)).resource),
              ),
          });
          return findNamedToken(transaction, kind, { clientId }, id);
        }),
      );
    },
  };
}

/** The client and resource of a token. */
interface IssueTarget {
  client: Client | undefined;
  resource: Resource | undefined;
  /** The requested resource, if the request names one. */
  identifier: string | undefined;
  apiResource: string;
}

/** The client of a new token. Throws `access_denied` if the actor cannot choose it. */
function clientFor(actor: TokenActor, named: string | undefined): string {
  const clientId = storedClientId(named ?? actor.clientId);
  requireOwnClient(actor, clientId);
  if (clientId.startsWith(reservedClientIdPrefix))
    throw parameterError(
      'invalid_request',
      'client_id',
      `${clientId} is a built-in client, which has no API tokens. Name the client that the token is for.`,
    );
  return clientId;
}

/** Throws `access_denied` unless the actor has the rights of the client, which its tokens would give them. */
function requireOwnClient(actor: TokenActor, clientId: string): void {
  if (clientId === actor.clientId) return;
  // Only the ids of apps' clients contain a colon.
  const right = clientId.includes(':') ? 'mayChooseAppClient' : 'mayChooseClient';
  if (actor.kind === 'operator' && actor[right]) return;
  throw new OAuthError(
    'access_denied',
    `You can create and change only tokens of the client ${actor.clientId}.`,
    { parameter: 'client_id' },
  );
}

/** The details of the audit event: everything except the attributes, which are data of third parties. */
const eventDetails = ({
  name,
  clientId,
  subject,
  scope,
  resource,
  payload,
  expiresAt,
}: NewNamedToken) => ({
  name,
  client_id: clientId,
  subject,
  scope: scope.join(' '),
  resource,
  roles: payload?.['roles'] ?? [],
  expires_at: expiresAt,
});

/** The scopes that the client can use now. Throws `invalid_target` if it can get no tokens for the resource. */
async function requireAllowed(
  transaction: Connection,
  clientId: string,
  { client, resource, apiResource, identifier }: IssueTarget,
): Promise<{ client: Client; resource: Resource; scopes: string[] }> {
  if (!client) throw await unknownOrDisabled(transaction, clientId);
  const scopes =
    resource && resource.identifier !== apiResource
      ? scopesFor(resource, limitsOf(client), apiResource)
      : undefined;
  if (resource && scopes) return { client, resource, scopes };
  if (identifier === undefined)
    throw new OAuthError(
      'invalid_target',
      `The client ${clientId} has no resource to get tokens for. Add one to the client, or name another client.`,
      { parameter: 'resource' },
    );
  throw parameterError(
    'invalid_target',
    'resource',
    `the resource does not exist, or the client ${clientId} cannot get tokens for it.`,
  );
}

/** Validates a requested token. */
async function toNewToken(
  transaction: Connection,
  clientId: string,
  given: NewApiToken,
  {
    resources,
    ...issueTarget
  }: IssueTarget & { resources: Pick<NamedTokenDependencies['resources'], 'requireDetails'> },
): Promise<NewNamedToken> {
  const { client, resource, scopes } = await requireAllowed(transaction, clientId, issueTarget);
  const rar = resources.requireDetails(resource, given.authorizationDetails);
  const payload = {
    ...(given.attributes && { attributes: requireAttributes(given.attributes) }),
    ...(given.roles?.length && { roles: requireRoles(given.roles, client) }),
    ...(rar && { rar }),
  };
  return {
    kind,
    clientId,
    name: requireName(given.name),
    subject: requireSubject(given.subject),
    scope: requireScope(given.scope ?? [], scopes),
    resource: resource.identifier,
    payload: Object.keys(payload).length > 0 ? payload : undefined,
    expiresAt: expiryOf(given, maxTtl(client, resource)),
  };
}

/** The default is finite: a token that never expires must be requested explicitly, with null. */
const expiryOf = ({ expiresAt }: NewApiToken, maxLifetime: number | null): Date | null =>
  expiresAt === undefined
    ? new Date(Date.now() + Math.min(maxLifetime ?? defaultApiTokenTtl, defaultApiTokenTtl) * 1000)
    : requireExpiry(expiresAt, maxLifetime);

/** The error for a client that the lookup did not find, which omits disabled clients. */
async function unknownOrDisabled(transaction: Connection, clientId: string): Promise<OAuthError> {
  const disabled = await transaction
    .selectFrom('client')
    .select('id')
    .where('client_id', '=', clientId.replaceAll('\0', ''))
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return disabled
    ? new OAuthError('conflict', `The client ${clientId} is disabled. Enable it first.`, {
        parameter: 'client_id',
      })
    : parameterError('invalid_request', 'client_id', `there is no client ${clientId}.`);
}

/** The maximum lifetime in seconds; null for no limit. Only apps have one, because anyone can create an app. */
function maxTtl(
  { app }: Pick<Client, 'app'> | Pick<ShownToken, 'app'>,
  resource: Resource | undefined,
): number | null {
  if (app === null) return null;
  return maxApiTokenTtl(resource?.appPolicy ?? {});
}

function requireSubject({ type, id }: Subject): Subject {
  if (!subjectType.test(type))
    throw parameterError(
      'invalid_request',
      'subject.type',
      'must be 1 to 32 lowercase letters, digits, dashes and underscores, and begin with a letter.',
    );
  if (id.length === 0 || id.length > tokenLimits.subjectId || !isOneLine(id))
    throw parameterError(
      'invalid_request',
      'subject.id',
      `must be 1 to ${tokenLimits.subjectId} characters on one line.`,
    );
  return { type, id };
}

function requireScope(scope: string[], allowed: string[]): string[] {
  const unknown = scope.filter((name) => !allowed.includes(name));
  if (unknown.length > 0)
    throw parameterError(
      'invalid_scope',
      'scope',
      `the client cannot get ${unknown.join(' ')} for this resource.${
        unknown.some((name) => name.includes(',')) ? ' Scopes are separated by spaces.' : ''
      }`,
    );
  return [...new Set(scope)];
}

function requireRoles(roles: string[], client: Client): string[] {
  const beyond = roles.filter((name) => !client.roles.includes(name));
  if (beyond.length > 0)
    throw parameterError(
      'access_denied',
      'roles',
      `the client ${client.clientId} does not have ${beyond.join(' ')}. A token can only have roles of its client.`,
    );
  return [...new Set(roles)];
}

/** The JSON escapes of NUL and unpaired surrogates, which jsonb cannot store. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

function requireAttributes(attributes: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(attributes);
  if (Array.isArray(attributes) || Buffer.byteLength(text) > tokenLimits.attributes)
    throw parameterError(
      'invalid_request',
      'attributes',
      `must be an object of at most ${tokenLimits.attributes} bytes of JSON.`,
    );
  if (unstorable.test(text))
    throw parameterError(
      'invalid_request',
      'attributes',
      'contain a NUL character or an unpaired surrogate, which cannot be stored.',
    );
  return attributes;
}
