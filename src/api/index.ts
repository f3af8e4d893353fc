/**
 * A PROGRAM'S FACE: the REST API under `/api/v1`, its OpenAPI document and the page that shows it. An
 * operation is declared once; router and document are made from that. It reads input, asks the domain,
 * and writes JSON; it decides nothing.
 */
import type { Middleware } from 'koa';
import type { Audit } from '../domain/audit/events.ts';
import { OAuthError } from '../oauth/errors.ts';
import { type AccountAccessDependencies, accountAccessOperations } from './account-access.ts';
import { type AccountDependencies, accountOperations } from './accounts.ts';
import { type ApiKeyDependencies, apiKeyOperations } from './api-keys.ts';
import { type AppActivityDependencies, appActivityOperations } from './app-activity.ts';
import { type AppClientDependencies, appClientOperations } from './app-clients.ts';
import { type AppInvitationDependencies, appInvitationOperations } from './app-invitations.ts';
import { type AppMemberDependencies, appMemberOperations } from './app-members.ts';
import { type AppRoleDependencies, appRoleOperations } from './app-roles.ts';
import { type AppSecretDependencies, appSecretOperations } from './app-secrets.ts';
import { type AppDependencies, appOperations } from './apps.ts';
import { type AuditDependencies, auditOperations } from './audit-events.ts';
import type { Authenticate } from './authenticate.ts';
import { type ChangeDependencies, changeOperations } from './changes.ts';
import { type ClientSecretDependencies, clientSecretOperations } from './client-secrets.ts';
import { type ClientDependencies, clientOperations } from './clients.ts';
import { type DiagnosticDependencies, diagnosticOperations } from './diagnostics.ts';
import { serveDocument } from './document/serve.ts';
import { nothingHere } from './input.ts';
import { type KeyDependencies, keyOperations } from './keys.ts';
import { type LeakedTokenDependencies, leakedTokenOperations } from './leaked-tokens.ts';
import type { Operation } from './operation.ts';
import { type OwnTokenDependencies, ownTokenOperations } from './own-token.ts';
import { servePage } from './page/serve.ts';
import { type ResourceDependencies, resourceOperations } from './resources.ts';
import { type RoleDependencies, roleOperations } from './roles.ts';
import { apiPrefix, createRouter } from './router.ts';
import { type TokenDependencies, tokenOperations } from './tokens.ts';

type OperationDependencies = ClientDependencies &
  ClientSecretDependencies &
  AppDependencies &
  AppClientDependencies &
  AppSecretDependencies &
  ApiKeyDependencies &
  AppMemberDependencies &
  AppInvitationDependencies &
  AppRoleDependencies &
  AppActivityDependencies &
  RoleDependencies &
  ResourceDependencies &
  AccountDependencies &
  AccountAccessDependencies &
  OwnTokenDependencies &
  LeakedTokenDependencies &
  TokenDependencies &
  KeyDependencies &
  AuditDependencies &
  DiagnosticDependencies &
  ChangeDependencies;

type Dependencies = OperationDependencies & {
  authenticate: Authenticate;
  audit: Pick<Audit, 'refused'>;
};

/** Every operation there is, in the order that the document shows them. */
export const createOperations = (dependencies: OperationDependencies): Operation[] => [
  ...clientOperations(dependencies),
  ...clientSecretOperations(dependencies),
  ...appOperations(dependencies),
  ...appActivityOperations(dependencies),
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
  // Ahead of tokens by their ids, of which `self` is none.
  ...ownTokenOperations(dependencies),
  ...leakedTokenOperations(dependencies),
  ...tokenOperations(dependencies),
  ...keyOperations(dependencies),
  ...auditOperations(dependencies),
  ...changeOperations(dependencies),
  ...diagnosticOperations(dependencies),
];

export function createApi(dependencies: Dependencies): Middleware[] {
  const { issuer } = dependencies;
  const operations = createOperations(dependencies);
  return [
    servePage(issuer),
    onPrefix(noStore),
    serveDocument(operations, issuer),
    createRouter(operations, dependencies).routes() as Middleware,
    onPrefix(absent),
  ];
}

const onPrefix =
  (middleware: Middleware): Middleware =>
  (ctx, next) =>
    ctx.path === apiPrefix || ctx.path.startsWith(`${apiPrefix}/`) ? middleware(ctx, next) : next();

const noStore: Middleware = (ctx, next) => {
  ctx.set('Cache-Control', 'no-store');
  return next();
};

/** What no route took: the path takes other methods (RFC 9110 §15.5.6), or there is no such path. */
const absent: Middleware = (ctx) => {
  const { matched = [] } = ctx as { matched?: { methods: string[] }[] };
  if (matched.length === 0) throw nothingHere();
  const allowed = [...new Set(matched.flatMap(({ methods }) => methods))].join(', ');
  ctx.set('Allow', allowed);
  throw new OAuthError('method_not_allowed', `This path takes ${allowed}.`);
};
