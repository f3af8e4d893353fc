/** Third-party apps: how authors register them, and how people list and revoke the access that they granted. */
import { dialectResources } from '../../../../config/dialects.ts';
import { actingAs } from '../../../domain/audit/actor.ts';
import type { NewSecrets } from '../../../domain/clients/new-secrets.ts';
import type { ThirdPartyApp } from '../../../domain/clients/third-party-app-sql.ts';
import type {
  ThirdPartyAppSettings,
  ThirdPartyApps,
} from '../../../domain/clients/third-party-apps.ts';
import type { ConnectedClients } from '../../../domain/grants/connected-clients.ts';
import { isNamedToken } from '../../../domain/tokens/value.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import type { Caller, Person } from '../caller.ts';
import { limitsOf } from '../limits.ts';
import { speckleScopes } from '../scopes.ts';
import { requireScope } from './access.ts';
import type { SpeckleContext } from './context.ts';
import type { GraphqlPart } from './part.ts';

export interface AppPartDependencies {
  thirdPartyApps: ThirdPartyApps;
  connectedClients: Pick<ConnectedClients, 'clientIds' | 'disconnectAll'>;
  newSecrets: NewSecrets;
}

/** The fields of `AppInput`, in both inputs. */
const inputFields = `name: String!
    description: String!
    termsAndConditionsLink: String
    logo: String
    public: Boolean
    redirectUrl: String!
    scopes: [String]!`;

const typeDefs = /* GraphQL */ `
  extend type Query {
    "Gets a specific app from the server."
    app(id: String!): ServerApp
    "The app of the token; null for a personal access token or without a token."
    authenticatedAsApp: ServerAppListItem
    "The apps that everyone can find."
    apps: [ServerAppListItem] @deprecated(reason: "Query one app by its id.")
  }

  extend type User {
    "The apps that you have authorized."
    authorizedApps: [ServerAppListItem!]
    "The apps that you have created."
    createdApps: [ServerApp!]
  }

  extend type Mutation {
    "Registers an app and returns its id."
    appCreate(app: AppCreateInput!): String!
    "Changes an app. Changing the scopes or the redirect URL revokes all of its tokens and access codes."
    appUpdate(app: AppUpdateInput!): Boolean!
    "Deletes an app with all of its tokens."
    appDelete(appId: String!): Boolean!
    "Revokes all access that you granted to an app."
    appRevokeAccess(appId: String!): Boolean
  }

  type ServerApp {
    id: String!
    secret: String
    name: String!
    description: String
    termsAndConditionsLink: String
    logo: String
    public: Boolean
    trustByDefault: Boolean
    author: AppAuthor
    createdAt: DateTime!
    redirectUrl: String!
    scopes: [Scope!]!
  }

  type ServerAppListItem {
    id: String!
    name: String!
    description: String
    redirectUrl: String!
    termsAndConditionsLink: String
    trustByDefault: Boolean
    logo: String
    author: AppAuthor
  }

  type AppAuthor {
    name: String!
    id: String!
    avatar: String
  }

  input AppCreateInput {
    ${inputFields}
  }

  input AppUpdateInput {
    id: String!
    ${inputFields}
  }
`;

interface AppInput {
  name: string;
  description: string;
  termsAndConditionsLink?: string | null;
  logo?: string | null;
  public?: boolean | null;
  redirectUrl: string;
  scopes: (string | null)[];
}

const resource = dialectResources.speckle;

/** Six months in seconds, as in Speckle. */
const refreshTokenIdleTtl = 15_770_000;

/** Speckle's error for an app that does not exist or belongs to someone else. */
const notAuthorized = 'You are not authorized to edit this app.';

const secretHidden = 'App secrets are only revealed to their author 😉';
const secretExpired =
  'App secrets are only revealed in the first ten minutes after the app was created.';

export function createAppPart({
  thirdPartyApps,
  connectedClients,
  newSecrets,
}: AppPartDependencies): GraphqlPart {
  /**
   * Runs a change of a person to the apps that they registered. Clients are credentials, so tokens that are stored in files
   * (personal access tokens) cannot change them.
   */
  const asAuthor = async <Result>(
    context: SpeckleContext,
    run: (accountId: string) => Promise<Result>,
  ): Promise<Result> => {
    const { accountId, principal } = requireScope(context, 'apps:write');
    if (isNamedToken(principal.token.kind))
      throw new OAuthError(
        'access_denied',
        'Only the token of a login can register or change apps.',
      );
    try {
      return await actingAs(principal.actor, () => run(accountId));
    } catch (error) {
      if (!(error instanceof OAuthError) || error.code !== 'access_denied') throw error;
      throw new OAuthError('access_denied', notAuthorized, { cause: error });
    }
  };

  return {
    typeDefs,
    costs: {
      authenticatedAsApp: 10,
      app: 10,
      apps: 20,
      authorizedApps: 20,
      createdApps: 20,
      secret: 10,
    },
    resolvers: {
      Query: {
        app: async (_source, { id }: { id: string }, { caller }) => {
          const app = await thirdPartyApps.find(resource, id);
          if (!app) return null;
          return caller ? describeApp(app) : describeToStranger(app);
        },
        apps: async (_source, _args, context) => {
          requireScope(context, 'apps:read');
          return (await thirdPartyApps.listed(resource)).map(describeApp);
        },
        authenticatedAsApp: async (_source, _args, { caller }) => {
          if (!caller) return null;
          const { kind, clientId } = caller.principal.token;
          const [app] = isNamedToken(kind) ? [] : await thirdPartyApps.among([clientId]);
          return app ? describeApp(app) : null;
        },
      },
      ServerApp: {
        secret: async ({ id, author }: DescribedApp, _args, { caller }) => {
          if (!canReadSecrets(caller) || caller.accountId !== author?.id) return secretHidden;
          return (await newSecrets.find(caller.accountId, id)) ?? secretExpired;
        },
      },
      User: {
        authorizedApps: async (_source, _args, context) => {
          const { accountId } = requireScope(context, 'apps:read');
          const clientIds = await connectedClients.clientIds(accountId, resource);
          return (await thirdPartyApps.among(clientIds)).map(describeApp);
        },
        createdApps: async (_source, _args, context) => {
          const { accountId } = requireScope(context, 'apps:read');
          return (await thirdPartyApps.ofAuthor(resource, accountId)).map(describeApp);
        },
      },
      Mutation: {
        appCreate: (_source, { app }: { app: AppInput }, context) =>
          asAuthor(context, async (accountId) => {
            const { clientId, secret } = await thirdPartyApps.create(
              accountId,
              settingsOf(app, context),
              { resource, refreshTokenIdleTtl },
            );
            await newSecrets.keep(accountId, clientId, secret);
            return clientId;
          }),
        appUpdate: (_source, { app }: { app: AppInput & { id: string } }, context) =>
          asAuthor(context, async (accountId) => {
            await thirdPartyApps.update(accountId, app.id, settingsOf(app, context), { resource });
            return true;
          }),
        appDelete: (_source, { appId }: { appId: string }, context) =>
          asAuthor(context, async (accountId) => {
            await thirdPartyApps.delete(accountId, appId, { resource });
            return true;
          }),
        appRevokeAccess: (_source, { appId }: { appId: string }, context) => {
          const { accountId } = requireScope(context, 'apps:write');
          return connectedClients.disconnectAll(accountId, appId, resource);
        },
      },
    },
  };
}

/** Whether a token can read the secrets of the person's apps: the token of a login with `apps:write` and no limits. */
function canReadSecrets(caller: Caller | undefined): caller is Person {
  if (caller?.accountId == null || !caller.scopes.has('apps:write')) return false;
  const { token } = caller.principal;
  return token.kind === 'access_token' && limitsOf(token).length === 0;
}

/** Drops settings that Writ does not support, and notes them for the response. */
function settingsOf(app: AppInput, { notes }: SpeckleContext): ThirdPartyAppSettings {
  const known = app.scopes.filter((name) => speckleScopes.some((scope) => scope.name === name));
  const dropped = app.scopes.filter((name) => !known.includes(name));
  if (dropped.length > 0) notes.push({ dropped_scopes: dropped });
  if (known.length === 0) throw new OAuthError('invalid_request', 'No scopes provided');
  const onTheWeb = (field: 'termsAndConditionsLink' | 'logo'): string | undefined => {
    const uri = app[field] || undefined;
    if (uri === undefined || uri.startsWith('https://')) return uri;
    notes.push({ dropped_field: field, because: 'It is not a URL that begins with https://.' });
    return undefined;
  };
  return {
    name: app.name,
    description: app.description,
    termsUri: onTheWeb('termsAndConditionsLink'),
    logoUri: onTheWeb('logo'),
    redirectUri: app.redirectUrl,
    scopes: known as string[],
    listed: app.public ?? false,
  };
}

const describeApp = ({
  clientId,
  name,
  description,
  termsUri,
  logoUri,
  redirectUri,
  scopes,
  listed,
  author,
  createdAt,
}: ThirdPartyApp) => ({
  id: clientId,
  name,
  description,
  termsAndConditionsLink: termsUri,
  logo: logoUri,
  public: listed,
  trustByDefault: false,
  author: author && { ...author, avatar: null },
  createdAt,
  redirectUrl: redirectUri,
  scopes: speckleScopes.filter((scope) => scopes.includes(scope.name)),
});

/** An app for anonymous callers: only the origin of its redirect URL, and no author, as on the consent page. */
function describeToStranger(app: ThirdPartyApp): DescribedApp {
  const { protocol, host } = new URL(app.redirectUri);
  return { ...describeApp(app), author: null, redirectUrl: `${protocol}//${host}` };
}

type DescribedApp = ReturnType<typeof describeApp>;
