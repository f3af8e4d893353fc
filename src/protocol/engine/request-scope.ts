import { AsyncLocalStorage } from 'node:async_hooks';
import type { Account } from '../../domain/accounts/accounts.ts';
import type { Client } from '../../domain/clients/lookup.ts';
import type { Grant } from '../../domain/grants/grants.ts';
import type { Resource } from '../../domain/resources/resources.ts';
import type { NewToken, Redemption } from '../../domain/tokens/issue.ts';

/** What is asked of an account that tokens belong to. */
export type Owner = Pick<Account, 'id' | 'roles' | 'epoch'>;

/** What the handling of one grant consumes and stores, gathered until it can be written as one. */
export interface UnitOfWork {
  consumed: { kind: string; value: string; of: Redemption['of'] } | undefined;
  tokens: NewToken[];
  /** The public id of a rotating token that was presented again, after its window. */
  reused: string | undefined;
}

/**
 * What one request has read while it authenticated. Tokens that it stores remember the epochs of
 * these, and not of what another request has made of them since.
 */
export interface RequestScope {
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly clients: Map<string, Client>;
  /** Of a refresh, those that its token was read with: what comes of it is of the same epochs. */
  readonly accounts: Map<string, Owner>;
  readonly grants: Map<string, Grant>;
  readonly resources: Map<string, Resource>;
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
      resources: new Map(),
      work: undefined,
    },
    run,
  );
}

export const currentScope = (): RequestScope | undefined => storage.getStore();
