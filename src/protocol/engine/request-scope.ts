import { AsyncLocalStorage } from 'node:async_hooks';
import type { AdapterPayload, errors } from 'oidc-provider';
import type { Account } from '../../domain/accounts/accounts.ts';
import type { Client } from '../../domain/clients/lookup.ts';
import type { Grant } from '../../domain/grants/grants.ts';
import type { Resource } from '../../domain/resources/resources.ts';
import type { NewToken, Redemption } from '../../domain/tokens/issue.ts';
import type { Redeemed } from '../../domain/tokens/redemptions.ts';
import type { ContinuedRequest } from '../continued-request.ts';

/** What is read of an account that tokens belong to. */
export type AccountParty = Pick<Account, 'id' | 'roles' | 'epoch'>;

/** How a kind of code or token is redeemed: once, and what a second redemption gets. */
export interface RedemptionPolicy {
  /** Seconds that the mark of a redemption is kept: longer than what it marks can be presented. */
  readonly retainSeconds: number;
  /** Whether the same request, repeated within `lifetimes.redemptionWindow`, gets the same response again. */
  readonly repeatsResponse: boolean;
  /**
   * Whether the engine does not learn of a redemption, which it would answer by revoking the grant. The
   * request goes on and loses when it commits.
   */
  readonly isConcealed: (redeemed: Redeemed) => boolean;
  /** Whether a request that is not the one which redeemed it revokes the grant. */
  readonly revokesOnOtherUse: boolean;
}

/** A code or token that a request redeems. */
export interface Consumed {
  /** The engine's model. */
  kind: string;
  value: string;
  of: Redemption['of'];
  policy: Pick<RedemptionPolicy, 'retainSeconds' | 'repeatsResponse' | 'revokesOnOtherUse'>;
}

/** What the handling of one grant consumes and stores, gathered until it can be written in one statement. */
export interface UnitOfWork {
  consumed: Consumed | undefined;
  tokens: NewToken[];
  /** The public id of a rotating token that was presented again, after its window. */
  reused: string | undefined;
  /** The grant of a presented code that was redeemed before, and that any other request revokes. */
  redeemedGrant: string | undefined;
}

/**
 * What one request has read so far. The tokens that it stores remember the epochs of these readings: a
 * change that another request commits in the meantime ends them.
 */
export interface RequestScope {
  readonly clients: Map<string, Client>;
  /** Those that a code or refresh token was read with: tokens issued for it are of the same epochs. */
  readonly accounts: Map<string, AccountParty>;
  readonly grants: Map<string, Grant>;
  readonly resources: Map<string, Resource>;
  /** The request that arrived before its person had signed in, where this one goes on with it. */
  continued: ContinuedRequest | undefined;
  /** The pushed request (RFC 9126) that was read. */
  pushed: AdapterPayload | undefined;
  /** An authorization request was stored for its person to answer. */
  isStored: boolean;
  /** What the engine has reported of why it refuses the request. */
  readonly refusals: errors.OIDCProviderError[];
  /** Set while a grant is handled at the token endpoint. */
  work: UnitOfWork | undefined;
}

/** Empty by itself: it finds the scope of the request that runs. */
const storage = new AsyncLocalStorage<RequestScope>();

/** Runs a request in its own scope. */
export function inRequestScope<Result>(run: () => Result): Result {
  return storage.run(
    {
      clients: new Map(),
      accounts: new Map(),
      grants: new Map(),
      resources: new Map(),
      continued: undefined,
      pushed: undefined,
      isStored: false,
      refusals: [],
      work: undefined,
    },
    run,
  );
}

/** The scope of the request that runs; undefined outside of requests to the engine. */
export const currentScope = (): RequestScope | undefined => storage.getStore();
