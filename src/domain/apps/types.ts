import type { AppPolicy, DisabledBy, Manages } from '../../../db/schema.ts';
import type { Creator } from '../accounts/creator.ts';
import type { AuditEvent } from '../audit/types.ts';
import type { Client } from '../clients/lookup.ts';
import type { Idempotency } from '../database/idempotency.ts';
import type { Precondition } from '../database/precondition.ts';
import type { SigningAlg } from '../keys/signing-keys.ts';
import type { Rights } from '../tokens/entitlements.ts';
import type {
  ApiKeyChanges,
  CreatedToken,
  NewApiKey,
  Rotation,
  ShownToken,
} from '../tokens/named/types.ts';

/**
 * Who acts on an app. A person may what their role in it gives, and of an app that they are no member of
 * they learn nothing; a client of an app, by its internal id, may in that app what its role gives; an operator, which
 * is a backend with the scope or an administrator, may everything.
 */
export type AppActor =
  | { kind: 'account'; accountId: string }
  | { kind: 'client'; client: string }
  | { kind: 'operator' };

/** An app as a member sees it. */
export interface App {
  /** Internal; never changes. */
  id: string;
  /** What the ids of its clients begin with, and its address; never changes. */
  name: string;
  displayName: string;
  disabledAt: Date | null;
  /** Null where it is not. One that an operator disabled is enabled by an operator alone. */
  disabledBy: DisabledBy | null;
  createdAt: Date;
  members: number;
  clients: number;
  /** Of the one who asks; null for an operator. */
  role: string | null;
  /** What the one who asks may change of it. */
  manages: Manages;
}

/**
 * What kind of program a client is. The kind decides how the client authenticates and which grants it has:
 * `website` runs in browsers only and is public, `website_with_server` has a backend that keeps a secret.
 */
export const clientKinds = [
  'server',
  'website_with_server',
  'website',
  'native',
  'device',
] as const;
export type ClientKind = (typeof clientKinds)[number];

/** Whether clients of the kind have a secret and can have API keys (RFC 6749 §2.1: confidential). */
export const isConfidentialKind = (kind: ClientKind): boolean =>
  kind === 'server' || kind === 'website_with_server';

/** Whether clients of the kind receive authorization codes at redirect URIs. */
export const hasRedirectUris = (kind: ClientKind): boolean =>
  kind === 'website_with_server' || kind === 'website' || kind === 'native';

/** A client of an app. */
export interface AppClient {
  /** Internal; never changes. */
  id: string;
  /** `app:name` */
  clientId: string;
  /** Within its app; never changes. */
  name: string;
  displayName: string;
  kind: ClientKind;
  role: string;
  redirectUris: string[];
  /** What signs its ID tokens; null where it is a server, which gets none. */
  idTokenAlg: SigningAlg | null;
  /** Seconds; null leaves it to the resource. */
  accessTokenTtl: number | null;
  /** Null leaves it to the resource. */
  accessTokenFormat: 'opaque' | 'jwt' | null;
  /** Calls of APIs in a month (UTC) that their guards let it have; null does not limit them. */
  apiCallsLimit: number | null;
  /** Bytes that APIs answer it in a month (UTC); null does not limit them. */
  apiTrafficLimit: number | null;
  /** Guards of APIs serve requests without credentials as this client. */
  allowAnonymous: boolean;
  disabledAt: Date | null;
  /** Null where it is not. One that an operator disabled is enabled by an operator alone. */
  disabledBy: DisabledBy | null;
  createdAt: Date;
}

export interface NewAppClient {
  name: string;
  displayName?: string | undefined;
  kind: ClientKind;
  role: string;
  redirectUris?: string[] | undefined;
  /** Null is the default, `RS256`. */
  idTokenAlg?: SigningAlg | null | undefined;
  accessTokenTtl?: number | null | undefined;
  accessTokenFormat?: 'opaque' | 'jwt' | null | undefined;
  apiCallsLimit?: number | null | undefined;
  apiTrafficLimit?: number | null | undefined;
  allowAnonymous?: boolean | undefined;
}

/** What is left out stays as it is. */
export type AppClientChanges = Partial<Omit<NewAppClient, 'name' | 'kind'>>;

/** A secret of a client, without the secret. */
export interface AppSecret {
  id: string;
  /** Its last characters. */
  hint: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
  /** Null where no person did, and for secrets of before this was kept. */
  createdBy: Creator | null;
}

/** A secret or an API key of a client of an app that works, seen from the person who created it. */
export interface CreatedCredential {
  kind: 'client_secret' | 'api_key';
  /** Of a secret its id, of an API key its public id. */
  id: string;
  /** The name of the client in its app. */
  client: string;
  /** Of an API key; null for a secret. */
  name: string | null;
  /** Its last characters. */
  hint: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
}

/** An API that clients of apps may have tokens for. */
export interface OpenResource {
  identifier: string;
  name: string;
  scopes: { name: string; description: string }[];
  /** What it gives a client that chooses nothing. */
  tokenFormat: 'opaque' | 'jwt';
  accessTokenTtl: number | null;
  isDefault: boolean;
  policy: AppPolicy;
}

export interface AppRole {
  name: string;
  description: string;
  permissions: string[];
  manages: Manages;
  /** Every app has it; only an operator changes it, for all apps. */
  builtIn: boolean;
}

export interface AppMember {
  accountId: string;
  name: string;
  /** Null where they have none, and, but for one's own, to a member who does not manage the app. */
  email: string | null;
  role: string;
  since: Date;
}

export interface AppInvitation {
  id: string;
  /** Null to a member who does not manage the app. */
  email: string | null;
  role: string;
  /** The name of whoever invited; null where an operator did. */
  invitedBy: string | null;
  createdAt: Date;
  expiresAt: Date;
}

/** An invitation as the one who was invited sees it. */
export interface ReceivedInvitation {
  id: string;
  app: { name: string; displayName: string };
  role: string;
  roleDescription: string;
  email: string;
  invitedBy: string | null;
  expiresAt: Date;
}

/** Access tokens that the clients of an app got, by day (UTC), the oldest day first, days without any included. */
export interface AppUsage {
  /** `2026-11-22` */
  days: string[];
  clients: {
    clientId: string;
    displayName: string;
    deleted: boolean;
    accessTokens: number[];
    /** Calls of APIs, and the bytes that they answered, as their guards reported them. */
    apiCalls: number[];
    apiBytes: number[];
  }[];
}

/** A token that a developer got on the page of a client, to see what is in it. */
export interface TrialToken {
  /** What the token endpoint would answer (RFC 6749 §5.1). */
  response: { access_token: string; token_type: string; expires_in: number; scope?: string };
  /** What introspection tells the client of it (RFC 7662 §2.2). */
  introspection: Record<string, unknown>;
  /** What stands in it, where it is a JWT. */
  jwt?: { header: Record<string, unknown>; payload: Record<string, unknown> } | undefined;
}

/** Gets a token of a client without its secret, for somebody who may manage it. */
export type IssueTrialToken = (
  clientId: string,
  request: { resource: string; scope: string },
) => Promise<TrialToken>;

export interface Page {
  after?: string | undefined;
  limit: number;
}

export interface Apps {
  /**
   * Creates an app and its client `default`, a server with the role Reader. `name` is made of the display
   * name where it is left out. A person becomes its Owner; an operator may name one.
   */
  create(
    actor: AppActor,
    given: { displayName: string; name?: string | undefined; ownerId?: string | undefined },
    idempotency?: Idempotency,
  ): Promise<{ app: App; client: AppClient; secret: string }>;
  /** In the order of their names, those after `after`: of a person the ones they are a member of. */
  list(actor: AppActor, page: Page): Promise<App[]>;
  find(actor: AppActor, app: string): Promise<App>;
  update(
    actor: AppActor,
    app: string,
    changes: { displayName?: string | undefined },
    precondition?: Precondition<App>,
  ): Promise<App>;
  /** Ends the tokens of all its clients, and lets them have no more until it is enabled. */
  disable(actor: AppActor, app: string): Promise<App>;
  enable(actor: AppActor, app: string): Promise<App>;
  /** Ends its clients, their tokens and secrets, its memberships, roles and invitations. Its name is never used again. */
  delete(actor: AppActor, app: string, precondition?: Precondition<App>): Promise<void>;
  /** The APIs that clients of apps may have tokens for, the default one first. */
  openResources(): Promise<OpenResource[]>;
}

/** Whoever changes a client, its secrets included, has at least its role: else they would have more by it. */
export interface AppClients {
  create(
    actor: AppActor,
    app: string,
    given: NewAppClient,
    idempotency?: Idempotency,
  ): Promise<{ client: AppClient; secret?: string | undefined }>;
  list(actor: AppActor, app: string): Promise<AppClient[]>;
  find(actor: AppActor, app: string, client: string): Promise<AppClient>;
  update(
    actor: AppActor,
    app: string,
    client: string,
    changes: AppClientChanges,
    precondition?: Precondition<AppClient>,
  ): Promise<AppClient>;
  disable(actor: AppActor, app: string, client: string): Promise<AppClient>;
  enable(actor: AppActor, app: string, client: string): Promise<AppClient>;
  delete(
    actor: AppActor,
    app: string,
    client: string,
    precondition?: Precondition<AppClient>,
  ): Promise<void>;
  /** Those that it has, for whoever manages clients. */
  secrets(actor: AppActor, app: string, client: string): Promise<AppSecret[]>;
  /** One more secret, its value given this once. Throws `conflict` where two are alive already. */
  addSecret(
    actor: AppActor,
    app: string,
    client: string,
    idempotency?: Idempotency,
  ): Promise<{ secret: AppSecret; value: string }>;
  /** With `endTokens` the access and refresh tokens of the client end too: the secret may be known to others. */
  revokeSecret(
    actor: AppActor,
    app: string,
    client: string,
    secretId: string,
    options?: { endTokens?: boolean },
  ): Promise<void>;
  /**
   * Whether the actor may act with the rights of the client, which is to know its secret; it must be enabled,
   * and a server: others have no secret.
   * Whoever gets a token for it without its secret asks first; it is audited as `token.tried`.
   */
  authorizeTrial(actor: AppActor, app: string, client: string): Promise<AppClient>;
}

/**
 * The API keys of a client of an app, for whoever manages its clients and has at least its role. Only a server
 * has some.
 */
export interface AppApiKeys {
  /** Newest first, ended ones too. */
  list(actor: AppActor, app: string, client: string): Promise<ShownToken[]>;
  find(actor: AppActor, app: string, client: string, id: string): Promise<ShownToken>;
  create(
    actor: AppActor,
    app: string,
    client: string,
    given: NewApiKey,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  update(
    actor: AppActor,
    app: string,
    client: string,
    id: string,
    changes: ApiKeyChanges,
    precondition?: Precondition<ShownToken>,
  ): Promise<ShownToken>;
  /** Gives it a new value, under a new id. */
  regenerate(
    actor: AppActor,
    app: string,
    client: string,
    id: string,
    rotation: Rotation,
    idempotency?: Idempotency,
  ): Promise<CreatedToken>;
  delete(
    actor: AppActor,
    app: string,
    client: string,
    id: string,
    precondition?: Precondition<ShownToken>,
  ): Promise<void>;
}

export interface AppRoles {
  /** The built-in ones first, then those of the app by name. */
  list(actor: AppActor, app: string): Promise<AppRole[]>;
  find(actor: AppActor, app: string, name: string): Promise<AppRole>;
  /** Makes a role of the app, or changes it; introspection shows it at once. */
  set(
    actor: AppActor,
    app: string,
    role: {
      name: string;
      description?: string | undefined;
      permissions: string[];
      manages?: 'nothing' | 'clients' | undefined;
    },
    precondition?: Precondition<AppRole>,
  ): Promise<AppRole>;
  /** Throws `conflict` while a client, a member or an invitation has it. */
  delete(
    actor: AppActor,
    app: string,
    name: string,
    precondition?: Precondition<AppRole>,
  ): Promise<void>;
  builtIn(): Promise<AppRole[]>;
  /** Changes what a built-in role permits, in all apps. For operators alone. */
  setBuiltIn(
    role: { name: string; description?: string | undefined; permissions: string[] },
    precondition?: Precondition<AppRole>,
  ): Promise<AppRole>;
}

export interface AppMembers {
  /** Owners first, then by name. */
  list(actor: AppActor, app: string): Promise<AppMember[]>;
  /** Gives a member another role; an operator makes a member of any account by it. The last Owner stays one. */
  set(actor: AppActor, app: string, accountId: string, role: string): Promise<AppMember>;
  /**
   * Removes a member; one of any role may remove themself. The last Owner cannot go. With
   * `endCredentials`, what `credentials` lists ends in the same transaction, and with a secret the access and refresh
   * tokens of its client: else the secrets and API keys that they created work on.
   */
  remove(
    actor: AppActor,
    app: string,
    accountId: string,
    options?: { endCredentials?: boolean },
  ): Promise<void>;
  /**
   * The secrets and API keys of clients of the app that an account created and that have not ended, the newest
   * first, whether it is a member or was one: for those who manage the clients.
   */
  credentials(actor: AppActor, app: string, accountId: string): Promise<CreatedCredential[]>;
  /** Ends what `credentials` lists, also of a former member. An actor who does not manage the app covers the clients' roles. */
  endCredentials(actor: AppActor, app: string, accountId: string): Promise<void>;
  /**
   * Makes another member the Owner; whoever hands it over becomes a Developer, or leaves. An operator says by
   * `from` who that is, where the app has several Owners.
   */
  handOver(
    actor: AppActor,
    app: string,
    change: { to: string; from?: string | undefined; leave: boolean },
  ): Promise<void>;
}

export interface AppInvitations {
  /** `value` is for the link, given this once. Inviting an address again replaces the invitation before. */
  create(
    actor: AppActor,
    app: string,
    given: { email: string; role: string },
    idempotency?: Idempotency,
  ): Promise<{ invitation: AppInvitation & { email: string }; value: string }>;
  list(actor: AppActor, app: string): Promise<AppInvitation[]>;
  revoke(actor: AppActor, app: string, id: string): Promise<void>;
  /** Those that wait for an account, by its address. */
  received(accountId: string): Promise<ReceivedInvitation[]>;
  /** Whom a link invites, while it works. */
  find(value: string): Promise<ReceivedInvitation | undefined>;
  /**
   * By its id; the address must be the account's. Throws `not_found` where it does not hold (any more). Who is
   * a member already keeps their role.
   */
  accept(accountId: string, id: string): Promise<{ app: string }>;
  decline(accountId: string, id: string): Promise<void>;
}

export interface AppActivity {
  /** What happened in an app, newest first, those before the cursor `after`; to members without where it came from, and without the addresses of others where they do not manage the app. */
  page(
    actor: AppActor,
    app: string,
    page: Page,
  ): Promise<{ items: AuditEvent[]; next: string | null }>;
  usage(actor: AppActor, app: string, days?: number): Promise<AppUsage>;
}

/** Calls of APIs, and the bytes that they answered. */
export interface ApiUse {
  calls: number;
  bytes: number;
}

/** What a client used since the month (UTC) began, and its limits; null where it has none. */
export interface ApiUsage extends ApiUse {
  clientId: string;
  callsLimit: number | null;
  trafficLimit: number | null;
}

/** The client as which an app lets everyone in, as introspection would describe its token. */
export interface AnonymousClient extends Rights {
  clientId: string;
}

/** For guards, which are the resource servers of APIs that are open to apps: others get `access_denied`. */
export interface AppApiUsage {
  /**
   * Adds what a resource server has counted since its last report, and tells of each of these clients what it has
   * used this month. Clients that are no app's, or are there no more, are left out.
   */
  report(guard: Client, counted: readonly (ApiUse & { clientId: string })[]): Promise<ApiUsage[]>;
  /** The client of an app that serves requests without credentials: the first by its id, where there are several. */
  anonymousClient(guard: Client, app: string): Promise<AnonymousClient | undefined>;
  /** What a client has used this month, for those who see its app. */
  ofClient(actor: AppActor, app: string, client: string): Promise<ApiUse>;
}

export interface AppsDomain {
  apps: Apps;
  appClients: AppClients;
  appApiKeys: AppApiKeys;
  appRoles: AppRoles;
  appMembers: AppMembers;
  appInvitations: AppInvitations;
  appActivity: AppActivity;
  appApiUsage: AppApiUsage;
}
