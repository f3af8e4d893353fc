/**
 * DYNAMIC CLIENT REGISTRATION (RFC 7591) and its management (RFC 7592): clients that register themselves. They get what is
 * open to such clients (`domain/resources/access.ts`), or the resources of the initial access token. Their metadata follows
 * the rules of all clients.
 */
import type { ClientRegistrationMode } from '../../../../config/client-registration.ts';
import type { Database } from '../../../../db/database.ts';
import type { Connection } from '../../../../db/schema.ts';
import { sha256 } from '../../../crypto/digest.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { recordEvent } from '../../audit/events.ts';
import { currentRequest } from '../../audit/request-context.ts';
import { orUnavailable } from '../../database/retry.ts';
import type { RequestLimitCounter } from '../../limits/request-limits.ts';
import type { RequireDistinctName } from '../../names/look-alikes.ts';
import type { Caller } from '../../roles/management-actor.ts';
import { isRegistrationToken, mintRegistrationToken } from '../../tokens/value.ts';
import type { ClientRegistry } from '../clients.ts';
import type { ClientLookup } from '../lookup.ts';
import type { ClientSecrets } from '../secrets.ts';
import type { ClientDescription } from '../store.ts';
import { isUsableInitialAccessToken, useInitialAccessToken } from './initial-access-tokens.ts';
import { registeredMetadata } from './registration-metadata.ts';

/** A registration as its client sees it. */
export interface RegisteredBySelf {
  client: ClientDescription;
  /** Only in the response to a registration. */
  secret?: string | undefined;
  /** The token that manages the registration. */
  token: string;
}

/**
 * Registers a client of an app, in the transaction that uses the app's token. Undefined if the token can create no client there
 * any longer. Throws what the rules of clients throw.
 */
export type RegisterInApp = (
  transaction: Connection,
  token: { appId: string; role: string; createdBy: string | null },
  metadata: Record<string, unknown>,
) => Promise<{ client: ClientDescription; secret?: string | undefined } | undefined>;

interface Dependencies {
  database: Database;
  registry: Pick<ClientRegistry, 'create' | 'find' | 'update' | 'delete'>;
  clients: ClientLookup;
  secrets: Pick<ClientSecrets, 'matches'>;
  requestLimits: Pick<RequestLimitCounter, 'count'>;
  requireDistinctName: RequireDistinctName;
  mode: ClientRegistrationMode;
  registerInApp: RegisterInApp;
}

type Metadata = Record<string, unknown>;

/** A client that acts for itself, with no scope of Writ's own API. */
const itself = (clientId: string): Caller => ({ kind: 'client', id: clientId, scopes: new Set() });

const badInitialToken = (presented: boolean) =>
  new OAuthError(
    'invalid_token',
    presented
      ? 'The initial access token is unknown, expired or used up.'
      : 'Registering a client needs an initial access token: Authorization: Bearer TOKEN.',
  );

const badToken = () =>
  new OAuthError(
    'invalid_token',
    'Send the registration access token of this client: Authorization: Bearer TOKEN.',
  );

/** Members that only this server chooses (RFC 7592 §2.2). */
const forbidden = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

/** Creates the operations of clients that register themselves. */
export function createRegistrations({
  database: { kysely },
  registry,
  clients,
  secrets,
  requestLimits,
  requireDistinctName,
  mode,
  registerInApp,
}: Dependencies) {
  /** The client that a token manages; throws `invalid_token`. Its previous token ends once its successor is used. */
  const authenticate = async (clientId: string, token: string | undefined) => {
    const digest = token && isRegistrationToken(token) ? sha256(token) : undefined;
    if (!digest) throw badToken();
    const found = await orUnavailable(() =>
      kysely
        .selectFrom('client_registration as r')
        .innerJoin('client as c', 'c.id', 'r.client_id')
        .select(['c.id', 'r.digest', 'r.previous_digest as previous'])
        .where('c.client_id', '=', clientId)
        .where('c.deleted_at', 'is', null)
        .where('c.disabled_at', 'is', null)
        .where((eb) => eb.or([eb('r.digest', '=', digest), eb('r.previous_digest', '=', digest)]))
        .executeTakeFirst(),
    );
    const client = found && (await registry.find(clientId));
    if (!found || !client) throw badToken();
    if (found.previous && found.digest.equals(digest))
      await orUnavailable(() =>
        kysely
          .updateTable('client_registration')
          .set({ previous_digest: null })
          .where('client_id', '=', found.id)
          .where('digest', '=', digest)
          .execute(),
      );
    return { client, digest };
  };

  return {
    /**
     * Registers a client (RFC 7591 §3). `token` is an initial access token; without one only where everyone can register, and
     * only public clients. `read` reads the metadata, which can mean to verify a software statement: only for callers that are
     * allowed so much. Throws `invalid_token`, LimitReached, and what the rules of clients throw.
     */
    async register(
      read: () => Promise<Metadata>,
      token: string | undefined,
    ): Promise<RegisteredBySelf> {
      if (token === undefined) {
        if (mode !== 'open') throw badInitialToken(false);
        const caller = { ip: currentRequest()?.ip };
        await requestLimits.count('client_registration.network', caller);
        await requestLimits.count('client_registration.installation', caller);
      } else if (!(await orUnavailable(() => isUsableInitialAccessToken(kysely, token))))
        throw badInitialToken(true);
      const given = await read();
      const value = mintRegistrationToken();
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const used =
            token === undefined ? undefined : await useInitialAccessToken(transaction, token);
          if (token !== undefined && !used) throw badInitialToken(true);
          const metadata = registeredMetadata(given, { isOpen: !used });
          const created = used?.app
            ? await registerInApp(transaction, used.app, metadata)
            : await createdOutsideApps(transaction, metadata, used?.resources);
          if (!created) throw badInitialToken(true);
          const { client, secret } = created;
          await transaction
            .insertInto('client_registration')
            .values({
              client_id: client.id,
              digest: sha256(value),
              previous_digest: null,
              initial_access_token_id: used?.id ?? null,
            })
            .execute();
          if (used)
            await recordEvent(transaction, {
              action: 'initial_access_token.used',
              target: { kind: 'initial_access_token', id: used.id },
              details: { client_id: client.client_id },
              app: used.app?.appId ?? null,
            });
          return { client, secret, token: value };
        }),
      );
    },

    /** Reads the registration of a client (RFC 7592 §2.1). Throws `invalid_token`. */
    async read(clientId: string, token: string | undefined): Promise<RegisteredBySelf> {
      const { client } = await authenticate(clientId, token);
      return { client, token: token ?? '' };
    },

    /**
     * Replaces the metadata of a client (RFC 7592 §2.2): members that are absent get their defaults. The token is replaced as
     * well; the previous one works until its successor is used, so that a lost response locks no one out. Throws
     * `invalid_token`, `access_denied` for a client of an app and once an administrator has changed the client, and what the
     * rules of clients throw.
     */
    async update(
      clientId: string,
      read: () => Promise<Metadata>,
      token: string | undefined,
    ): Promise<RegisteredBySelf> {
      const { client: before, digest } = await authenticate(clientId, token);
      if (before.app !== null)
        throw new OAuthError(
          'access_denied',
          'The client belongs to an app. Only members of the app can change it.',
        );
      const given = await read();
      const named = forbidden.find((name) => name in given);
      if (named !== undefined)
        throw new OAuthError('invalid_request', `${named} cannot be sent here.`, {
          parameter: named,
        });
      if (given['client_id'] !== clientId)
        throw new OAuthError('invalid_request', 'client_id must be that of the client.', {
          parameter: 'client_id',
        });
      await requireOwnSecret(clientId, given['client_secret']);
      const isOpen = before.metadata['token_endpoint_auth_method'] === 'none';
      const next = registeredMetadata(given, { isOpen });
      const cleared = Object.fromEntries(Object.keys(before.metadata).map((name) => [name, null]));
      const value = mintRegistrationToken();
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await requireOwnName(transaction, next, before);
          const client = await registry.update(
            itself(clientId),
            clientId,
            { metadata: { ...cleared, ...next } },
            undefined,
            transaction,
          );
          if (!client) throw badToken();
          await transaction
            .updateTable('client_registration')
            .set({ digest: sha256(value), previous_digest: digest })
            .where('client_id', '=', client.id)
            .execute();
          return { client, token: value };
        }),
      );
    },

    /** Deletes a client and revokes its tokens (RFC 7592 §2.3). Throws `invalid_token`. */
    async delete(clientId: string, token: string | undefined): Promise<void> {
      await authenticate(clientId, token);
      await registry.delete(itself(clientId), clientId);
    },
  };

  async function createdOutsideApps(
    transaction: Connection,
    metadata: Metadata,
    resources: string[] = [],
  ) {
    await requireOwnName(transaction, metadata);
    const { client, secret } = await registry.create(
      itself('registration'),
      { metadata, resources, origin: 'registration' },
      transaction,
    );
    return { client, secret: secret?.value };
  }

  /**
   * Throws `invalid_client_metadata` for a new name that looks like that of a client or an app of someone here, or of this server.
   * Clients that registered themselves can share one: an assistant has the same name on every computer.
   */
  async function requireOwnName(
    transaction: Connection,
    { client_name: name }: Metadata,
    before?: ClientDescription,
  ): Promise<void> {
    if (typeof name !== 'string' || name === before?.metadata['client_name']) return;
    const parameter = 'client_name';
    const { app_id: appId } = before
      ? await transaction
          .selectFrom('client')
          .select('app_id')
          .where('id', '=', before.id)
          .executeTakeFirstOrThrow()
      : { app_id: null };
    try {
      await requireDistinctName(transaction, { name, parameter, appId: appId ?? undefined });
    } catch (error) {
      if (!(error instanceof OAuthError) || error.code !== 'conflict') throw error;
      throw new OAuthError('invalid_client_metadata', error.message, { parameter, cause: error });
    }
  }

  /** A client that sends its secret along must send the right one, and cannot choose another. */
  async function requireOwnSecret(clientId: string, secret: unknown): Promise<void> {
    if (secret === undefined) return;
    const client = await clients(clientId);
    const isOwn =
      client !== undefined &&
      typeof secret === 'string' &&
      (await secrets.matches(client, secret, () => currentRequest()?.ip));
    if (!isOwn)
      throw new OAuthError(
        'invalid_request',
        'client_secret is not the secret of the client. Leave it out: it cannot be changed here.',
        { parameter: 'client_secret' },
      );
  }
}

export type Registrations = ReturnType<typeof createRegistrations>;
