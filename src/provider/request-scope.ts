import { AsyncLocalStorage } from 'node:async_hooks';
import type { Account } from '../domain/accounts.ts';
import type { Client } from '../domain/clients/lookup.ts';
import type { Grant } from '../domain/grants.ts';
import type { TokenState } from '../domain/tokens/lookup.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/**
 * What one request has read while it authenticated. Tokens that it stores remember the epochs of
 * these, and not of what another request has made of them since.
 */
export interface RequestScope {
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly clients: Map<string, Client>;
  readonly accounts: Map<string, Account>;
  readonly grants: Map<string, Grant>;
  /** The refresh token that was presented: what comes of it is of its epochs. */
  presented: TokenState | undefined;
  /** Set while a grant is handled. */
  work: UnitOfWork | undefined;
}

const storage = new AsyncLocalStorage<RequestScope>();

/** Runs a request in a scope of its own. */
export function inRequestScope<Result>(run: () => Result): Result {
  return storage.run(
    {
      startedAt: Date.now() / 1000,
      clients: new Map(),
      accounts: new Map(),
      grants: new Map(),
      presented: undefined,
      work: undefined,
    },
    run,
  );
}

export const currentScope = (): RequestScope | undefined => storage.getStore();
