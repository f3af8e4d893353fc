/** SQLite Cloud: its routes use the domain. */
import type { Dialect, Handler } from '../framework/dialect.ts';
import { describeError } from './answers.ts';
import { createCalls } from './calls.ts';
import { sqlitecloud } from './description.ts';
import type { sqlitecloudRoutes } from './routes.ts';
import { createTokenCalls, type TokenDependencies } from './tokens.ts';

type Dependencies = Omit<TokenDependencies, 'resource'> &
  Omit<Parameters<typeof createCalls>[0], 'resource'>;

export function createSqliteCloud({ findPrincipal, audit, ...rest }: Dependencies): Dialect {
  const resource = sqlitecloud.resource.identifier;
  const call = createCalls({ findPrincipal, audit, resource });
  const tokens = createTokenCalls({ ...rest, resource });
  const writes = { scope: 'tokens:write', timed: true } as const;
  const reads = { by: ['key'], scope: 'tokens:read' } as const;
  const handlers: Record<keyof typeof sqlitecloudRoutes, Handler> = {
    'POST /v2/tokens': call({ ...writes, by: ['key'], action: 'api_token.created' }, tokens.create),
    'PATCH /v2/tokens': call(
      { ...writes, by: ['key'], action: 'api_token.updated' },
      tokens.update,
    ),
    'DELETE /v2/tokens': call(
      { ...writes, by: ['key', 'token'], action: 'token.revoked' },
      tokens.revoke,
    ),
    'GET /v2/tokens/details': call({ by: ['token'] }, tokens.inspectOwn),
    'POST /v2/tokens/details': call(reads, tokens.inspect),
    'GET /v2/tokens/authorized': call({ by: ['key', 'token'] }, tokens.authorize),
    'GET /v2/tokens/users/:userId': call(reads, tokens.list),
  };
  return { ...sqlitecloud, handlers, describeError };
}
