import { reservedClientIdPrefix } from '../../../../config/clients.ts';
import { defaultApiTokenTtl, tokenLimits } from '../../../../config/tokens.ts';
import type { Connection } from '../../../../db/schema.ts';
import { OAuthError, parameterError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { type Client, storedClientId } from '../../clients/lookup.ts';
import { orUnavailable } from '../../database/retry.ts';
import { isOneLine } from '../../database/text-checks.ts';
import { readApiResource } from '../../installation/installation.ts';
import { type ClientLimits, defaultResourceFor, scopesFor } from '../../resources/access.ts';
import { maxApiTokenTtl, type Resource } from '../../resources/resources.ts';
import type { Subject } from '../token-state.ts';
import { publicId } from '../value.ts';
import type { NamedTokenDependencies } from './dependencies.ts';
import { recordNamedTokenEvent } from './events.ts';
import { findNamedToken, makeShown } from './find.ts';
import { insertNamedToken, type NewNamedToken } from './insert.ts';
import { requireExpiry, requireFewer, requireName, subjectType } from './rules.ts';
import type { ApiTokens, NamedTokens, NewApiToken, ShownToken, TokenActor } from './types.ts';
import { updateNamedToken } from './update.ts';

const kind = 'api_token';

/** Tokens that the backend of a client makes, for subjects that it alone knows. */
export function createApiTokens({
  database,
  clients,
  resources,
  namedTokens,
}: Pick<NamedTokenDependencies, 'database' | 'clients' | 'resources'> & {
  namedTokens: Pick<NamedTokens, 'find'>;
}): ApiTokens {
  const { kysely } = database;

  /** The resource of a token for which none is requested. Tokens of a client are never for Writ's own API. */
  const defaultFor = async (client: Client, apiResource: string): Promise<Resource | undefined> => {
    const { identifier, resource } = await defaultResourceFor(limitsOf(client), resources, {
      except: apiResource,
    });
    return resource ?? (identifier === undefined ? undefined : resources.find(identifier));
  };

  /** What decides about a new token, as it stands; what is not there is judged later. */
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
          // Judged in here: what was made once is given again, whatever has changed since.
          const make = async () => {
            const token = await tokenOf(transaction, clientId, given, {
              ...issueTarget,
              resources,
            });
            const { id, value } = await insertNamedToken(transaction, token);
            await recordNamedTokenEvent(transaction, 'created', { kind, id }, eventDetails(token));
            return { id: publicId(id), value };
          };
          return makeShown(transaction, kind, { clientId }, idempotency, make);
        }),
      );
    },

    async update(actor, id, changes, precondition = () => {}) {
      const { kind: found, clientId, audience } = await namedTokens.find(actor, id);
      if (found !== kind)
        throw new OAuthError(
          'conflict',
          'This is no API token: whoever owns it changes it. It can be revoked.',
        );
      requireOwnClient(actor, clientId);
      // What it may be for decides about its end alone.
      const issueTarget =
        changes.expiresAt === undefined ? undefined : await lookUp(clientId, audience?.[0] ?? '');
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const token = await findNamedToken(transaction, kind, { clientId }, id, { lock: true });
          precondition(token);
          await updateNamedToken(transaction, token, {
            name: changes.name === undefined ? undefined : requireName(changes.name, token.name),
            scope: changes.scope && requireFewer(changes.scope, scopeTokens(token.scope)),
            attributes: changes.attributes && requireAttributes(changes.attributes),
            expiresAt:
              issueTarget &&
              requireExpiry(
                changes.expiresAt,
                maxTtl(token, (await allowedOf(transaction, clientId, issueTarget)).resource),
              ),
          });
          return findNamedToken(transaction, kind, { clientId }, id);
        }),
      );
    },
  };
}

/** What decides about a new token. */
interface IssueTarget {
  client: Client | undefined;
  resource: Resource | undefined;
  /** Of the resource that was asked for. */
  identifier: string | undefined;
  apiResource: string;
}

const limitsOf = ({ resources, app, metadata }: Client): ClientLimits => ({
  resources,
  app,
  scope: metadata['scope'] as string | undefined,
});

/** Of which client a new token is. Throws `access_denied` for one that is not the actor's to choose. */
function clientFor(actor: TokenActor, named: string | undefined): string {
  const clientId = storedClientId(named ?? actor.clientId);
  requireOwnClient(actor, clientId);
  if (clientId.startsWith(reservedClientIdPrefix))
    throw parameterError(
      'invalid_request',
      'client_id',
      `name the client whose token it is to be; ${clientId} belongs to Writ itself and has none.`,
    );
  return clientId;
}

/** Whoever makes tokens of a client, or lets them live longer, has what the client has. */
function requireOwnClient(actor: TokenActor, clientId: string): void {
  if (clientId === actor.clientId) return;
  // The id of a client of an app, and no other, has a colon.
  const right = clientId.includes(':') ? 'mayChooseAppClient' : 'mayChooseClient';
  if (actor.kind === 'operator' && actor[right]) return;
  throw new OAuthError(
    'access_denied',
    `You make and change tokens of the client ${actor.clientId} alone: nobody hands out more than they have.`,
    { parameter: 'client_id' },
  );
}

/** What an event tells of it: its attributes are of somebody else. */
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

/** What the client may have today. Throws `invalid_target` where it may have no tokens for the resource. */
async function allowedOf(
  transaction: Connection,
  clientId: string,
  { client, resource, apiResource, identifier }: IssueTarget,
): Promise<{ client: Client; resource: Resource; scopes: string[] }> {
  if (!client) throw await notThere(transaction, clientId);
  const scopes =
    resource && resource.identifier !== apiResource
      ? scopesFor(resource, limitsOf(client), apiResource)
      : undefined;
  if (resource && scopes) return { client, resource, scopes };
  if (identifier === undefined)
    throw new OAuthError(
      'invalid_target',
      `There is no resource that the client ${clientId} may have tokens for; give it one, or name another client.`,
      { parameter: 'resource' },
    );
  throw parameterError(
    'invalid_target',
    'resource',
    `there is none of that name, or the client ${clientId} may not have tokens for it.`,
  );
}

/** What is asked for, where it can be. Throws what each of its parts throws. */
async function tokenOf(
  transaction: Connection,
  clientId: string,
  given: NewApiToken,
  {
    resources,
    ...issueTarget
  }: IssueTarget & { resources: Pick<NamedTokenDependencies['resources'], 'requireDetails'> },
): Promise<NewNamedToken> {
  const { client, resource, scopes } = await allowedOf(transaction, clientId, issueTarget);
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
    expiresAt: endOf(given, maxTtl(client, resource)),
  };
}

/** One whose maker says nothing lives for a year, or as long as it may where that is less: for ever must be asked for. */
const endOf = ({ expiresAt }: NewApiToken, maxLifetime: number | null): Date | null =>
  expiresAt === undefined
    ? new Date(Date.now() + Math.min(maxLifetime ?? defaultApiTokenTtl, defaultApiTokenTtl) * 1000)
    : requireExpiry(expiresAt, maxLifetime);

/** Disabled ones cannot be told from those that never were by a look-up. */
async function notThere(transaction: Connection, clientId: string): Promise<OAuthError> {
  const there = await transaction
    .selectFrom('client')
    .select('id')
    .where('client_id', '=', clientId.replaceAll('\0', ''))
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return there
    ? new OAuthError('conflict', `The client ${clientId} is disabled, and gets no tokens.`, {
        parameter: 'client_id',
      })
    : parameterError('invalid_request', 'client_id', `there is no client ${clientId}.`);
}

/** Seconds; null where they may live for ever. Only for apps, whose developers nobody knows, there is a limit. */
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
      'has 1 to 32 small letters, digits, dashes and underscores, a letter first.',
    );
  if (id.length === 0 || id.length > tokenLimits.subjectId || !isOneLine(id))
    throw parameterError(
      'invalid_request',
      'subject.id',
      `has 1 to ${tokenLimits.subjectId} characters, all on one line.`,
    );
  return { type, id };
}

function requireScope(scope: string[], allowed: string[]): string[] {
  const unknown = scope.filter((name) => !allowed.includes(name));
  if (unknown.length > 0)
    throw parameterError(
      'invalid_scope',
      'scope',
      `the client may not have ${unknown.join(' ')} for this resource.${
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
      `the client ${client.clientId} does not have ${beyond.join(' ')}, and hands out only what it has.`,
    );
  return [...new Set(roles)];
}

/** As JSON writes them: NUL, and half a surrogate pair, which Postgres does not hold. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

function requireAttributes(attributes: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(attributes);
  if (Array.isArray(attributes) || Buffer.byteLength(text) > tokenLimits.attributes)
    throw parameterError(
      'invalid_request',
      'attributes',
      `are an object of ${tokenLimits.attributes} bytes of JSON at most.`,
    );
  if (unstorable.test(text))
    throw parameterError(
      'invalid_request',
      'attributes',
      'hold a character that cannot be stored.',
    );
  return attributes;
}
