import { AsyncLocalStorage } from 'node:async_hooks';
import type { AdapterPayload, errors } from 'oidc-provider';
import type { Account } from '../../domain/accounts/accounts.ts';
import type { Client } from '../../domain/clients/lookup.ts';
import type { Grant } from '../../domain/grants/grants.ts';
import type { Workload } from '../../domain/issuers/workloads.ts';
import type { Resource } from '../../domain/resources/resources.ts';
import type { NewToken, Redemption } from '../../domain/tokens/issue.ts';
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import type { Redeemed } from '../../domain/tokens/redemptions.ts';
import type { Source } from '../../domain/tokens/sources.ts';
import type { TokenState } from '../../domain/tokens/token-state.ts';
import type { Actors } from '../../oauth/actors.ts';
import type { ContinuedRequest } from '../continued-request.ts';
import type { LoginContext } from '../token/login-context.ts';

/** The account of a token, as far as tokens depend on it. */
export type AccountParty = Pick<Account, 'id' | 'roles' | 'epoch'>;

/** How a kind of code or token is redeemed, and what a second redemption gets. */
export interface RedemptionPolicy {
  /** Seconds that the mark of a redemption is kept; longer than the marked value is valid. */
  readonly retainSeconds: number;
  /** Whether the same request gets the same response again within `lifetimes.redemptionWindow`. */
  readonly repeatsResponse: boolean;
  /**
   * Whether the redemption is hidden from the engine, which would otherwise revoke the grant. The request continues and
   * loses at its commit.
   */
  readonly isConcealed: (redeemed: Redeemed) => boolean;
  /** Whether a different request with the same value revokes the grant. */
  readonly revokesOnOtherUse: boolean;
}

/** The session of the browser that sent a request: a person is signed in at Writ. */
export interface BrowserSession {
  /** Visible to its owner. */
  id: string;
  accountId: string;
  signedInAt: Date;
  /** When a second factor was last proven in it; null if never. */
  factorAt: Date | null;
  /** Whether the account has a second factor. */
  hasFactor: boolean;
  /** A policy requires a second factor by now, and the person has none. */
  mustEnrol: boolean;
  /** How the person signed in (RFC 8176). */
  amr: string[];
  /** A digest of the id of the browser, which survives signing out. */
  browser?: Buffer | undefined;
}

/** A code or token that a request redeems. */
export interface Consumed {
  /** The name of the engine's model. */
  kind: string;
  value: string;
  of: Redemption['of'];
  policy: Pick<RedemptionPolicy, 'retainSeconds' | 'repeatsResponse' | 'revokesOnOtherUse'>;
}

/** What a token of token exchange has beyond other tokens. */
export interface ExchangedClaims {
  /** Members of its payload, of introspection and of its JWT. */
  act: Actors | undefined;
  may_act: Record<string, unknown> | undefined;
  /** Its `sub` if that is no account. */
  sub: string | undefined;
  /** The roles that the rule of a trusted issuer leaves. */
  roles: readonly string[] | undefined;
  login: LoginContext;
  sources: readonly Source[];
  /** The subject tokens that limit it, as `TokenState.limitedBy`. */
  limitedBy: readonly TokenState[];
}

/** What the handler of one grant consumes and stores, collected until one statement writes it. */
export interface UnitOfWork {
  consumed: Consumed | undefined;
  tokens: NewToken[];
  /** The authorization details that the request asks for, as far as it names any (RFC 9396 §6). */
  details: readonly AuthorizationDetail[] | undefined;
  /** What a token of token exchange (RFC 8693) states about its subject and its actors. */
  exchange?: ExchangedClaims;
  /** The generation of the trusted issuer whose ID-JAG it redeems. */
  issuer?: string;
  /** The value of the access token, which the ID token beside it states a hash of. */
  accessToken?: string;
  /** The public ID of a rotated token that was presented again after its replay window. */
  reused: string | undefined;
  /** The grant of an already redeemed code; a request other than the one that redeemed it revokes this grant. */
  redeemedGrant: string | undefined;
}

/** The workload that authenticated a request, if a token of a trusted issuer did. */
export interface WorkloadScope {
  readonly workload: Workload;
  /** Whether the token is the assertion of the client, or of the grant itself. */
  readonly of: 'client' | 'grant';
  /** What the engine gets as the client's secret: random, and valid for this request alone. */
  readonly secret: string;
}

/**
 * What a request has read so far. Its new tokens carry the epochs of what it read, so a change that another request
 * commits in the meantime revokes them.
 */
export interface RequestScope {
  readonly clients: Map<string, Client>;
  /** The token that the fast path has read, if the engine has to go on with it. */
  readonly presented: HandedOver | undefined;
  /** Includes the account that a code or refresh token was read with, so its tokens carry the same epochs. */
  readonly accounts: Map<string, AccountParty>;
  readonly grants: Map<string, Grant>;
  readonly resources: Map<string, Resource>;
  /** Set by the gate if a token of a trusted issuer authenticates the client. */
  workload: WorkloadScope | undefined;
  /** Set at the endpoints that a browser is sent to, if a person is signed in. */
  browserSession: BrowserSession | undefined;
  /** The request that is continued after a sign-in, if this is one. */
  continued: ContinuedRequest | undefined;
  /** The pushed request (RFC 9126) that was read, if any. */
  pushed: AdapterPayload | undefined;
  /** Why an authorization request needs a page; undefined once it is answered without one. */
  asks: 'login' | 'consent' | 'interaction' | 'account' | undefined;
  /** An error that the redirect URI of a client of other people gets only once its person has allowed the client. */
  withheld: { readonly error: errors.OIDCProviderError; readonly clientId: string } | undefined;
  /** Whether the authorization request came by POST (OpenID Connect Core §3.1.2.1). */
  wasPosted: boolean;
  /** Whether it came without a session, and is too long for the URL with which the browser would send its cookies. */
  isTooLong: boolean;
  /** Whether an authorization request was stored for its person to decide. */
  isStored: boolean;
  /** The errors that the engine has reported for this request. */
  readonly refusals: errors.OIDCProviderError[];
  /** Set while a grant is handled at the token endpoint. */
  work: UnitOfWork | undefined;
}

/** What the fast path of a grant has read before it left the request to the engine. */
export interface HandedOver {
  client: Client;
  /** The token that was presented, and its value. */
  token: TokenState;
  value: string;
}

const handedOver = new AsyncLocalStorage<HandedOver>();

/** Runs the rest of a request, which then need not read again what the fast path has read. */
export const withHandedOver = <Result>(read: HandedOver, run: () => Result): Result =>
  handedOver.run(read, run);

/** Holds no state of its own; Node finds the scope of the current request through it. */
const storage = new AsyncLocalStorage<RequestScope>();

/** Runs a request in a new scope. */
export function inRequestScope<Result>(run: () => Result): Result {
  const read = handedOver.getStore();
  return storage.run(
    {
      clients: new Map(read && [[read.client.clientId, read.client]]),
      presented: read,
      accounts: new Map(),
      grants: new Map(),
      resources: new Map(),
      workload: undefined,
      browserSession: undefined,
      continued: undefined,
      pushed: undefined,
      asks: 'login',
      withheld: undefined,
      wasPosted: false,
      isTooLong: false,
      isStored: false,
      refusals: [],
      work: undefined,
    },
    run,
  );
}

/** The scope of the current request; undefined outside the engine's endpoints. */
export const currentScope = (): RequestScope | undefined => storage.getStore();
