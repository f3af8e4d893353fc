import { clientRegistrationPermission } from '../../../config/clients.ts';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { actingAs } from '../audit/actor.ts';
import type { Refusals } from '../audit/refusals.ts';
import { type Idempotency, makeOnce } from '../database/idempotency.ts';
import { orUnavailable } from '../database/retry.ts';
import { hasPermission } from '../grants/requested-access.ts';
import { displayName } from '../names/display-names.ts';
import type { RequireDistinctName } from '../names/look-alikes.ts';
import type { Caller } from '../roles/management-actor.ts';
import type { Roles } from '../roles/roles.ts';
import { requireActivePerson } from './active-person.ts';
import type { ClientRegistry } from './clients.ts';
import { clientNameLength } from './rules.ts';
import type { ThirdPartyApp } from './third-party-app-sql.ts';
import { assertBelowLimit, type ThirdPartyApps } from './third-party-apps.ts';

/** A person who registers clients, with the roles of this moment. */
export interface Registrant {
  id: string;
  roles: string[];
}

/** A client that a person registered, as that person sees it. */
export interface RegisteredClient {
  clientId: string;
  name: string;
  redirectUri: string;
  /** The id of the account. */
  createdBy: string;
  createdAt: Date;
}

/** What the person decides. */
export type Registration = Pick<RegisteredClient, 'name' | 'redirectUri'>;

interface Dependencies {
  database: Database;
  registry: Pick<ClientRegistry, 'create' | 'update' | 'delete'>;
  thirdPartyApps: Pick<ThirdPartyApps, 'find' | 'ofAuthor'>;
  roles: Pick<Roles, 'named'>;
  audit: Pick<Refusals, 'refused'>;
  requireDistinctName: RequireDistinctName;
}

/**
 * CLIENTS THAT PEOPLE REGISTER for one resource: confidential ones that log people in with a code (RFC 6749 §4.1). They
 * may ask for single things of the resource (RFC 9396) and for no scope: otherwise they are apps of third parties
 * (`third-party-apps.ts`), whose author is the person. It takes the permission
 * `oauth-manage-clients`, and everyone sees and changes their own alone: all throw `access_denied` otherwise, and
 * `not_found` for a client that is none of these.
 */
export function createRegisteredClients({
  database: { kysely },
  registry,
  thirdPartyApps,
  roles,
  audit,
  requireDistinctName,
}: Dependencies) {
  /** A change that is refused is audited. */
  const requirePermission = async (
    person: Registrant,
    change?: { action: 'client.created' | 'client.updated' | 'client.deleted'; clientId?: string },
  ): Promise<void> => {
    if (await hasPermission(person, clientRegistrationPermission, roles)) return;
    if (change)
      await asPerson(person, () =>
        audit.refused({
          action: change.action,
          ...(change.clientId !== undefined && {
            target: { kind: 'client', id: change.clientId },
          }),
          details: { permission: clientRegistrationPermission },
        }),
      );
    throw new OAuthError('access_denied', 'Permission denied');
  };

  const find = async (
    person: Registrant,
    resource: string,
    clientId: string,
  ): Promise<RegisteredClient> => {
    const found = await thirdPartyApps.find(resource, clientId);
    if (!found) throw new OAuthError('not_found', 'Client not found');
    if (found.author?.id !== person.id) throw new OAuthError('access_denied', 'Forbidden');
    return describe(found, person);
  };

  /** Throws `conflict` for a name that looks like another client's, or like that of this server; `before` may stay. */
  const requireOwnName = async (
    transaction: Connection,
    given: string,
    before?: string,
  ): Promise<void> => {
    const parameter = 'client_name';
    const name = displayName(given, { parameter, longest: clientNameLength, before });
    if (name !== before) await requireDistinctName(transaction, { name, parameter });
  };

  return {
    /** The person's own, the oldest first. */
    async list(person: Registrant, resource: string): Promise<RegisteredClient[]> {
      await requirePermission(person);
      const found = await thirdPartyApps.ofAuthor(resource, person.id);
      return found.toReversed().map((app) => describe(app, person));
    },

    /**
     * Registers a client; its secret is given this once. Throws `conflict` where the person has as many as they can, or the
     * name looks like another's.
     */
    async create(
      person: Registrant,
      { resource, ...given }: Registration & { resource: string },
      idempotency?: Idempotency,
    ): Promise<{ client: RegisteredClient; secret: string }> {
      await requirePermission(person, { action: 'client.created' });
      return asPerson(person, () =>
        orUnavailable(() =>
          kysely.transaction().execute(async (transaction) => {
            await requireActivePerson(transaction, person.id);
            return makeOnce(idempotency, transaction, async () => {
              await assertBelowLimit(transaction, person.id);
              await requireOwnName(transaction, given.name);
              const { client, secret } = await registry.create(
                callerOf(person),
                { authorId: person.id, resources: [resource], metadata: metadataOf(given) },
                transaction,
              );
              return {
                client: {
                  clientId: client.client_id,
                  name: String(client.metadata['client_name']),
                  redirectUri: given.redirectUri,
                  createdBy: person.id,
                  createdAt: client.created_at,
                },
                secret: secret?.value ?? '',
              };
            });
          }),
        ),
      );
    },

    /**
     * Changes a client of the person's. A code that is on its way to the address of before opens nothing any more. Throws
     * `conflict` as `create`.
     */
    async update(
      person: Registrant,
      { resource, clientId, ...given }: Registration & { resource: string; clientId: string },
    ): Promise<RegisteredClient> {
      await requirePermission(person, { action: 'client.updated', clientId });
      const before = await find(person, resource, clientId);
      const { client_name, redirect_uris, application_type } = metadataOf(given);
      const client = await asPerson(person, () =>
        orUnavailable(() =>
          kysely.transaction().execute(async (transaction) => {
            await requireOwnName(transaction, given.name, before.name);
            return registry.update(
              callerOf(person),
              clientId,
              { metadata: { client_name, redirect_uris, application_type } },
              undefined,
              transaction,
            );
          }),
        ),
      );
      if (!client) throw new OAuthError('not_found', 'Client not found');
      return { ...before, ...given, name: String(client.metadata['client_name']) };
    },

    /** Deletes a client of the person's, and ends its tokens. */
    async delete(person: Registrant, resource: string, clientId: string): Promise<void> {
      await requirePermission(person, { action: 'client.deleted', clientId });
      await find(person, resource, clientId);
      if (!(await asPerson(person, () => registry.delete(callerOf(person), clientId))))
        throw new OAuthError('not_found', 'Client not found');
    },
  };
}

export type RegisteredClients = ReturnType<typeof createRegisteredClients>;

const asPerson = <Result>({ id }: Registrant, run: () => Result): Result =>
  actingAs({ kind: 'account', id }, run);

/** They hand out nothing of Writ's own API. */
const callerOf = ({ id }: Registrant): Caller => ({ kind: 'account', id, scopes: new Set() });

/** Only a website's address begins with https; what is on this machine, or has a scheme of its own, is a native client's. */
const metadataOf = ({ name, redirectUri }: Registration) => ({
  client_name: name,
  application_type: redirectUri.startsWith('https:') ? 'web' : 'native',
  grant_types: [grantTypes.authorizationCode],
  response_types: ['code'],
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: 'client_secret_post',
  // It has a secret, and older clients know no PKCE; what one sends is verified.
  require_pkce: false,
  authorization_code_ttl: lifetimes.registeredClientCode,
  scope: '',
});

const describe = (
  { clientId, name, redirectUri, createdAt }: ThirdPartyApp,
  { id: createdBy }: Registrant,
): RegisteredClient => ({ clientId, name, redirectUri, createdBy, createdAt });
