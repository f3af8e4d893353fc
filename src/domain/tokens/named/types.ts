import type { Connection, DetailsType, ScopeDescription } from '../../../../db/schema.ts';
import type { Creator } from '../../accounts/creator.ts';
import type { Idempotency } from '../../database/idempotency.ts';
import type { Precondition } from '../../database/precondition.ts';
import type { ManagementActor } from '../../roles/management-actor.ts';
import type { Subject, TokenState } from '../token-state.ts';
import type { NamedTokenKind } from '../value.ts';

/**
 * The caller that manages tokens: an operator (a client with the scope, or an administrator), who sees all tokens, or
 * an API key, which sees only the API tokens of its client.
 */
export type TokenActor =
  | {
      kind: 'operator';
      /** The client that the operator's token was issued to. */
      clientId: string;
      /** The public id of that token. */
      tokenId?: string | undefined;
      /** Whether they can create tokens of other clients, which requires the right to create secrets of them. */
      mayChooseClient: boolean;
      /** The same for clients of apps, where another scope grants that right. */
      mayChooseAppClient: boolean;
      /** As whom they manage the accounts of people, whose tokens they can then revoke. */
      manager: ManagementActor;
    }
  | { kind: 'client'; clientId: string };

/**
 * The status of a token. `inactive`: its client, app or account is disabled or had all of its tokens revoked at once, or what it
 * was exchanged for has ended.
 */
export type TokenStatus = 'active' | 'expired' | 'revoked' | 'inactive';

/** A token as its owner sees it. Times are seconds since the epoch. */
export interface ShownToken extends TokenState {
  status: TokenStatus;
  /** The last characters of its value. */
  hint: string | null;
  /** Whether it was revoked because a leak report named it. */
  leaked: boolean;
  revokedAt: number | null;
  /** To the minute. */
  lastUsedAt: number | null;
  /** The public id of the token that replaced this one when it was regenerated. */
  successor: string | null;
  /** The person who created an API key; null for other tokens, API keys that a program created, and old ones. */
  createdBy: Creator | null;
  /** A unique number. API tokens get it at creation, other tokens when `numbered` needs it. */
  number: number | null;
}

/** A token that has a number. */
export type NumberedToken = ShownToken & { number: number };

/** An element of `authorization_details` (RFC 9396 §2). */
export interface AuthorizationDetail {
  type: string;
  identifier?: string | undefined;
  actions?: string[] | undefined;
  locations?: string[] | undefined;
  datatypes?: string[] | undefined;
  privileges?: string[] | undefined;
}

/** A new token with its value, which cannot be read again. */
export interface CreatedToken {
  token: ShownToken;
  value: string;
}

/** A filter for lists of tokens. Conditions are combined with AND. */
export interface NamedTokenFilter {
  kind?: NamedTokenKind | undefined;
  /** The public `client_id`. An API key finds nothing of other clients. */
  clientId?: string | undefined;
  accountId?: string | undefined;
  subject?: { type: string; id?: string | undefined } | undefined;
  /** The identifier of a resource. */
  resource?: string | undefined;
  /** A prefix of the name, case-insensitive. */
  name?: string | undefined;
  status?: 'active' | 'expired' | 'revoked' | undefined;
  /** Only tokens that were issued until then. */
  issuedUntil?: Date | undefined;
}

/** The API token that a backend requests. */
export interface NewApiToken {
  /** The public `client_id`; the default is the client of the API key. */
  clientId?: string | undefined;
  subject: Subject;
  name: string;
  /** Data of the backend, which introspection returns. */
  attributes?: Record<string, unknown> | null | undefined;
  scope?: string[] | undefined;
  /** The identifier of a resource; the default is that of the client (see `defaultResourceFor`). */
  resource?: string | undefined;
  /** A subset of the roles of the client. */
  roles?: string[] | undefined;
  authorizationDetails?: AuthorizationDetail[] | undefined;
  /** Null: never. Default: after `defaultApiTokenTtl` seconds, or the maximum lifetime if that is shorter. */
  expiresAt?: Date | null | undefined;
}

/** Changes of an API token. Members left out keep their value. */
export interface ApiTokenChanges {
  name?: string | undefined;
  attributes?: Record<string, unknown> | null | undefined;
  /** A subset of its scopes. */
  scope?: string[] | undefined;
  expiresAt?: Date | null | undefined;
}

/** A resource that a person can create personal access tokens for, with the choices they have. */
export interface PersonalChoice {
  identifier: string;
  name: string;
  /** The scopes that this person can choose. */
  scopes: ScopeDescription[];
  detailsTypes: DetailsType[];
  isDefault: boolean;
  /** The maximum lifetime in seconds; null for no limit. */
  maxTtl: number | null;
}

/** The personal access token that a person requests. */
export interface NewPersonalToken {
  name: string;
  resource: string;
  scope: string[];
  authorizationDetails?: AuthorizationDetail[] | undefined;
  /** Null: never, if the resource allows that. */
  expiresAt: Date | null;
}

/** Changes of a personal access token. Members left out keep their value. */
export interface PersonalTokenChanges {
  name?: string | undefined;
  /** A subset of its scopes. */
  scope?: string[] | undefined;
  expiresAt?: Date | null | undefined;
}

/** How a token is regenerated. */
export interface Rotation {
  /** Seconds for which the old value remains valid; 0 revokes it at once. */
  overlap: number;
  /** When the new value expires. Default: after the lifetime that the old one was created with. */
  expiresAt?: Date | null | undefined;
}

/** The API key that is requested. */
export interface NewApiKey {
  name: string;
  /** A subset of `apiKeyScopes`, which is the default. */
  scope?: string[] | undefined;
  /** Null: never. Default: after `apiKeyTtl.default` seconds. */
  expiresAt?: Date | null | undefined;
}

/** Changes of an API key. Members left out keep their value. */
export interface ApiKeyChanges {
  name?: string | undefined;
  expiresAt?: Date | null | undefined;
}

/** Operations on all tokens that an actor can see, of every kind. */
export interface NamedTokens {
  /**
   * A page of a list, after the cursor `after`. A filter by subject sorts newest first, otherwise one by name sorts by
   * name, one by the status `expired` or `revoked` by that time, latest first, and all others newest first. A page can have
   * fewer items than `limit`, even none, and a `next`. Throws `invalid_request` for a malformed cursor.
   */
  page(
    actor: TokenActor,
    query: NamedTokenFilter & { after?: string | undefined; limit: number },
  ): Promise<{ items: ShownToken[]; next: string | null }>;
  /** The token with this public id, active or not. */
  find(actor: TokenActor, id: string): Promise<ShownToken>;
  /** The token with this value, active or not; undefined if the actor cannot see it. */
  check(actor: TokenActor, value: string): Promise<ShownToken | undefined>;
  /** The named token with this number, active or not; undefined if the actor cannot see it. */
  findByNumber(actor: TokenActor, number: number): Promise<ShownToken | undefined>;
  /** The same tokens in the same order with their numbers. Assigns numbers to those without one. */
  numbered(tokens: readonly ShownToken[]): Promise<NumberedToken[]>;
  /**
   * Revokes a token, and with a refresh token its grant. When it resolves, every request that begins afterwards sees
   * the token as inactive. Throws `access_denied` for the operator's key, unless the actor presented it.
   */
  revoke(actor: TokenActor, id: string, precondition?: Precondition<ShownToken>): Promise<void>;
  /**
   * Revokes all API tokens of a subject and returns their number. An API key reaches only its own client; an operator
   * all clients, or the one named.
   */
  revokeOfSubject(
    actor: TokenActor,
    subject: { type: string; id: string },
    clientId?: string,
  ): Promise<number>;
  /** The token with this primary key as its owner sees it. Does not check an actor. */
  show(state: Pick<ShownToken, 'id'>): Promise<ShownToken | undefined>;
}

/** API tokens, which backends create for subjects of their own. */
export interface ApiTokens {
  create(actor: TokenActor, given: NewApiToken, idempotency?: Idempotency): Promise<CreatedToken>;
  /** Throws `conflict` for tokens of other kinds, which only their owners can change. */
  update(
    actor: TokenActor,
    id: string,
    changes: ApiTokenChanges,
    precondition?: Precondition<ShownToken>,
  ): Promise<ShownToken>;
}

/** The presented token, by which a person acts. */
export type ActingToken = Pick<
  TokenState,
  'kind' | 'accountId' | 'clientId' | 'clientScope' | 'roles' | 'scope' | 'audience' | 'payload'
>;

/** Personal access tokens. The pages require a recent sign-in before they create one. */
export interface PersonalTokens {
  /** The resources that a person can create tokens for, the default one first. */
  choices(accountId: string): Promise<PersonalChoice[]>;
  /** All tokens on the person's list, active or not, newest first. */
  list(accountId: string): Promise<ShownToken[]>;
  find(accountId: string, id: string): Promise<ShownToken>;
  /** Throws `conflict` if an active token has the same name, or the person has too many tokens. */
  create(
    accountId: string,
    given: NewPersonalToken,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  /**
   * Creates a token for the person of a presented token. It must be for the same resource, and its scope and
   * authorization details must be within those of the presented token. Throws `access_denied` otherwise, and if the
   * presented token is itself a named token.
   */
  createBy(
    by: ActingToken,
    given: NewPersonalToken,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  update(accountId: string, id: string, changes: PersonalTokenChanges): Promise<ShownToken>;
  /**
   * Regenerates a token: it gets a new value and a new id. Throws `conflict` if it is inactive or was regenerated
   * before.
   */
  rotate(
    accountId: string,
    id: string,
    rotation: Rotation,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  /** Revokes a token; no effect if it is expired or revoked. */
  revoke(accountId: string, id: string): Promise<void>;
}

/**
 * API keys, with which the backend of a client creates API tokens. Callers must check that the actor can manage the
 * client. If `connection` is a transaction, the operation is part of it.
 */
export interface ApiKeys {
  /** All keys of a client, active or not, newest first. */
  list(connection: Connection, clientId: string): Promise<ShownToken[]>;
  find(connection: Connection, clientId: string, id: string): Promise<ShownToken>;
  create(
    connection: Connection,
    clientId: string,
    given: NewApiKey,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  update(
    connection: Connection,
    clientId: string,
    id: string,
    changes: ApiKeyChanges,
    precondition?: Precondition<ShownToken>,
  ): Promise<ShownToken>;
  /** Gives a key a new value and a new id. Throws `conflict` if it is inactive or was regenerated before. */
  regenerate(
    connection: Connection,
    clientId: string,
    id: string,
    rotation: Rotation,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  /** Revokes a key; no effect if it is expired or revoked. */
  delete(
    connection: Connection,
    clientId: string,
    id: string,
    precondition?: Precondition<ShownToken>,
  ): Promise<void>;
}

/** The operations of this folder. */
export interface NamedTokensDomain {
  namedTokens: NamedTokens;
  apiTokens: ApiTokens;
  personalTokens: PersonalTokens;
  apiKeys: ApiKeys;
}
