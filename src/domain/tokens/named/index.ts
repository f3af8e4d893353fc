/**
 * TOKENS THAT SOMEBODY MADE AND OWNS: personal access tokens of people, API tokens that backends make for
 * their own users, devices and tenants, and the API keys of those backends. They have names, are listed and
 * searched, and can be changed until they end; introspection and revocation treat them like any other. What
 * somebody may not see does not exist for them: all that is here throws `not_found` for it, `access_denied`
 * for more than they have, `conflict` where something else must be done first, and `invalid_request`,
 * `invalid_scope`, `invalid_target` or `invalid_authorization_details` for what cannot be.
 */
import type { Database } from '../../../../db/database.ts';
import type { Connection } from '../../../../db/schema.ts';
import type { ClientLookup } from '../../clients/lookup.ts';
import type { Idempotency } from '../../database/idempotency.ts';
import type { Precondition } from '../../database/precondition.ts';
import type { Resources } from '../../resources/resources.ts';
import type { FindToken } from '../find.ts';
import type { EndToken } from '../revocation.ts';
import { createApiKeys } from './api-keys.ts';
import { createApiTokens } from './api-tokens.ts';
import { createNamedTokens } from './named-tokens.ts';
import { createPersonalTokens } from './personal-access-tokens.ts';
import type {
  ApiKeyChanges,
  ApiTokenChanges,
  Made,
  NamedTokenFilter,
  NewApiKey,
  NewApiToken,
  NewPersonalToken,
  PersonalChoice,
  PersonalTokenChanges,
  Roll,
  ShownToken,
  TokenActor,
} from './types.ts';

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
  /** Resolves once it is inactive for every request that begins from now on. */
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
  create(actor: TokenActor, given: NewApiToken, idempotency?: Idempotency): Promise<Made>;
  /** Throws `conflict` for a token that is no API token: it is its owner's to change. */
  update(
    actor: TokenActor,
    id: string,
    changes: ApiTokenChanges,
    precondition?: Precondition<ShownToken>,
  ): Promise<ShownToken>;
}

/** Tokens that people make themselves. The faces see to it that whoever makes one has signed in lately. */
export interface PersonalTokens {
  /** The resources that somebody may make tokens for, the default one first. */
  choices(accountId: string): Promise<PersonalChoice[]>;
  /** All that are listed, newest first, ended ones too. */
  list(accountId: string): Promise<ShownToken[]>;
  find(accountId: string, id: string): Promise<ShownToken>;
  /** Throws `conflict` where the name is taken by one that is not over, or there are too many. */
  create(accountId: string, given: NewPersonalToken, idempotency?: Idempotency): Promise<Made>;
  update(accountId: string, id: string, changes: PersonalTokenChanges): Promise<ShownToken>;
  /** Gives it a new value, under a new id. Throws `conflict` where it is over, or was replaced already. */
  roll(accountId: string, id: string, roll: Roll, idempotency?: Idempotency): Promise<Made>;
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
  ): Promise<Made>;
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
    roll: Roll,
    idempotency?: Idempotency,
  ): Promise<Made>;
  delete(
    connection: Connection,
    clientId: string,
    id: string,
    precondition?: Precondition<ShownToken>,
  ): Promise<void>;
}

export interface NamedTokensDomain {
  owned: NamedTokens;
  apiTokens: ApiTokens;
  personalTokens: PersonalTokens;
  apiKeys: ApiKeys;
}

export interface NamedTokenDependencies {
  database: Database;
  find: FindToken;
  end: EndToken;
  clients: ClientLookup;
  resources: Pick<Resources, 'find' | 'findDefault' | 'openToApps' | 'openToPeople'>;
}

/** Everything of owned tokens, over one database. */
export function createNamedTokensDomain(dependencies: NamedTokenDependencies): NamedTokensDomain {
  const owned = createNamedTokens(dependencies);
  return {
    owned,
    apiTokens: createApiTokens({ ...dependencies, owned }),
    personalTokens: createPersonalTokens(dependencies),
    apiKeys: createApiKeys(),
  };
}
