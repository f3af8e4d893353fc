/**
 * APPS OF THIRD PARTIES: confidential clients that a person registers for others to use, and answers for as their author.
 * Each is for one resource and asks people for one scope. Here the author acts, on their own; administrators see, change,
 * disable and delete them as every client.
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
  isLetIn,
  selectThirdPartyApps,
  stayingConnected,
  type ThirdPartyApp,
} from './third-party-app-sql.ts';

/** What an author says of an app. What is left out it does not have. */
export interface ThirdPartyAppSettings {
  name: string;
  description?: string | undefined;
  /** Pages and pictures on the web. */
  termsUri?: string | undefined;
  logoUri?: string | undefined;
  redirectUri: string;
  /** Of the resource. */
  scopes: readonly string[];
  /** Whether everyone may find it. */
  listed?: boolean | undefined;
}

/** What the tokens of apps are for, and how many seconds a refresh token of a new one may go unused. */
export interface ThirdPartyAppResource {
  resource: string;
  refreshTokenIdleTtl: number;
}

const longestDescription = 1_000;

interface Dependencies {
  database: Database;
  registry: Pick<ClientRegistry, 'create'>;
  store: Pick<ClientStore, 'update' | 'revokeTokens' | 'delete'>;
  apiResource: string;
  validateMetadata: ValidateMetadata;
  requireDistinctName: RequireDistinctName;
}

export function createThirdPartyApps({
  database: { kysely },
  registry,
  store,
  apiResource,
  validateMetadata,
  requireDistinctName,
}: Dependencies) {
  /**
   * Holds the account, and only then asks whether the token still holds by which they act: what ends all of the account's
   * tokens comes before or after.
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

  /** Throws `access_denied` unless they may change it: of those of others they do not learn whether they exist. */
  const requireTheirs = async (
    transaction: Connection,
    accountId: string,
    resource: string,
    clientId: string,
  ): Promise<ThirdPartyApp> => {
    const [app] = await selectThirdPartyApps(transaction, isLetIn(resource, clientId));
    if (app?.author?.id !== accountId)
      throw new OAuthError('access_denied', 'The app is not yours.');
    return app;
  };

  const asCaller = (id: string) => ({ kind: 'account', id, scopes: new Set<string>() }) as const;

  return {
    /**
     * Registers an app, with a secret that is given this once. Throws `conflict` where the person has as many as they
     * can or the name looks like another's, `access_denied` where the account is disabled, `invalid_token` where the token
     * has ended by which they act, and what the rules of clients throw.
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
     * Replaces what an author says of an app. Its codes and tokens end where its scope or its redirect URI changes:
     * people allowed something else. Throws `access_denied` where they may not, and as `create`.
     */
    update: (
      accountId: string,
      clientId: string,
      settings: ThirdPartyAppSettings,
      { resource }: Pick<ThirdPartyAppResource, 'resource'>,
    ): Promise<void> =>
      change(accountId, async (transaction) => {
        const before = await requireTheirs(transaction, accountId, resource, clientId);
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
        if (!asksForTheSame(before, settings)) await store.revokeTokens(clientId, transaction);
      }),

    /** Deletes an app, with every token of it. Throws `access_denied` where they may not. */
    delete: (
      accountId: string,
      clientId: string,
      { resource }: Pick<ThirdPartyAppResource, 'resource'>,
    ): Promise<void> =>
      change(accountId, async (transaction) => {
        await requireTheirs(transaction, accountId, resource, clientId);
        await store.delete(clientId, undefined, transaction);
      }),

    /** One that people can let in at the resource: of a third party, or of no person. */
    find: async (resource: string, clientId: string): Promise<ThirdPartyApp | undefined> => {
      const [app] = await orUnavailable(() =>
        selectThirdPartyApps(kysely, isLetIn(resource, clientId)),
      );
      return app;
    },

    /** Those that everyone may find. */
    listed: (resource: string): Promise<ThirdPartyApp[]> =>
      orUnavailable(() => selectThirdPartyApps(kysely, sql`${isLetIn(resource)} and c.listed`)),

    /** Those that a person registered. */
    ofAuthor: async (resource: string, accountId: string): Promise<ThirdPartyApp[]> =>
      isUuid(accountId)
        ? orUnavailable(() =>
            selectThirdPartyApps(
              kysely,
              sql`${isLetIn(resource)} and c.author_id = ${accountId}::uuid`,
            ),
          )
        : [],

    /** The clients of these ids, of whatever kind. */
    among: (clientIds: readonly string[]): Promise<ThirdPartyApp[]> =>
      orUnavailable(() =>
        selectThirdPartyApps(kysely, sql`c.client_id = any (${clientIds}::text[])`),
      ),
  };
}

export type ThirdPartyApps = ReturnType<typeof createThirdPartyApps>;

/** Metadata of RFC 7591 §2. An address of this machine or of a program is a native client's. */
const metadataOf = ({
  name,
  termsUri,
  logoUri,
  redirectUri,
  scopes,
}: ThirdPartyAppSettings): Record<string, unknown> & { client_name: string } => ({
  client_name: displayName(name, { parameter: 'name', longest: clientNameLength }),
  tos_uri: termsUri || undefined,
  logo_uri: logoUri || undefined,
  redirect_uris: [redirectUri],
  application_type: redirectUri.startsWith('https:') ? 'web' : 'native',
  scope: [...new Set([...scopes, stayingConnected])].join(' '),
});

const asksForTheSame = (before: ThirdPartyApp, after: ThirdPartyAppSettings): boolean =>
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
          longest: longestDescription,
          mayBeEmpty: true,
        }) || null,
      listed,
    })
    .where('client_id', '=', clientId)
    .execute();

/**
 * Throws `conflict` where a person has registered as many as they can. Call it in a transaction that holds the account.
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
  // Rows of deleted clients stay: an id is never used again.
  if (ever >= tokenLimits.thirdPartyAppsEver)
    throw new OAuthError(
      'conflict',
      `A person registers at most ${tokenLimits.thirdPartyAppsEver} apps in all: use one of those that you have.`,
    );
  if (live >= tokenLimits.thirdPartyApps)
    throw new OAuthError(
      'conflict',
      `A person has at most ${tokenLimits.thirdPartyApps} apps: delete one that is no longer used.`,
    );
}
