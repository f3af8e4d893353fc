/** Bloq: its routes use the domain. */
import type { KeyPairs } from '../../domain/clients/key-pairs.ts';
import type { FindToken } from '../../domain/tokens/find-by-value.ts';
import type { KeyPairTokens } from '../../domain/tokens/key-pair-tokens.ts';
import type { LastUsed } from '../../domain/tokens/last-used.ts';
import type { FindPrincipal } from '../../domain/tokens/principal.ts';
import type { Dialect, Handler } from '../framework/dialect.ts';
import { type AccountDependencies, createAccountHandlers } from './account.ts';
import { createReadAccountToken } from './account-token.ts';
import { createClientKeyHandlers } from './client-keys.ts';
import { createClientToken } from './client-token.ts';
import { bloq } from './description.ts';
import { describeError } from './errors.ts';
import { createLogin, type LoginDependencies } from './login.ts';
import type { bloqRoutes } from './routes.ts';

interface Dependencies extends AccountDependencies, LoginDependencies {
  accounts: AccountDependencies['accounts'] & LoginDependencies['accounts'];
  keyPairs: KeyPairs;
  keyPairTokens: KeyPairTokens;
  find: FindToken;
  findPrincipal: FindPrincipal;
  lastUsed: LastUsed;
}

export function createBloq(dependencies: Dependencies): Dialect {
  const readAccountToken = createReadAccountToken(dependencies);
  const account = createAccountHandlers(dependencies, readAccountToken);
  const clientKeys = createClientKeyHandlers(dependencies.keyPairs, readAccountToken);
  const handlers: Record<keyof typeof bloqRoutes, Handler> = {
    'POST /auth': createLogin(dependencies),
    'POST /auth/token': createClientToken(dependencies),
    'GET /users/me': account.profile,
    'PUT /users/me/password': account.updatePassword,
    'GET /users/me/events': account.events,
    'POST /users/me/client-keys': clientKeys.create,
    'GET /users/me/client-keys': clientKeys.list,
    'DELETE /users/me/client-keys/:id': clientKeys.remove,
  };
  return { ...bloq, handlers, describeError };
}
