/**
 * Third-party apps: confidential clients that a person, the author, registers for others to use. Each is for one
 * resource and requests one scope. The operations here are those of the author; administrators manage these apps
 * like any client.
 */
import { sql } from 'kysely';
import { tokenLimits } from '../../../config/tokens.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { inActorTransaction } from '../database/actor-transaction.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { displayName } from '../names/display-names.ts';
import type { RequireDistinctName } from '../names/look-alikes.ts';
import { requireActingToken } from '../tokens/acting-token.ts';
import { requireActivePerson } from './active-person.ts';
import type { ClientRegistry } from './clients.ts';
import { applyPatch, type ValidateMetadata } from './merge-patch.ts';
import { clientNameLength } from './rules.ts';
import type { ClientStore } from './store.ts';
import {
  isThirdPartyApp,
  offlineAccess,
  selectThirdPartyApps,
  type ThirdPartyApp,
} from './third-party-app-sql.ts';

/** Settings that an author chooses. An update clears omitted ones. */
export interface ThirdPartyAppSettings {
  name: string;
  description?: string | undefined;
  /** URLs on the web. */
  termsUri?: string | undefined;
  logoUri?: string | undefined;
  redirectUri: string;
  /** Scopes of the resource. */
  scopes: readonly string[];
  /** Whether everyone can find it. */
  listed?: boolean | undefined;
}

/** The resource of the tokens, and the idle lifetime of refresh tokens of new apps, in seconds. */
export interface ThirdPartyAppResource {
  resource: string;
  refreshTokenIdleTtl: number;
}

const maxDescriptionLength = 1_000;

interface Dependencies {
  database: Database;
  registry: Pick<ClientRegistry, 'create'>;
  store: Pick<ClientStore, 'update' | 'revokeTokens' | 'delete'>;
  apiResource: string;
  validateMetadata: ValidateMetadata;
  requireDistinctName: RequireDistinctName;
}

/** Creates the operations of authors, and lookups of third-party apps. */
export function createThirdPartyApps({
  database: { kysely },
  registry,
  store,
  apiResource,
  validateMetadata,
  requireDistinctName,
}: Dependencies) {
  /**
   * Locks the account before checking the token that the author acts with, so that a concurrent revocation of all
   * the account's tokens takes effect either before or after the change.
   */
  const change = <Result>(
    accountId: string,
    run: (transaction: Connection) => Promise<Result>,
  ): Promise<Result> =>
    inActorTransaction(kysely, { kind: 'account', accountId }, async (transaction) => {
      await requireActivePerson(transaction, accountId);
      await requireActingToken(transaction);
      return run(transaction);
    });

  /** Throws `access_denied` unless the app is the author's. The error does not reveal whether other apps exist. */
  const requireOwnApp = async (
    transaction: Connection,
    accountId: string,
    resource: string,
    clientId: string,
  ): Promise<ThirdPartyApp> => {
    const [app] = await selectThirdPartyApps(transaction, isThirdPartyApp(resource, clientId));
    if (app?.author?.id !== accountId)
      throw new OAuthError('access_denied', 'This is not your app.');
    return app;
  };

  const asCaller = (id: string) => ({ kind: 'account', id, scopes: new Set<string>() }) as const;

  return {
    /**
     * Registers an app; its secret is only returned here. Throws `conflict` if the person has the maximum number of
     * apps or the name resembles another one, `access_denied` if the account is disabled, `invalid_token` if the
     * acting token has been revoked, and what the rules of clients throw.
     */
    create: (
      accountId: string,
      settings: ThirdPartyAppSettings,
      { resource, refreshTokenIdleTtl }: ThirdPartyAppResource,
    ): Promise<{ clientId: string; secret: string }> =>
      change(accountId, async (transaction) => {
        await assertBelowLimit(transaction, accountId);
        const metadata = metadataOf(settings);
        await requireDistinctName(transaction, { name: metadata.client_name, parameter: 'name' });
        const { client, secret } = await registry.create(
          asCaller(accountId),
          {
            authorId: accountId,
            resources: [resource],
            metadata: {
              ...metadata,
              grant_types: [grantTypes.authorizationCode, grantTypes.refreshToken],
              response_types: ['code'],
              token_endpoint_auth_method: 'client_secret_post',
              rotate_refresh_tokens: true,
              refresh_token_idle_ttl: refreshTokenIdleTtl,
            },
          },
          transaction,
        );
        await describe(transaction, client.client_id, settings);
        return { clientId: client.client_id, secret: String(secret?.value) };
      }),

    /**
     * Replaces the settings of an app. Its codes and tokens are revoked if the scope or redirect URI changes,
     * because people approved something else. Throws `access_denied` if the app is not the author's, otherwise as
     * `create`.
     */
    update: (
      accountId: string,
      clientId: string,
      settings: ThirdPartyAppSettings,
      { resource }: Pick<ThirdPartyAppResource, 'resource'>,
    ): Promise<void> =>
      change(accountId, async (transaction) => {
        const before = await requireOwnApp(transaction, accountId, resource, clientId);
        const metadata = metadataOf(settings);
        if (metadata.client_name !== before.name)
          await requireDistinctName(transaction, { name: metadata.client_name, parameter: 'name' });
        await store.update(
          clientId,
          (current) =>
            applyPatch(
              asCaller(accountId),
              current,
              { metadata },
              { apiResource, validateMetadata },
            ),
          undefined,
          transaction,
        );
        await describe(transaction, clientId, settings);
        if (!requestsSameAccess(before, settings)) await store.revokeTokens(clientId, transaction);
      }),

    /** Deletes an app and revokes its tokens. Throws `access_denied` if the app is not the author's. */
    delete: (
      accountId: string,
      clientId: string,
      { resource }: Pick<ThirdPartyAppResource, 'resource'>,
    ): Promise<void> =>
      change(accountId, async (transaction) => {
        await requireOwnApp(transaction, accountId, resource, clientId);
        await store.delete(clientId, undefined, transaction);
      }),

    /** Finds an app that people can approve for the resource, with or without an author. */
    find: async (resource: string, clientId: string): Promise<ThirdPartyApp | undefined> => {
      const [app] = await orUnavailable(() =>
        selectThirdPartyApps(kysely, isThirdPartyApp(resource, clientId)),
      );
      return app;
    },

    /** Lists the apps that everyone can find. */
    listed: (resource: string): Promise<ThirdPartyApp[]> =>
      orUnavailable(() =>
        selectThirdPartyApps(kysely, sql`${isThirdPartyApp(resource)} and c.listed`),
      ),

    /** Lists the apps of an author. */
    ofAuthor: async (resource: string, accountId: string): Promise<ThirdPartyApp[]> =>
      isUuid(accountId)
        ? orUnavailable(() =>
            selectThirdPartyApps(
              kysely,
              sql`${isThirdPartyApp(resource)} and c.author_id = ${accountId}::uuid`,
            ),
          )
        : [],

    /** Finds clients by their ids, of any kind. */
    among: (clientIds: readonly string[]): Promise<ThirdPartyApp[]> =>
      orUnavailable(() =>
        selectThirdPartyApps(kysely, sql`c.client_id = any (${clientIds}::text[])`),
      ),
  };
}

export type ThirdPartyApps = ReturnType<typeof createThirdPartyApps>;

/** Metadata (RFC 7591 §2). Only an https redirect URI makes a website; any other belongs to a native client. */
const metadataOf = ({
  name,
  termsUri,
  logoUri,
  redirectUri,
  scopes,
}: ThirdPartyAppSettings): Record<string, unknown> & { client_name: string } => ({
  client_name: displayName(name, { parameter: 'name', maxLength: clientNameLength }),
  tos_uri: termsUri || undefined,
  logo_uri: logoUri || undefined,
  redirect_uris: [redirectUri],
  application_type: redirectUri.startsWith('https:') ? 'web' : 'native',
  scope: [...new Set([...scopes, offlineAccess])].join(' '),
});

const requestsSameAccess = (before: ThirdPartyApp, after: ThirdPartyAppSettings): boolean =>
  before.redirectUri === after.redirectUri &&
  JSON.stringify([...new Set(before.scopes)].sort()) ===
    JSON.stringify([...new Set(after.scopes)].sort());

const describe = (
  transaction: Connection,
  clientId: string,
  { description = '', listed = false }: ThirdPartyAppSettings,
): Promise<unknown> =>
  transaction
    .updateTable('client')
    .set({
      description:
        displayName(description, {
          parameter: 'description',
          maxLength: maxDescriptionLength,
          mayBeEmpty: true,
        }) || null,
      listed,
    })
    .where('client_id', '=', clientId)
    .execute();

/**
 * Throws `conflict` if the person has registered the maximum number of apps. The transaction must hold the
 * account's lock.
 */
export async function assertBelowLimit(transaction: Connection, accountId: string): Promise<void> {
  const { live, ever } = await transaction
    .selectFrom('client')
    .select([
      sql<number>`count(*) filter (where deleted_at is null)::integer`.as('live'),
      sql<number>`count(*)::integer`.as('ever'),
    ])
    .where('author_id', '=', accountId)
    .executeTakeFirstOrThrow();
  // Rows of deleted clients count too: they are kept, because ids are never reused.
  if (ever >= tokenLimits.thirdPartyAppsEver)
    throw new OAuthError(
      'conflict',
      `You have registered ${tokenLimits.thirdPartyAppsEver} apps, including deleted ones, which is the maximum. Use an existing one.`,
    );
  if (live >= tokenLimits.thirdPartyApps)
    throw new OAuthError(
      'conflict',
      `You already have ${tokenLimits.thirdPartyApps} apps, which is the maximum. Delete one that is no longer used.`,
    );
}
