/**
 * A PROGRAM'S FACE: the REST API under `/api/v1`, its OpenAPI document and the page that shows it. An
 * operation is declared once; router and document are made from that. It reads input, asks the domain,
 * and writes JSON; it decides nothing.
 */
import type { Middleware } from 'koa';
import type { Refusals } from '../domain/audit/refusals.ts';
import { listProblems } from '../http/errors.ts';
import { OAuthError } from '../oauth/errors.ts';
import {
  type AccountAccessDependencies,
  accountAccessOperations,
} from './accounts/account-access.ts';
import { type AccountDependencies, accountOperations } from './accounts/accounts.ts';
import { type AppActivityDependencies, appActivityOperations } from './apps/activity.ts';
import { type AppDependencies, appOperations } from './apps/apps.ts';
import { type AppClientDependencies, appClientOperations } from './apps/clients.ts';
import { type AppInvitationDependencies, appInvitationOperations } from './apps/invitations.ts';
import { type AppMemberDependencies, appMemberOperations } from './apps/members.ts';
import { type AppRoleDependencies, appRoleOperations } from './apps/roles.ts';
import { type AppSecretDependencies, appSecretOperations } from './apps/secrets.ts';
import { type ChangeDependencies, changeOperations } from './audit/change-feed.ts';
import { type AuditDependencies, auditOperations } from './audit/events.ts';
import { type ClientSecretDependencies, clientSecretOperations } from './clients/client-secrets.ts';
import { type ClientDependencies, clientOperations } from './clients/clients.ts';
import { servePage } from './docs-page/serve.ts';
import { serveDocument } from './document/serve.ts';
import type { Authenticate } from './framework/authenticate.ts';
import { nothingHere } from './framework/input.ts';
import type { Operation } from './framework/operation.ts';
import { apiPrefix, createRouter } from './framework/router.ts';
import { type DiagnosticDependencies, diagnosticOperations } from './installation/diagnostics.ts';
import { type ApiKeyDependencies, apiKeyOperations } from './keys/api-keys.ts';
import { type KeyDependencies, keyOperations } from './keys/signing-keys.ts';
import { type ResourceDependencies, resourceOperations } from './resources/resources.ts';
import { type RoleDependencies, roleOperations } from './roles/roles.ts';
import { type LeakedTokenDependencies, leakedTokenOperations } from './tokens/leaked.ts';
import { type OwnTokenDependencies, ownTokenOperations } from './tokens/own-token.ts';
import { type TokenDependencies, tokenOperations } from './tokens/tokens.ts';

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
  audit: Pick<Refusals, 'refused'>;
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
    onPrefix(listProblems),
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
