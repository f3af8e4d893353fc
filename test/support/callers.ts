import { type ApiScope, apiScopes } from '../../config/scopes.ts';
import type { Caller } from '../../src/domain/roles/management-actor.ts';

const everyScope = Object.keys(apiScopes) as ApiScope[];

/** A caller of the management operations with these scopes; by default all. */
export const caller = (...scopes: ApiScope[]): Caller => ({
  kind: 'client',
  id: 'manager',
  scopes: new Set(scopes.length > 0 ? scopes : everyScope),
});

/** A caller with every scope but these. */
export const callerWithout = (...scopes: ApiScope[]): Caller =>
  caller(...everyScope.filter((scope) => !scopes.includes(scope)));
