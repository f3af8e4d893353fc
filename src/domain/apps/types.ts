import type { AppPolicy, DisabledBy, Manages } from '../../../db/schema.ts';
import type { Creator } from '../accounts/creator.ts';
import type { AuditEvent } from '../audit/types.ts';
import type { Agent } from '../clients/agents.ts';
import type { Client } from '../clients/lookup.ts';
import type { InitialAccessToken } from '../clients/registrations/initial-access-tokens.ts';
import type { Idempotency } from '../database/idempotency.ts';
import type { Precondition } from '../database/precondition.ts';
import type { Represented } from '../delegations/delegations.ts';
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
 * The actor of an operation on an app. A person can do what their role permits, and learns nothing about apps they
 * do not belong to. A client of an app, given by internal id, can do in that app what its role permits. An
 * operator, which is a backend with the scope or an administrator, can do everything.
 */
export type AppActor =
  | { kind: 'account'; accountId: string }
  | { kind: 'client'; client: string }
  | { kind: 'operator' };

/** An app as a member sees it. */
export interface App {
  /** Internal; never changes. */
  id: string;
  /** Prefix of the ids of its clients and part of its URL; never changes. */
  name: string;
  displayName: string;
  disabledAt: Date | null;
  /** Null if it is enabled. If an operator disabled it, only an operator can enable it. */
  disabledBy: DisabledBy | null;
  createdAt: Date;
  members: number;
  clients: number;
  /** Role of the actor; null for an operator. */
  role: string | null;
  /** What the actor can manage. */
  manages: Manages;
}

/**
 * The kind of program of a client, which decides how it authenticates and which grants it can use: `website` runs
 * only in browsers and is public, `website_with_server` has a backend that keeps a secret. An `agent` acts for people with
 * tokens of the app's other clients, and for itself.
 */
export const clientKinds = [
  'server',
  'agent',
  'website_with_server',
  'website',
  'native',
  'device',
] as const;
export type ClientKind = (typeof clientKinds)[number];

/** Whether clients of the kind have a secret and can have API keys (RFC 6749 §2.1: confidential). */
export const isConfidentialKind = (kind: ClientKind): boolean =>
  kind === 'server' || kind === 'agent' || kind === 'website_with_server';

/** Whether people sign in to clients of the kind, which therefore get ID tokens. */
export const signsPeopleIn = (kind: ClientKind): boolean => kind !== 'server' && kind !== 'agent';

/** Whether clients of the kind receive authorization codes at redirect URIs. */
export const hasRedirectUris = (kind: ClientKind): boolean =>
  kind === 'website_with_server' || kind === 'website' || kind === 'native';

/** The URLs of a client besides its redirect URIs: where people sign out of it and open it. */
export interface ClientUrls {
  /** Where people return after signing out (OpenID Connect RP-Initiated Logout 1.0 §3.1). */
  postLogoutRedirectUris: string[];
  /** What gets a logout token when a session ends (Back-Channel Logout 1.0 §2.2). */
  backchannelLogoutUri: string | null;
  /** What the browser loads when a person signs out (Front-Channel Logout 1.0 §2). */
  frontchannelLogoutUri: string | null;
  /** What starts a login that was asked for elsewhere (Core §4). */
  initiateLoginUri: string | null;
}

/** What makes a client of an app strict (docs/strict-clients.md). */
export interface ClientSecurity {
  /** The security profile, which sets the rest. */
  profile: 'fapi2' | null;
  /** The public keys that a server or a website with a server authenticates with in place of a secret. */
  jwks: { keys: Record<string, unknown>[] } | null;
  /** Whether its authorization requests must be pushed (RFC 9126). */
  requirePushedRequests: boolean;
  /** Whether all its access tokens are bound to a key (RFC 9449). */
  dpopBound: boolean;
}

/** How people sign in to a client of an app, and what it learns about them. */
export interface ClientSignIn {
  /** Scopes that a person can untick. */
  optionalScopes: string[];
  /** Seconds after which a sign-in is too old, for requests without `max_age`; null for no limit. */
  defaultMaxAge: number | null;
  /** Whether every ID token has `auth_time`. */
  requireAuthTime: boolean;
  /** Whether people must prove a second factor to sign in to it. */
  requireSecondFactor: boolean;
  /** Whether ID tokens have the claims of the requested scopes. */
  claimsInIdToken: boolean;
  /** The algorithm that signs the response of userinfo; null for JSON. */
  userinfoAlg: SigningAlg | null;
}

/** A client of an app. */
export interface AppClient {
  /** Internal; never changes. */
  id: string;
  /** `app:name` */
  clientId: string;
  /** Name within its app; never changes. */
  name: string;
  displayName: string;
  kind: ClientKind;
  role: string;
  redirectUris: string[];
  /** Signing algorithm of its ID tokens; null for a server, which gets none. */
  idTokenAlg: SigningAlg | null;
  /** Seconds; null for the resource's default. */
  accessTokenTtl: number | null;
  /** Null for the resource's default. */
  accessTokenFormat: 'opaque' | 'jwt' | null;
  /** Maximum API calls per month (UTC), enforced by the guards of the APIs; null for no limit. */
  apiCallsLimit: number | null;
  /** Maximum bytes of API responses per month (UTC); null for no limit. */
  apiTrafficLimit: number | null;
  /** Whether guards of APIs serve requests without credentials as this client. */
  allowAnonymous: boolean;
  urls: ClientUrls;
  security: ClientSecurity;
  signIn: ClientSignIn;
  /** Whether it can exchange tokens of the app's clients for its own (RFC 8693). An Owner decides. */
  tokenExchange: boolean;
  /** What it is for, who answers for it, and its limits; null for other kinds than `agent`. */
  agent: Agent | null;
  /** Whether an operator decided that people are not asked to allow it. */
  firstParty: boolean;
  disabledAt: Date | null;
  /** Null if it is enabled. If an operator disabled it, only an operator can enable it. */
  disabledBy: DisabledBy | null;
  createdAt: Date;
}

/** The fields that a caller sets. */
export interface NewAppClient {
  name: string;
  displayName?: string | undefined;
  kind: ClientKind;
  role: string;
  redirectUris?: string[] | undefined;
  /** Null for the default, `RS256`. */
  idTokenAlg?: SigningAlg | null | undefined;
  accessTokenTtl?: number | null | undefined;
  accessTokenFormat?: 'opaque' | 'jwt' | null | undefined;
  apiCallsLimit?: number | null | undefined;
  apiTrafficLimit?: number | null | undefined;
  allowAnonymous?: boolean | undefined;
  /** Omitted ones are empty; in a change they stay. */
  urls?: Partial<ClientUrls> | undefined;
  /** Omitted members stay. */
  security?: { [Name in keyof ClientSecurity]?: ClientSecurity[Name] | undefined } | undefined;
  /** Omitted ones have their defaults; in a change they stay. */
  signIn?: Partial<ClientSignIn> | undefined;
  /** Only Owners can set it. */
  tokenExchange?: boolean | undefined;
  /** An `agent` needs it, others have none. Its owner is a member of the app; default: the actor, or an Owner. */
  agent?: Agent | undefined;
}

/** Changes of a client; omitted fields stay. */
export interface AppClientChanges extends Partial<Omit<NewAppClient, 'name' | 'kind'>> {
  /** Only for operators. */
  firstParty?: boolean | undefined;
}

/** A client secret without its value. */
export interface AppSecret {
  id: string;
  /** Its last characters. */
  hint: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
  /** Null if no person created it, or it predates this field. */
  createdBy: Creator | null;
}

/** A valid secret or API key of a client, listed by the person who created it. */
export interface CreatedCredential {
  kind: 'client_secret' | 'api_key';
  /** Id of a secret, or public id of an API key. */
  id: string;
  /** Name of the client within its app. */
  client: string;
  /** Name of an API key; null for a secret. */
  name: string | null;
  /** Its last characters. */
  hint: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
}

/** An API that clients of apps can get tokens for. */
export interface OpenResource {
  identifier: string;
  name: string;
  scopes: { name: string; description: string }[];
  /** Format for clients that choose none. */
  tokenFormat: 'opaque' | 'jwt';
  accessTokenTtl: number | null;
  isDefault: boolean;
  policy: AppPolicy;
}

/** A role that members and clients of an app can have. */
export interface AppRole {
  name: string;
  description: string;
  permissions: string[];
  manages: Manages;
  /** Whether every app has it. Only operators can change built-in roles, for all apps. */
  builtIn: boolean;
}

/** A member of an app. */
export interface AppMember {
  accountId: string;
  name: string;
  /** Null if the person has none, or if the actor does not manage the app and is not that person. */
  email: string | null;
  role: string;
  since: Date;
}

/** A pending invitation to an app. */
export interface AppInvitation {
  id: string;
  /** Null if the actor does not manage the app. */
  email: string | null;
  role: string;
  /** Name of the inviter; null for an operator. */
  invitedBy: string | null;
  createdAt: Date;
  expiresAt: Date;
}

/** An invitation as the invited person sees it. */
export interface ReceivedInvitation {
  id: string;
  app: { name: string; displayName: string };
  role: string;
  roleDescription: string;
  email: string;
  invitedBy: string | null;
  expiresAt: Date;
}

/** Access tokens issued to the clients of an app by day (UTC), oldest first, including days without any. */
export interface AppUsage {
  /** `2026-11-22` */
  days: string[];
  clients: {
    clientId: string;
    displayName: string;
    deleted: boolean;
    accessTokens: number[];
    /** API calls and response bytes, as reported by guards. */
    apiCalls: number[];
    apiBytes: number[];
  }[];
}

/** A token that a developer requested on a client's page, to see its content. */
export interface TrialToken {
  /** Token response (RFC 6749 §5.1). */
  response: { access_token: string; token_type: string; expires_in: number; scope?: string };
  /** Introspection response to the client (RFC 7662 §2.2). */
  introspection: Record<string, unknown>;
  /** Decoded content, if it is a JWT. */
  jwt?: { header: Record<string, unknown>; payload: Record<string, unknown> } | undefined;
}

/** Issues a token for a client without its secret. The caller has checked the actor with `authorizeTrial`. */
export type IssueTrialToken = (
  clientId: string,
  request: { resource: string; scope: string },
) => Promise<TrialToken>;

/** A page of a list: what follows the cursor `after`, at most `limit` items. */
export interface Page {
  after?: string | undefined;
  limit: number;
}

/** Operations on apps themselves. */
export interface Apps {
  /**
   * Creates an app with a client `default`, a server with the role Reader. Without `name`, one is derived from the
   * display name. A person becomes the Owner; an operator can name one.
   */
  create(
    actor: AppActor,
    given: { displayName: string; name?: string | undefined; ownerId?: string | undefined },
    idempotency?: Idempotency,
  ): Promise<{ app: App; client: AppClient; secret: string }>;
  /**
   * Lists apps by name, after the cursor `after`; only those with `search` in one of their names, or with exactly the
   * display name `named`, if it is given. People only see apps they are a member of.
   */
  list(
    actor: AppActor,
    page: Page & { search?: string | undefined; named?: string | undefined },
  ): Promise<App[]>;
  find(actor: AppActor, app: string): Promise<App>;
  update(
    actor: AppActor,
    app: string,
    changes: { displayName?: string | undefined },
    precondition?: Precondition<App>,
  ): Promise<App>;
  /** Revokes the tokens of all its clients, which can get no new ones until it is enabled. */
  disable(actor: AppActor, app: string): Promise<App>;
  enable(actor: AppActor, app: string): Promise<App>;
  /**
   * Deletes its clients with their tokens and secrets, and its memberships, roles and invitations. Its name is
   * never reused.
   */
  delete(actor: AppActor, app: string, precondition?: Precondition<App>): Promise<void>;
  /** APIs that clients of apps can get tokens for, the default one first. */
  openResources(): Promise<OpenResource[]>;
}

/**
 * Operations on the clients of an app. The role of an actor that changes a client or its credentials must cover the
 * client's role, or the actor could gain rights.
 */
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
  /** Lists its secrets. The actor must manage clients. */
  secrets(actor: AppActor, app: string, client: string): Promise<AppSecret[]>;
  /** Adds a secret; its value is only returned here. Throws `conflict` if it already has two valid ones. */
  addSecret(
    actor: AppActor,
    app: string,
    client: string,
    idempotency?: Idempotency,
  ): Promise<{ secret: AppSecret; value: string }>;
  /**
   * Revokes a secret and, with `endTokens`, the access and refresh tokens of the client, because others may know
   * the secret.
   */
  revokeSecret(
    actor: AppActor,
    app: string,
    client: string,
    secretId: string,
    options?: { endTokens?: boolean },
  ): Promise<void>;
  /**
   * Checks that the actor can act with the rights of the client, as if it knew its secret. The client must be
   * enabled and a server. Call this before issuing a token for it without its secret; it records `token.tried`.
   */
  authorizeTrial(actor: AppActor, app: string, client: string): Promise<AppClient>;
}

/**
 * API keys of a client of an app. The actor must manage clients and have a role that covers the client's. Only
 * servers have API keys.
 */
export interface AppApiKeys {
  /** Newest first, including expired and revoked ones. */
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
  /** Replaces a key by a new one with another value and id. */
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

/** Operations on the roles of an app. */
export interface AppRoles {
  /** Built-in roles first, then those of the app by name. */
  list(actor: AppActor, app: string): Promise<AppRole[]>;
  find(actor: AppActor, app: string, name: string): Promise<AppRole>;
  /** Creates or updates a role of the app; introspection shows the change at once. */
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
  /** Throws `conflict` while a client, a member or a pending invitation has the role. */
  delete(
    actor: AppActor,
    app: string,
    name: string,
    precondition?: Precondition<AppRole>,
  ): Promise<void>;
  builtIn(): Promise<AppRole[]>;
  /** Changes a built-in role in all apps. Only for operators. */
  setBuiltIn(
    role: { name: string; description?: string | undefined; permissions: string[] },
    precondition?: Precondition<AppRole>,
  ): Promise<AppRole>;
}

/** Operations on the members of an app. */
export interface AppMembers {
  /** Owners first, then by name. */
  list(actor: AppActor, app: string): Promise<AppMember[]>;
  /**
   * Assigns a role to a member; an operator can also add any account as a member. The last Owner cannot be changed.
   */
  set(actor: AppActor, app: string, accountId: string, role: string): Promise<AppMember>;
  /**
   * Removes a member. Members with any role can remove themselves; the last Owner cannot leave. The secrets
   * and API keys that the member created stay valid, unless `endCredentials` revokes them in the same transaction,
   * together with the access and refresh tokens of clients whose secrets are among them.
   */
  remove(
    actor: AppActor,
    app: string,
    accountId: string,
    options?: { endCredentials?: boolean },
  ): Promise<void>;
  /**
   * Lists the valid secrets and API keys of the app's clients that an account created, newest first, whether or not
   * it is still a member. The actor must manage clients.
   */
  credentials(actor: AppActor, app: string, accountId: string): Promise<CreatedCredential[]>;
  /**
   * Revokes what `credentials` lists. The role of an actor that does not manage the app must cover the clients'
   * roles.
   */
  endCredentials(actor: AppActor, app: string, accountId: string): Promise<void>;
  /**
   * Makes another member an Owner; the previous Owner becomes a Developer or leaves. For an operator, `from` names
   * the previous Owner if the app has several.
   */
  handOver(
    actor: AppActor,
    app: string,
    change: { to: string; from?: string | undefined; leave: boolean },
  ): Promise<void>;
}

/** Operations on invitations to an app, by its members and by the invited person. */
export interface AppInvitations {
  /**
   * Creates an invitation; `value` is for the link and only returned here. Inviting an address again replaces its
   * previous invitation. By default the link is sent to the address if there is a mail server, unless there were too many such
   * emails (`sentTo` is null). Throws `conflict` if an email is wanted that cannot be sent.
   */
  create(
    actor: AppActor,
    app: string,
    given: { email: string; role: string; sendEmail?: boolean | undefined },
    idempotency?: Idempotency,
  ): Promise<{
    invitation: AppInvitation & { email: string };
    value: string;
    sentTo: string | null;
  }>;
  list(actor: AppActor, app: string): Promise<AppInvitation[]>;
  revoke(actor: AppActor, app: string, id: string): Promise<void>;
  /** Pending invitations for the email address of an account. */
  received(accountId: string): Promise<ReceivedInvitation[]>;
  /** Finds the pending invitation of a link. */
  find(value: string): Promise<ReceivedInvitation | undefined>;
  /**
   * Accepts an invitation by id; it must be for the account's email address. Existing members keep their role.
   * Throws `not_found` if the invitation is unknown or no longer valid.
   */
  accept(accountId: string, id: string): Promise<{ app: string }>;
  decline(accountId: string, id: string): Promise<void>;
}

/** Audit events and usage of an app. */
export interface AppActivity {
  /**
   * Audit events of an app, newest first, from the cursor `after`. Members do not see their origin, and only
   * members who manage the app see other people's email addresses.
   */
  page(
    actor: AppActor,
    app: string,
    page: Page,
  ): Promise<{ items: AuditEvent[]; next: string | null }>;
  usage(actor: AppActor, app: string, days?: number): Promise<AppUsage>;
}

/** API calls and response bytes. */
export interface ApiUse {
  calls: number;
  bytes: number;
}

/** Usage of a client in the current month (UTC) and its limits; null for no limit. */
export interface ApiUsage extends ApiUse {
  clientId: string;
  callsLimit: number | null;
  trafficLimit: number | null;
}

/** The client that stands for anonymous requests to an app, with its rights as introspection would return them. */
export interface AnonymousClient extends Rights {
  clientId: string;
}

/** A person for whom a client of an app acts. */
export interface AppRepresented extends Represented {
  /** Only of members of the app, for those who manage it; operators see all. */
  name: string | null;
}

/** What an agent does now. */
export interface AgentState {
  /** The number of people for whom it acts. */
  people: number;
  /** The name of its owner; null if they are no longer a member. */
  owner: string | null;
  /** What it used of its limits in this hour; only what has a limit is counted. */
  use: { requests: number; tokens: number };
  /** Whether it is one of its hours. */
  isWithinHours: boolean;
}

/** Operations on agents, and on the delegations of any client of an app. */
export interface AppAgents {
  state(actor: AppActor, app: string, client: string): Promise<AgentState>;
  /** The people for whom a client acts or did, by their accounts. The actor must manage the app. */
  people(
    actor: AppActor,
    app: string,
    client: string,
    page?: { limit?: number; after?: string | undefined },
  ): Promise<AppRepresented[]>;
  /**
   * Stops a client from acting for a person; only that person can allow it again. The actor must manage the app. Throws `not_found` if
   * it does not act for them.
   */
  endDelegation(actor: AppActor, app: string, client: string, accountId: string): Promise<void>;
  /**
   * Audit events of a client, newest first: what was done with it, and what it did. Those that are about one person only for
   * actors that manage the app.
   */
  activity(
    actor: AppActor,
    app: string,
    client: string,
    page: Page & { person?: string | undefined },
  ): Promise<{ items: AuditEvent[]; next: string | null }>;
}

/** What an Owner chooses for an initial access token. */
export interface NewAppInitialAccessToken {
  name: string;
  /** The role of the clients that are registered with it. */
  role: string;
  maxUses: number;
  expiresAt: Date;
}

/** Initial access tokens of an app, with which programs register clients of it. The actor must manage the app. */
export interface AppInitialAccessTokens {
  /** Those that have not expired, the newest first. */
  list(actor: AppActor, app: string): Promise<InitialAccessToken[]>;
  /** Its value is only returned here. The actor needs every right of the role. */
  create(
    actor: AppActor,
    app: string,
    given: NewAppInitialAccessToken,
    idempotency?: Idempotency,
  ): Promise<{ token: InitialAccessToken; value: string }>;
  /** Clients that it has registered stay. */
  revoke(actor: AppActor, app: string, id: string): Promise<void>;
}

/** Operations for guards, the resource servers of APIs that are open to apps. Other callers get `access_denied`. */
export interface AppApiUsage {
  /**
   * Adds the counts of a resource server since its last report, and returns the month's usage of these clients.
   * Clients that belong to no app or were deleted are omitted.
   */
  report(guard: Client, counted: readonly (ApiUse & { clientId: string })[]): Promise<ApiUsage[]>;
  /** The client of an app for requests without credentials: the first by id if there are several. */
  anonymousClient(guard: Client, app: string): Promise<AnonymousClient | undefined>;
  /** Usage of a client this month, for actors that see its app. */
  ofClient(actor: AppActor, app: string, client: string): Promise<ApiUse>;
}

/** All operations on apps. */
export interface AppsDomain {
  apps: Apps;
  appClients: AppClients;
  appApiKeys: AppApiKeys;
  appRoles: AppRoles;
  appMembers: AppMembers;
  appInvitations: AppInvitations;
  appActivity: AppActivity;
  appAgents: AppAgents;
  appInitialAccessTokens: AppInitialAccessTokens;
  appApiUsage: AppApiUsage;
}
