import { clientRegistrationPermission } from '../../../config/clients.ts';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { actingAs } from '../audit/actor.ts';
import type { Refusals } from '../audit/refusals.ts';
import { type Idempotency, runOnce } from '../database/idempotency.ts';
import { orUnavailable } from '../database/retry.ts';
import { hasPermission } from '../grants/requested-access.ts';
import { displayName } from '../names/display-names.ts';
import type { RequireDistinctName } from '../names/look-alikes.ts';
import type { Caller } from '../roles/management-actor.ts';
import type { Roles } from '../roles/roles.ts';
import { requireActivePerson } from './active-person.ts';
import type { ClientRegistry } from './clients.ts';
import { requireRedirectUris } from './redirect-uris.ts';
import { clientNameLength } from './rules.ts';
import type { ThirdPartyApp } from './third-party-app-sql.ts';
import { assertBelowLimit, type ThirdPartyApps } from './third-party-apps.ts';

/** A person who registers clients, with their current roles. */
export interface Registrant {
  id: string;
  roles: string[];
}

/** A registered client as the person who registered it sees it. */
export interface RegisteredClient {
  clientId: string;
  name: string;
  redirectUri: string;
  /** Account id. */
  createdBy: string;
  createdAt: Date;
}

/** The fields that the person chooses. */
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
 * Clients that people register for one resource: confidential clients that log people in with the authorization
 * code grant (RFC 6749 §4.1). They can request objects of the resource (RFC 9396), but no scope; in all else they
 * are third-party apps (`third-party-apps.ts`) whose author is the person.
 *
 * All operations require the permission `oauth-manage-clients` and only apply to the person's own clients. They
 * throw `access_denied` otherwise, and `not_found` for any other client.
 */
export function createRegisteredClients({
  database: { kysely },
  registry,
  thirdPartyApps,
  roles,
  audit,
  requireDistinctName,
}: Dependencies) {
  /** Records refused changes in the audit log. */
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

  /**
   * Throws `conflict` for a name that resembles that of another client or of this server. An unchanged name is
   * accepted.
   */
  const requireOwnName = async (
    transaction: Connection,
    given: string,
    before?: string,
  ): Promise<void> => {
    const parameter = 'client_name';
    const name = displayName(given, { parameter, maxLength: clientNameLength, before });
    if (name !== before) await requireDistinctName(transaction, { name, parameter });
  };

  /** Reports every problem of a registration at once. Throws as `requireOwnName` and `requireRedirectUris`. */
  const validate = (transaction: Connection, given: Registration, before?: RegisteredClient) =>
    checkEach({
      name: () => requireOwnName(transaction, given.name, before?.name),
      redirectUri: () =>
        requireRedirectUris(metadataOf(given), before ? metadataOf(before) : undefined),
    });

  return {
    /** Whether a person can register clients at all. */
    mayRegister: (person: Registrant): Promise<boolean> =>
      hasPermission(person, clientRegistrationPermission, roles),

    /** Lists the person's clients, oldest first. */
    async list(person: Registrant, resource: string): Promise<RegisteredClient[]> {
      await requirePermission(person);
      const found = await thirdPartyApps.ofAuthor(resource, person.id);
      return found.toReversed().map((app) => describe(app, person));
    },

    /**
     * Registers a client; its secret is only returned here. Throws `conflict` if the person has the maximum number
     * of clients, or the name resembles another one.
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
            return runOnce(idempotency, transaction, async () => {
              await assertBelowLimit(transaction, person.id);
              await validate(transaction, given);
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
     * Changes a client of the person. A pending code for the previous redirect URI can no longer be redeemed.
     * Throws `conflict` as `create`.
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
            await validate(transaction, given, before);
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

    /** Deletes a client of the person and revokes its tokens. */
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

/** These clients get no access to Writ's own API. */
const callerOf = ({ id }: Registrant): Caller => ({ kind: 'account', id, scopes: new Set() });

/**
 * Only websites have an https redirect URI; loopback addresses and private-use schemes belong to native clients.
 */
const metadataOf = ({ name, redirectUri }: Registration) => ({
  client_name: name,
  application_type: redirectUri.startsWith('https:') ? 'web' : 'native',
  grant_types: [grantTypes.authorizationCode],
  response_types: ['code'],
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: 'client_secret_post',
  // The client has a secret, and older programs do not support PKCE. A challenge that is sent is verified.
  require_pkce: false,
  authorization_code_ttl: lifetimes.registeredClientCode,
  scope: '',
});

const describe = (
  { clientId, name, redirectUri, createdAt }: ThirdPartyApp,
  { id: createdBy }: Registrant,
): RegisteredClient => ({ clientId, name, redirectUri, createdBy, createdAt });
