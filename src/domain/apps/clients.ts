import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { appLimits } from '../../../config/apps.ts';
import type { ClientOrigin, Connection } from '../../../db/schema.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { isSame, recordEvent } from '../audit/events.ts';
import type { ClientSecrets, SecretDescription } from '../clients/secrets.ts';
import type { ClientDescription, ClientStore } from '../clients/store.ts';
import { runOnce } from '../database/idempotency.ts';
import type { RequireDistinctName } from '../names/look-alikes.ts';
import type { Resources } from '../resources/resources.ts';
import { type Access, type AppAccess, requireCovers, requireManages } from './access.ts';
import { withAgentOwner } from './agents.ts';
import {
  type ChangeClient,
  clientsOf,
  findClient,
  requireConfidentialKind,
  requireServer,
} from './client-access.ts';
import { changedSecurity } from './client-security.ts';
import {
  type ClientSettings,
  describeClient,
  idTokenAlgOf,
  metadataOf,
  requireSettings,
} from './client-settings.ts';
import { plainSignIn } from './client-sign-in.ts';
import { noUrls } from './client-urls.ts';
import { asDisplayName, defaultDisplayName, requireClientName } from './names.ts';
import { requireRole } from './roles.ts';
import type { AppActor, AppClientChanges, AppClients } from './types.ts';
import { type AppClient, type AppSecret, clientKinds, type NewAppClient } from './types.ts';

interface Dependencies {
  clientStore: ClientStore;
  secrets: ClientSecrets;
  resources: Pick<Resources, 'openToApps'>;
  requireDistinctName: RequireDistinctName;
}

/** Creates a client in a transaction that holds the app's lock. The caller has checked the actor. */
export type ClientCreator = ReturnType<typeof createClientCreator>;

/**
 * Returns the two steps of creating a client, for `createApps` and `createAppClients`: `check` validates the
 * settings, and `create` stores the client.
 */
export const createClientCreator = ({
  clientStore,
  resources,
  requireDistinctName,
}: Pick<Dependencies, 'clientStore' | 'resources' | 'requireDistinctName'>) => {
  /** Returns the settings of a new client. Throws one error that names every problem. */
  const check = async (
    transaction: Connection,
    actor: AppActor,
    { app, rights }: Access,
    { name, kind, ...given }: NewAppClient,
  ): Promise<ClientSettings> => {
    const security = changedSecurity(kind, given.security);
    const fixed = {
      security,
      redirectUris: given.redirectUris ?? [],
      idTokenAlg: idTokenAlgOf(kind, given.idTokenAlg, security.profile),
      accessTokenTtl: given.accessTokenTtl ?? null,
      accessTokenFormat: given.accessTokenFormat ?? null,
      apiCallsLimit: given.apiCallsLimit ?? null,
      apiTrafficLimit: given.apiTrafficLimit ?? null,
      allowAnonymous: given.allowAnonymous ?? false,
      urls: { ...noUrls, ...given.urls },
      signIn: { ...plainSignIn, ...given.signIn },
      tokenExchange: given.tokenExchange ?? false,
      firstParty: false,
    };
    const { displayName, agent } = await checkEach({
      agent: async () =>
        given.agent ? withAgentOwner(transaction, { app }, actor, given.agent, undefined) : null,
      tokenExchange: () => {
        if (fixed.tokenExchange) requireManages(rights, 'app');
      },
      displayName: async () => {
        const displayName =
          given.displayName === undefined
            ? defaultDisplayName(app, { name, kind })
            : asDisplayName(given.displayName);
        if (!rights.operator && isReadOutside({ name, kind }, { displayName }))
          await requireDistinctName(transaction, {
            name: displayName,
            parameter: 'display_name',
            appId: app.id,
          });
        return displayName;
      },
      settings: () =>
        requireSettings(kind, { displayName: '', agent: given.agent ?? null, ...fixed }, () =>
          resources.openToApps(transaction),
        ),
    });
    return { displayName, agent, ...fixed };
  };

  const create = async (
    transaction: Connection,
    { app }: Access,
    { name, kind, role }: Pick<NewAppClient, 'name' | 'kind' | 'role'>,
    settings: ClientSettings,
    origin?: ClientOrigin,
  ): Promise<{ client: AppClient; stored: ClientDescription; secret?: string | undefined }> => {
    const { client, secret } = await clientStore.create(
      {
        clientId: `${app.name}:${name}`,
        metadata: metadataOf(kind, settings),
        roles: [role],
        appId: app.id,
        origin,
      },
      transaction,
    );
    return { client: describeClient(client), stored: client, secret: secret?.value };
  };

  return { check, create };
};

/**
 * Whether people outside the app can see the client's name. They never see a server that is named as in its app.
 */
const isReadOutside = (
  { name, kind }: Pick<AppClient, 'name' | 'kind'>,
  { displayName }: Pick<ClientSettings, 'displayName'>,
): boolean => kind !== 'server' || displayName !== name;

/**
 * Clients of apps. The role of an actor that changes one must cover the client's role, or the actor could gain
 * rights.
 */
export function createAppClients({
  access,
  changeClient,
  clientStore,
  secrets,
  resources,
  clientCreator,
  requireDistinctName,
}: Dependencies & {
  access: AppAccess;
  changeClient: ChangeClient;
  clientCreator: ClientCreator;
}): AppClients {
  return {
    create: (actor, appName, given, idempotency) =>
      access.change(actor, appName, async (entered, transaction) => {
        const { app, rights } = entered;
        requireManages(rights, 'clients');
        const { settings } = await checkEach({
          name: () => requireClientName(given.name),
          settings: () => {
            requireKind(given.kind);
            return clientCreator.check(transaction, actor, entered, given);
          },
          role: async () =>
            requireCovers(rights, await requireRole(transaction, app.id, given.role), 'role'),
        });
        return runOnce(idempotency, transaction, async () => {
          await assertClientBelowLimit(transaction, app.id);
          const { client, secret } = await clientCreator.create(
            transaction,
            entered,
            given,
            settings,
          );
          return { client, secret };
        });
      }),

    list: (actor, appName) =>
      access.read(actor, appName, async ({ app, rights }, connection) => {
        // Clients also run on phones and in web pages, where anyone can extract their tokens and list what they can
        // list.
        if (actor.kind === 'client') requireManages(rights, 'clients');
        return (await clientsOf(connection, app.id).orderBy('client_id').execute()).map(
          describeClient,
        );
      }),

    find: (actor, appName, name) =>
      access.read(actor, appName, ({ app }, connection) => findClient(connection, app, name)),

    update: (actor, appName, name, changes, precondition = () => {}) =>
      changeClient(actor, appName, name, async (before, transaction, { app, rights }) => {
        precondition(before);
        const role = changes.role ?? before.role;
        const redirectUris = changes.redirectUris ?? before.redirectUris;
        const security = changedSecurity(before.kind, changes.security, before.security);
        // A client with the default algorithm gets that of its new profile.
        const hasNewProfile = security.profile !== null && before.security.profile === null;
        const isDefaultAlg = before.idTokenAlg === idTokenAlgOf(before.kind, null);
        const idTokenAlg =
          changes.idTokenAlg === undefined && hasNewProfile && isDefaultAlg
            ? null
            : changes.idTokenAlg;
        const fixed = {
          security,
          redirectUris,
          idTokenAlg:
            idTokenAlg === undefined
              ? before.idTokenAlg
              : idTokenAlgOf(before.kind, idTokenAlg, security.profile),
          accessTokenTtl:
            changes.accessTokenTtl === undefined ? before.accessTokenTtl : changes.accessTokenTtl,
          accessTokenFormat:
            changes.accessTokenFormat === undefined
              ? before.accessTokenFormat
              : changes.accessTokenFormat,
          apiCallsLimit:
            changes.apiCallsLimit === undefined ? before.apiCallsLimit : changes.apiCallsLimit,
          apiTrafficLimit:
            changes.apiTrafficLimit === undefined
              ? before.apiTrafficLimit
              : changes.apiTrafficLimit,
          allowAnonymous: changes.allowAnonymous ?? before.allowAnonymous,
          urls: { ...before.urls, ...changes.urls },
          signIn: { ...before.signIn, ...changes.signIn },
          tokenExchange: changes.tokenExchange ?? before.tokenExchange,
          firstParty: firstPartyAfter(rights, before, changes, redirectUris),
        };
        const { displayName, agent } = await checkEach({
          agent: async () => {
            if (!changes.agent) return before.agent;
            const agent = await withAgentOwner(transaction, { app }, actor, changes.agent, before);
            // The Owner who let it act for people did so within these limits.
            if (before.tokenExchange && !isSame({ agent }, { agent: before.agent }))
              requireManages(rights, 'app');
            return agent;
          },
          tokenExchange: () => {
            if (fixed.tokenExchange && !before.tokenExchange) requireManages(rights, 'app');
          },
          displayName: async () => {
            const displayName =
              changes.displayName === undefined
                ? before.displayName
                : asDisplayName(changes.displayName, before.displayName);
            if (
              !rights.operator &&
              displayName !== before.displayName &&
              isReadOutside(before, { displayName })
            )
              await requireDistinctName(transaction, {
                name: displayName,
                parameter: 'display_name',
                appId: app.id,
              });
            return displayName;
          },
          settings: () =>
            requireSettings(
              before.kind,
              { displayName: before.displayName, agent: changes.agent ?? before.agent, ...fixed },
              () => resources.openToApps(transaction),
              before,
            ),
          firstParty: () => {
            if (changes.firstParty !== undefined && !rights.operator)
              throw new OAuthError(
                'access_denied',
                'Only an administrator of this server can decide whether a client is first-party.',
                { parameter: 'first_party' },
              );
          },
          role: async () => {
            if (role !== before.role)
              requireCovers(rights, await requireRole(transaction, app.id, role), 'role');
          },
        });
        const settings: ClientSettings = { displayName, agent, ...fixed };
        if (JSON.stringify({ ...before, ...settings, role }) === JSON.stringify(before))
          return before;
        const after = await clientStore.update(
          before.clientId,
          () => ({ metadata: metadataOf(before.kind, settings), roles: [role] }),
          undefined,
          transaction,
        );
        return describeClient(requireFound(after));
      }),

    disable: (actor, appName, name) =>
      changeClient(actor, appName, name, async (client, transaction, { app, rights }) => {
        const by = rights.operator ? 'operator' : 'member';
        const overrules = by === 'operator' && client.disabledBy === 'member';
        if (client.disabledAt === null || overrules)
          await clientStore.disable(client.clientId, transaction, by);
        return findClient(transaction, app, name);
      }),

    enable: (actor, appName, name) =>
      changeClient(actor, appName, name, async (client, transaction, { app, rights }) => {
        if (client.disabledBy === 'operator' && !rights.operator)
          throw new OAuthError(
            'access_denied',
            'An operator of this server disabled the client. Ask an administrator to enable it.',
          );
        if (client.disabledAt !== null) await clientStore.enable(client.clientId, transaction);
        return findClient(transaction, app, name);
      }),

    delete: (actor, appName, name, precondition = () => {}) =>
      changeClient(actor, appName, name, async (client, transaction) => {
        precondition(client);
        await clientStore.delete(client.clientId, undefined, transaction);
      }),

    secrets: (actor, appName, name) =>
      access.read(actor, appName, async ({ app, rights }, connection) => {
        requireManages(rights, 'clients');
        const { id } = await findClient(connection, app, name);
        return (await secrets.list(connection, id)).map(describeSecret);
      }),

    addSecret: (actor, appName, name, idempotency) =>
      changeClient(actor, appName, name, async (client, transaction) => {
        requireConfidentialKind(client);
        if (client.security.jwks)
          throw new OAuthError(
            'conflict',
            `The client ${name} authenticates with its keys. Remove them to use secrets.`,
          );
        return runOnce(idempotency, transaction, async () => {
          const { value, ...secret } = await secrets.generate(transaction, client.id);
          return { secret: describeSecret(secret), value };
        });
      }),

    revokeSecret: (actor, appName, name, secretId, { endTokens = false } = {}) =>
      changeClient(actor, appName, name, async (client, transaction) => {
        if (!(await secrets.revoke(transaction, client.id, secretId, { endTokens })))
          throw new OAuthError('not_found', `The client ${name} has no secret ${secretId}.`);
      }),

    authorizeTrial: (actor, appName, name) =>
      changeClient(actor, appName, name, async (client, transaction, { app }) => {
        requireServer(client);
        if (client.security.dpopBound)
          throw new OAuthError(
            'conflict',
            'The tokens of this client are bound to its key, so only its program can get one.',
          );
        if (app.disabledAt !== null)
          throw new OAuthError('conflict', 'The app is disabled. Enable it first.');
        if (client.disabledAt !== null)
          throw new OAuthError('conflict', 'The client is disabled. Enable it first.');
        await recordEvent(transaction, {
          action: 'token.tried',
          target: { kind: 'client', id: client.clientId },
          app: app.id,
        });
        return client;
      }),
  };
}

/**
 * Whether a client is first-party after a change. An operator vouched for its redirect URIs, so it is not after a member
 * changes them.
 */
const firstPartyAfter = (
  { operator }: Access['rights'],
  before: AppClient,
  changes: AppClientChanges,
  redirectUris: readonly string[],
): boolean =>
  operator
    ? (changes.firstParty ?? before.firstParty)
    : before.firstParty && isDeepStrictEqual(redirectUris, before.redirectUris);

/**
 * Throws `conflict` if the app has the maximum number of clients. Deleted ones count separately, because their rows
 * stay.
 */
export async function assertClientBelowLimit(
  transaction: Connection,
  appId: string,
): Promise<void> {
  const { live, ever } = await transaction
    .selectFrom('client')
    .select([
      sql<number>`(count(*) filter (where deleted_at is null))::integer`.as('live'),
      sql<number>`count(*)::integer`.as('ever'),
    ])
    .where('app_id', '=', appId)
    .executeTakeFirstOrThrow();
  if (live >= appLimits.clients)
    throw new OAuthError(
      'conflict',
      `An app can have at most ${appLimits.clients} clients. Delete one that is not used.`,
    );
  if (ever >= appLimits.clientsEver)
    throw new OAuthError(
      'conflict',
      `An app can create at most ${appLimits.clientsEver} clients, including deleted ones. Change an existing client, or create another app.`,
    );
}

function requireKind(kind: string): void {
  if (!(clientKinds as readonly string[]).includes(kind))
    throw new OAuthError(
      'invalid_request',
      `The kind of a client must be one of ${clientKinds.join(', ')}.`,
      {
        parameter: 'kind',
      },
    );
}

const describeSecret = ({
  id,
  hint,
  created_at,
  expires_at,
  last_used_at,
  created_by,
}: SecretDescription): AppSecret => ({
  id,
  hint,
  createdAt: created_at,
  expiresAt: expires_at,
  lastUsedAt: last_used_at,
  createdBy: created_by,
});

function requireFound<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new OAuthError('not_found', 'The client no longer exists.');
  return thing;
}
