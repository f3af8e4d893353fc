import type { Connection, DetailsType, ScopeDescription } from '../../../../db/schema.ts';
import type { Creator } from '../../accounts/creator.ts';
import type { Idempotency } from '../../database/idempotency.ts';
import type { Precondition } from '../../database/precondition.ts';
import type { Subject, TokenState } from '../token-state.ts';
import type { NamedTokenKind } from '../value.ts';

/**
 * Who manages tokens. To an API key exists what the keys of its client made, and nothing else; an operator,
 * which is a client with the scope or an administrator, sees all.
 */
export type TokenActor =
  | {
      kind: 'operator';
      /** The client that the operator's token was issued to. */
      clientId: string;
      /** The public id of that token. */
      tokenId?: string | undefined;
      /** Whether they may make tokens of other clients than that: they may make secrets of those as well. */
      mayChooseClient: boolean;
      /** And of clients of apps, whose secrets are made by another right. */
      mayChooseAppClient: boolean;
    }
  | { kind: 'client'; clientId: string };

/** What has become of a token: `inactive` is one whose client, app or account is disabled, or had all of its tokens ended. */
export type TokenStatus = 'active' | 'expired' | 'revoked' | 'inactive';

/** A token with what its owner is shown of it. Times are seconds since 1970. */
export interface ShownToken extends TokenState {
  status: TokenStatus;
  /** The last characters of its value. */
  hint: string | null;
  /** Whether it was revoked because a leak report named it. */
  leaked: boolean;
  revokedAt: number | null;
  /** To the minute. */
  lastUsedAt: number | null;
  /** The public id of the token that takes its place. */
  successor: string | null;
  /** Who created an API key; null for other tokens, where no person did, and for those of before this was kept. */
  createdBy: Creator | null;
  /** Never given twice. API tokens get one when they are created, others when one is asked for (`numbered`). */
  number: number | null;
}

/** A token that has a number. */
export type NumberedToken = ShownToken & { number: number };

/** A permission on single things (RFC 9396 §2). */
export interface AuthorizationDetail {
  type: string;
  identifier?: string | undefined;
  actions?: string[] | undefined;
  locations?: string[] | undefined;
  datatypes?: string[] | undefined;
  privileges?: string[] | undefined;
}

/** A new token with its value, which is returned only this once. */
export interface CreatedToken {
  token: ShownToken;
  value: string;
}

/** Which tokens a list shows. */
export interface NamedTokenFilter {
  kind?: NamedTokenKind | undefined;
  /** The public `client_id`. To an API key nothing is of another than its own. */
  clientId?: string | undefined;
  accountId?: string | undefined;
  subject?: { type: string; id?: string | undefined } | undefined;
  /** The identifier of the one resource that they are for. */
  resource?: string | undefined;
  /** What the name begins with, in whatever case. */
  name?: string | undefined;
  status?: 'active' | 'expired' | 'revoked' | undefined;
}

/** An API token as a backend requests it. */
export interface NewApiToken {
  /** The public `client_id` of whose token it is; an API key makes those of its own client. */
  clientId?: string | undefined;
  subject: Subject;
  name: string;
  /** Returned by introspection. */
  attributes?: Record<string, unknown> | null | undefined;
  scope?: string[] | undefined;
  /** The identifier of a resource; without it the one that the client gets when it names none. */
  resource?: string | undefined;
  /** Of those that its client has. */
  roles?: string[] | undefined;
  authorizationDetails?: AuthorizationDetail[] | undefined;
  /** Null: never. Absent: in `defaultApiTokenTtl` seconds, or as late as it may where that is earlier. */
  expiresAt?: Date | null | undefined;
}

/** What is left out stays as it is. */
export interface ApiTokenChanges {
  name?: string | undefined;
  attributes?: Record<string, unknown> | null | undefined;
  /** Of those that it has. */
  scope?: string[] | undefined;
  expiresAt?: Date | null | undefined;
}

/** A resource that a person may make tokens for, with what they may choose. */
export interface PersonalChoice {
  identifier: string;
  name: string;
  /** Only those that the person may have in a token of their own. */
  scopes: ScopeDescription[];
  detailsTypes: DetailsType[];
  isDefault: boolean;
  /** Seconds; null: a token may live for ever. */
  maxTtl: number | null;
}

export interface NewPersonalToken {
  name: string;
  resource: string;
  scope: string[];
  authorizationDetails?: AuthorizationDetail[] | undefined;
  /** Null: never, where the resource allows it. */
  expiresAt: Date | null;
}

export interface PersonalTokenChanges {
  name?: string | undefined;
  /** Of those that it has. */
  scope?: string[] | undefined;
  expiresAt?: Date | null | undefined;
}

/** How a new value takes the place of the one before. */
export interface Rotation {
  /** Seconds for which the old value goes on; 0 ends it at once. */
  overlap: number;
  /** When the new one ends; absent: as long from now as the old one was made for. */
  expiresAt?: Date | null | undefined;
}

export interface NewApiKey {
  name: string;
  /** Of `apiKeyScopes`; absent: all of them. */
  scope?: string[] | undefined;
  /** Null: never. Absent: in `apiKeyTtl.default` seconds. */
  expiresAt?: Date | null | undefined;
}

export interface ApiKeyChanges {
  name?: string | undefined;
  expiresAt?: Date | null | undefined;
}

/** What there is, whoever made it. */
export interface NamedTokens {
  /**
   * Newest first; by name where one is searched for, by their end where ended ones are, but of a subject
   * always newest first. Those after the cursor `after`. Throws `invalid_request` for a cursor that is none.
   */
  page(
    actor: TokenActor,
    query: NamedTokenFilter & { after?: string | undefined; limit: number },
  ): Promise<{ items: ShownToken[]; next: string | null }>;
  /** By its public id: to an operator of any kind, to an API key an API token of its client. */
  find(actor: TokenActor, id: string): Promise<ShownToken>;
  /** The token that a value is, where the actor may see it; ended ones too. */
  check(actor: TokenActor, value: string): Promise<ShownToken | undefined>;
  /** The named token with that number, where the actor may see it; ended ones too. */
  findByNumber(actor: TokenActor, number: number): Promise<ShownToken | undefined>;
  /** The tokens, in their order, with their numbers. Those that had none get one, which they keep. */
  numbered(tokens: readonly ShownToken[]): Promise<NumberedToken[]>;
  /**
   * Resolves once it is inactive for every request that begins from now on. Throws `access_denied` for the
   * operator's key, unless the actor presented it.
   */
  revoke(actor: TokenActor, id: string, precondition?: Precondition<ShownToken>): Promise<void>;
  /** Ends all API tokens of a subject, those of the actor's client alone, or, for operators, of the one named. Gives how many. */
  revokeOfSubject(
    actor: TokenActor,
    subject: { type: string; id: string },
    clientId?: string,
  ): Promise<number>;
  /** A token with what its owner is shown. */
  show(state: Pick<ShownToken, 'id'>): Promise<ShownToken | undefined>;
}

/** Tokens that backends make for subjects of their own. */
export interface ApiTokens {
  create(actor: TokenActor, given: NewApiToken, idempotency?: Idempotency): Promise<CreatedToken>;
  /** Throws `conflict` for a token that is no API token: it is its owner's to change. */
  update(
    actor: TokenActor,
    id: string,
    changes: ApiTokenChanges,
    precondition?: Precondition<ShownToken>,
  ): Promise<ShownToken>;
}

/** A token by which its person acts. */
export type ActingToken = Pick<
  TokenState,
  'kind' | 'accountId' | 'clientId' | 'clientScope' | 'roles' | 'scope' | 'audience' | 'payload'
>;

/** Tokens that people make themselves. The faces see to it that whoever makes one has signed in lately. */
export interface PersonalTokens {
  /** The resources that somebody may make tokens for, the default one first. */
  choices(accountId: string): Promise<PersonalChoice[]>;
  /** All that are listed, newest first, ended ones too. */
  list(accountId: string): Promise<ShownToken[]>;
  find(accountId: string, id: string): Promise<ShownToken>;
  /** Throws `conflict` where the name is taken by one that is not over, or there are too many. */
  create(
    accountId: string,
    given: NewPersonalToken,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  /**
   * As `create`, on behalf of the person of a token that was shown: for the same resource, with no scope that it lacks, and
   * limited to single things where it is. Throws `access_denied` for more than that, and for a token that is itself one
   * with a name: none of those creates others.
   */
  createBy(
    by: ActingToken,
    given: NewPersonalToken,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  update(accountId: string, id: string, changes: PersonalTokenChanges): Promise<ShownToken>;
  /** Gives it a new value, under a new id. Throws `conflict` where it is over, or was replaced already. */
  rotate(
    accountId: string,
    id: string,
    rotation: Rotation,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  /** Ends it; one that is over stays as it is. */
  revoke(accountId: string, id: string): Promise<void>;
}

/**
 * The keys with which the backend of a client makes tokens over the API. Whoever calls has made sure that
 * the one who acts may manage the client. `connection` may be a transaction, and then is the one that is used.
 */
export interface ApiKeys {
  /** Newest first, ended ones too. */
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
  /** Gives it a new value, under a new id. Throws `conflict` where it is over, or was replaced already. */
  regenerate(
    connection: Connection,
    clientId: string,
    id: string,
    rotation: Rotation,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  delete(
    connection: Connection,
    clientId: string,
    id: string,
    precondition?: Precondition<ShownToken>,
  ): Promise<void>;
}

export interface NamedTokensDomain {
  namedTokens: NamedTokens;
  apiTokens: ApiTokens;
  personalTokens: PersonalTokens;
  apiKeys: ApiKeys;
}
