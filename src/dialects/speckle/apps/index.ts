import type { Handler } from '../../framework/dialect.ts';
import { type AccessCodeDependencies, createAccessCode } from './access-code.ts';
import { createLogout, type LogoutDependencies } from './logout.ts';
import type { appRoutes } from './routes.ts';
import { createAppTokens } from './tokens.ts';
import { createVerify } from './verify.ts';

export interface AppsDependencies extends AccessCodeDependencies, LogoutDependencies {}

/** Third-party apps: approval, token requests and logout. */
export function createAppHandlers(
  dependencies: AppsDependencies,
): Record<keyof typeof appRoutes, Handler> {
  return {
    'GET /authn/verify/:appId/:challenge': createVerify(dependencies),
    'GET /auth/accesscode': createAccessCode(dependencies),
    'POST /auth/token': createAppTokens(dependencies),
    'POST /auth/logout': createLogout(dependencies),
  };
}
