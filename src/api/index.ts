/**
 * A PROGRAM'S FACE: the REST API under `/api/v1` and its OpenAPI document. An operation is declared once; the
 * router and the document are created from the declaration. This layer parses input, calls the domain and
 * writes JSON; it contains no rules.
 */
import type { Middleware } from 'koa';
import type { Refusals } from '../domain/audit/refusals.ts';
import { listProblems } from '../http/errors.ts';
import { OAuthError } from '../oauth/errors.ts';
import {
  type AccountAccessDependencies,
  accountAccessOperations,
} from './accounts/account-access.ts';
import {
  type AccountFactorDependencies,
  accountFactorOperations,
} from './accounts/account-factors.ts';
import { type AccountDependencies, accountOperations } from './accounts/accounts.ts';
import { type DelegationDependencies, delegationOperations } from './accounts/delegations.ts';
import { type AppActivityDependencies, appActivityOperations } from './apps/activity.ts';
import { type AppAgentDependencies, appAgentOperations } from './apps/agents.ts';
import { type AppDependencies, appOperations } from './apps/apps.ts';
import { type AppClientDependencies, appClientOperations } from './apps/clients.ts';
import {
  type AppInitialAccessTokenDependencies,
  appInitialAccessTokenOperations,
} from './apps/initial-access-tokens.ts';
import { type AppInvitationDependencies, appInvitationOperations } from './apps/invitations.ts';
import { type AppMemberDependencies, appMemberOperations } from './apps/members.ts';
import { type AppRoleDependencies, appRoleOperations } from './apps/roles.ts';
import { type AppSecretDependencies, appSecretOperations } from './apps/secrets.ts';
import { type ChangeDependencies, changeOperations } from './audit/change-feed.ts';
import { type AuditDependencies, auditOperations } from './audit/events.ts';
import { type RevocationDependencies, revocationOperations } from './audit/revocations.ts';
import {
  type ClientRefusalDependencies,
  clientRefusalOperations,
} from './clients/client-refusals.ts';
import { type ClientSecretDependencies, clientSecretOperations } from './clients/client-secrets.ts';
import { type ClientDependencies, clientOperations } from './clients/clients.ts';
import {
  type InitialAccessTokenDependencies,
  initialAccessTokenOperations,
} from './clients/initial-access-tokens.ts';
import {
  type CrossAppAccessDependencies,
  crossAppAccessOperations,
} from './cross-app-access/cross-app-access.ts';
import { lazyDocument, type ReadDocument, serveDocument } from './document/serve.ts';
import type { Authenticate } from './framework/authenticate.ts';
import type { AuthenticateClient } from './framework/client-credentials.ts';
import { pathNotFound } from './framework/input.ts';
import type { Operation } from './framework/operation.ts';
import { apiPrefix, createRouter } from './framework/router.ts';
import { type DiagnosticDependencies, diagnosticOperations } from './installation/diagnostics.ts';
import { type DialectDependencies, dialectOperations } from './installation/dialects.ts';
import { type JobDependencies, jobOperations } from './installation/jobs.ts';
import { type MailDependencies, mailOperations } from './installation/mails.ts';
import { type SettingDependencies, settingOperations } from './installation/settings.ts';
import {
  type TrustedIssuerDependencies,
  trustedIssuerOperations,
} from './issuers/trusted-issuers.ts';
import { type ApiKeyDependencies, apiKeyOperations } from './keys/api-keys.ts';
import { type KeyDependencies, keyOperations } from './keys/signing-keys.ts';
import {
  type IdentityProviderDependencies,
  identityProviderOperations,
} from './providers/identity-providers.ts';
import { serveResourceMetadata } from './resource-metadata.ts';
import { type ResourceDependencies, resourceOperations } from './resources/resources.ts';
import { type RoleDependencies, roleOperations } from './roles/roles.ts';
import { serveSignalConfiguration } from './signals/configuration.ts';
import { type SignalDependencies, signalOperations } from './signals/streams.ts';
import {
  type BulkRevocationDependencies,
  bulkRevocationOperations,
} from './tokens/bulk-revocations.ts';
import { type LeakedTokenDependencies, leakedTokenOperations } from './tokens/leaked.ts';
import { type OwnTokenDependencies, ownTokenOperations } from './tokens/own-token.ts';
import { type TokenDependencies, tokenOperations } from './tokens/tokens.ts';

type OperationDependencies = ClientDependencies &
  ClientSecretDependencies &
  ClientRefusalDependencies &
  AppDependencies &
  AppClientDependencies &
  AppSecretDependencies &
  ApiKeyDependencies &
  AppMemberDependencies &
  AppInvitationDependencies &
  InitialAccessTokenDependencies &
  AppRoleDependencies &
  AppActivityDependencies &
  AppAgentDependencies &
  AppInitialAccessTokenDependencies &
  RoleDependencies &
  ResourceDependencies &
  AccountDependencies &
  AccountAccessDependencies &
  AccountFactorDependencies &
  DelegationDependencies &
  IdentityProviderDependencies &
  TrustedIssuerDependencies &
  CrossAppAccessDependencies &
  OwnTokenDependencies &
  LeakedTokenDependencies &
  TokenDependencies &
  BulkRevocationDependencies &
  KeyDependencies &
  AuditDependencies &
  DiagnosticDependencies &
  JobDependencies &
  DialectDependencies &
  SettingDependencies &
  MailDependencies &
  ChangeDependencies &
  RevocationDependencies &
  SignalDependencies;

type Dependencies = OperationDependencies & {
  authenticate: Authenticate;
  authenticateClient: AuthenticateClient;
  audit: Pick<Refusals, 'refused'>;
  /** Whether people manage apps on pages, for the texts of the document. Default: yes. */
  appPages?: boolean | undefined;
};

/** All operations, in the order of the document. */
export const createOperations = (dependencies: OperationDependencies): Operation[] => [
  ...clientOperations(dependencies),
  ...clientSecretOperations(dependencies),
  ...clientRefusalOperations(dependencies),
  ...initialAccessTokenOperations(dependencies),
  ...appOperations(dependencies),
  ...appActivityOperations(dependencies),
  ...appAgentOperations(dependencies),
  ...appInitialAccessTokenOperations(dependencies),
  ...appClientOperations(dependencies),
  ...appSecretOperations(dependencies),
  ...apiKeyOperations(dependencies),
  ...appMemberOperations(dependencies),
  ...appInvitationOperations(dependencies),
  ...appRoleOperations(dependencies),
  ...roleOperations(dependencies),
  ...resourceOperations(dependencies),
  ...accountOperations(dependencies),
  ...accountAccessOperations(dependencies),
  ...accountFactorOperations(dependencies),
  ...delegationOperations(dependencies),
  ...identityProviderOperations(dependencies),
  ...trustedIssuerOperations(dependencies),
  ...crossAppAccessOperations(dependencies),
  // Before the operations on token ids, because `self` is not an id.
  ...ownTokenOperations(dependencies),
  ...leakedTokenOperations(dependencies),
  ...bulkRevocationOperations(dependencies),
  ...tokenOperations(dependencies),
  ...keyOperations(dependencies),
  ...auditOperations(dependencies),
  ...changeOperations(dependencies),
  ...revocationOperations(dependencies),
  ...signalOperations(dependencies),
  ...jobOperations(dependencies),
  ...dialectOperations(dependencies),
  ...settingOperations(dependencies),
  ...mailOperations(dependencies),
  ...diagnosticOperations(dependencies),
];

export interface Api {
  middleware: Middleware[];
  /** The OpenAPI document, for the API reference (`src/web/api-reference`). */
  readDocument: ReadDocument;
  /** The paths of all operations, from `/api/v1` on. */
  paths: string[];
}

export function createApi(dependencies: Dependencies): Api {
  const operations = createOperations(dependencies);
  const readDocument = lazyDocument(operations, dependencies.issuer, dependencies.appPages);
  return {
    readDocument,
    paths: operations.map(({ path }) => apiPrefix + path),
    middleware: [
      onPrefix(noStore),
      onPrefix(listProblems),
      serveDocument(readDocument),
      serveResourceMetadata(dependencies),
      serveSignalConfiguration(dependencies),
      createRouter(operations, dependencies).routes() as Middleware,
      onPrefix(absent),
    ],
  };
}

const onPrefix =
  (middleware: Middleware): Middleware =>
  (ctx, next) =>
    ctx.path === apiPrefix || ctx.path.startsWith(`${apiPrefix}/`) ? middleware(ctx, next) : next();

const noStore: Middleware = (ctx, next) => {
  ctx.set('Cache-Control', 'no-store');
  return next();
};

/** Answers requests that no route took: 405 if the path has other methods (RFC 9110 §15.5.6), else 404. */
const absent: Middleware = (ctx) => {
  const { matched = [] } = ctx as { matched?: { methods: string[] }[] };
  if (matched.length === 0) throw pathNotFound();
  const allowed = [...new Set(matched.flatMap(({ methods }) => methods))].join(', ');
  ctx.set('Allow', allowed);
  throw new OAuthError('method_not_allowed', `This path accepts ${allowed}.`);
};
