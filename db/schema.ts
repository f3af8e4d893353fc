import type { ColumnType, Generated, Kysely } from 'kysely';

type Json<T> = ColumnType<T, string, string>;
type Timestamp = ColumnType<Date, Date | string, Date | string>;
type Created = ColumnType<Date, never, never>;

/** A scope of a resource, and the sentence that a person reads before granting it. */
export interface ScopeDescription {
  name: string;
  description: string;
}

/** The administrator's policy for clients of apps at a resource. */
export interface AppPolicy {
  /** The formats of access tokens that a developer can choose from. */
  token_formats: ('opaque' | 'jwt')[];
  /** The maximum lifetime of access tokens in seconds. */
  longest_access_token_ttl: number;
  /** The maximum lifetime of API tokens in seconds; null for unlimited. Absent: the default. */
  longest_api_token_ttl?: number | null | undefined;
}

/** The administrator's policy for personal access tokens at a resource. */
export interface PersonalPolicy {
  /** The maximum lifetime in seconds; null for unlimited. */
  longest_ttl: number | null;
  /** Scopes of the resource that personal access tokens cannot have. */
  withheld_scopes?: string[] | undefined;
}

/** The administrator's policy for clients that registered themselves at a resource. */
export interface SelfRegisteredPolicy {
  /** The scopes that they can have; absent: all scopes of the resource. */
  scopes?: string[] | undefined;
  /** The maximum lifetime of their access tokens in seconds. */
  longest_access_token_ttl: number;
}

/**
 * How a client came here if no one here created it: by its metadata document, or by a registration (RFC 7591).
 */
export type ClientOrigin = 'document' | 'registration';

/** A type of authorization details (RFC 9396 §2) of a resource: a kind of object that tokens can be limited to. */
export interface DetailsType {
  type: string;
  /** A name of such an object for people. */
  description: string;
  /** The actions on such an object; empty if only the API knows them. */
  actions: string[];
}

/** People whose claims at an identity provider have this value get these roles. */
export interface RoleRule {
  claim: string;
  value: string;
  roles: string[];
}

/** The public keys of a trusted issuer (RFC 7517 §5). */
export interface IssuerKeySet {
  keys: Record<string, unknown>[];
}

/** Tokens of a trusted issuer whose claims match all of these patterns are the credentials of this client. */
export interface IssuerRule {
  name: string;
  /** By the name of a claim, or a path with dots: patterns, of which one must match. */
  claims: Record<string, string[]>;
  /** The `client_id`. */
  client: string;
  /** The scopes that the client can get by this rule; null: all of its own. */
  scopes: string[] | null;
  /** The roles that its tokens have by this rule; null: all of its own. */
  roles: string[] | null;
  enabled: boolean;
}

/** A postal address (OpenID Connect Core §5.1.1). */
export interface PostalAddress {
  formatted?: string | undefined;
  street_address?: string | undefined;
  locality?: string | undefined;
  region?: string | undefined;
  postal_code?: string | undefined;
  country?: string | undefined;
}

/** The pages that a person accepted when they registered; null if the installation had none. */
export interface AcceptedTerms {
  terms_url: string | null;
  privacy_url: string | null;
  /** ISO 8601. */
  accepted_at: string;
}

/**
 * Who disabled an app or a client: a member, or an operator, whom members cannot overrule. A client that a person
 * registered for others to use is disabled by a `member` while that person's account is disabled.
 */
export type DisabledBy = 'member' | 'operator';

/** What a role lets a member change in an app: nothing, its clients, or everything. */
export type Manages = 'nothing' | 'clients' | 'app';

/** The tables after the last migration. `test/db/schema.test.ts` compares the two. */
export interface Schema {
  /** One row: the permanent decisions of this installation. */
  installation: { singleton: Generated<boolean>; issuer: string; created_at: Created };
  /** Random keys that must be read again, so they are sealed and never stored in clear text. */
  sealed_key: { id: string; purpose: string; sealed: Buffer; created_at: Created };
  /** Keys that sign JWTs. The private part is sealed. */
  signing_key: {
    kid: string;
    alg: string;
    state: Generated<'announced' | 'signing' | 'retired'>;
    public_jwk: Json<Record<string, unknown>>;
    sealed_private_jwk: Buffer;
    created_at: Created;
    signing_since: Timestamp | null;
    retired_at: Timestamp | null;
    /** When the algorithm of the key was last seen in use; see `domain/keys/algorithms.ts`. */
    used_at: Timestamp | null;
  };
  /** A name and its permissions. */
  role: {
    name: string;
    description: Generated<string>;
    permissions: string[];
    /** Scopes of Writ's own API that people with the role have; of administrators, who have all, it is empty. */
    api_scopes: Generated<string[]>;
    /** In how many days people with the role must have a second factor, from when that first applied; null: it is optional. */
    second_factor_within_days: ColumnType<number | null, number | null | undefined, number | null>;
    created_at: Created;
    updated_at: ColumnType<Date, never, Date>;
  };
  /** An API that tokens are for (RFC 8707). */
  resource: {
    identifier: string;
    name: string;
    scopes: Json<ScopeDescription[]>;
    token_format: 'opaque' | 'jwt';
    signing_alg: string;
    access_token_ttl: number | null;
    is_default: Generated<boolean>;
    created_at: Created;
    /** What clients of apps can get of it; null if nothing. */
    app_policy: Json<AppPolicy> | null;
    /** What personal access tokens can get of it; null if nothing. */
    personal_policy: Json<PersonalPolicy> | null;
    /** What clients that registered themselves can get of it; null if nothing. */
    self_registered_policy: ColumnType<
      SelfRegisteredPolicy | null,
      string | null | undefined,
      string | null
    >;
    details_types: ColumnType<DetailsType[], string | undefined, string>;
    /** The attribute of the person that each claim of its tokens has. */
    claims: ColumnType<Record<string, string>, string | undefined, string>;
  };
  /** Groups of clients that people own. Rows are never deleted, because the names are in client ids. */
  app: {
    id: Generated<string>;
    /** The prefix of its client ids; never changes. */
    name: string;
    display_name: Generated<string>;
    epoch: Generated<number>;
    disabled_at: Timestamp | null;
    disabled_by: DisabledBy | null;
    deleted_at: Timestamp | null;
    created_at: Created;
    updated_at: ColumnType<Date, never, Date>;
  };
  /** Roles of clients and members of an app. A role without an app exists in every app. */
  app_role: {
    app_id: string | null;
    name: string;
    description: Generated<string>;
    permissions: string[];
    /** What members with this role can change in the app itself. */
    manages: Manages;
    created_at: Created;
    updated_at: ColumnType<Date, never, Date>;
  };
  app_member: { app_id: string; account_id: string; role: string; created_at: Created };
  /** Invitations to become a member, found by the digest of the link or by the email address. */
  app_invitation: {
    id: Generated<string>;
    app_id: string;
    email: string;
    role: string;
    digest: Buffer;
    invited_by: string | null;
    created_at: Timestamp;
    expires_at: Timestamp;
  };
  /** Access tokens that a client got on a day (UTC), written once a minute, and what API guards reported about it. */
  client_usage: {
    client_id: string;
    day: string;
    access_tokens: Generated<number>;
    api_calls: Generated<number>;
    api_bytes: Generated<number>;
  };
  account: {
    id: Generated<string>;
    email: string | null;
    name: Generated<string>;
    roles: Generated<string[]>;
    epoch: Generated<number>;
    disabled_at: Timestamp | null;
    created_at: Created;
    /** argon2id in PHC format; null until the person has chosen a password. */
    password_hash: string | null;
    password_changed_at: Timestamp | null;
    last_sign_in_at: Timestamp | null;
    /** Whether the email address is known to be the person's. */
    email_verified: Generated<boolean>;
    given_name: string | null;
    family_name: string | null;
    nickname: string | null;
    picture: string | null;
    locale: string | null;
    zoneinfo: string | null;
    phone_number: string | null;
    phone_number_verified: Generated<boolean>;
    address: Json<PostalAddress> | null;
    /** Set by administrators. */
    attributes: ColumnType<Record<string, unknown>, string | undefined, string>;
    profile_updated_at: Generated<Date>;
    /** When each policy that requires a second factor first applied, by its source (`domain/accounts/factor-policy.ts`). */
    factor_policies: ColumnType<Record<string, string>, string | undefined, string>;
    /** The random ID by which authenticators know the account (WebAuthn); null until it gets its first passkey. */
    passkey_handle: Buffer | null;
    /** When the person registered, while an administrator has not approved it. The account is disabled until then. */
    approval_requested_at: Timestamp | null;
    /** What the person accepted when they registered. */
    accepted_terms: Json<AcceptedTerms> | null;
    /** Since then, the row has no personal data but keeps the id and the epoch. */
    deleted_at: ColumnType<Date | null, never, Date>;
  };
  /** The link with which a person chooses a password: at most one for each account, stored as a digest. */
  invitation: {
    account_id: string;
    digest: Buffer;
    /** It was sent to the address of the account. */
    by_email: Generated<boolean>;
    created_at: Timestamp;
    expires_at: Timestamp;
  };
  /** Planned resets of the second factors of people. A row is deleted when the reset is done, cancelled or stopped. */
  factor_reset: {
    account_id: string;
    id: Generated<string>;
    planned_at: Created;
    due_at: Timestamp;
  };
  /** Signed-in browsers, found by the digest of the cookie. */
  session: {
    /** The first use by another browser on another network, if there was one. */
    elsewhere_at: Timestamp | null;
    elsewhere_ip: string | null;
    elsewhere_user_agent: string | null;
    id: Generated<string>;
    digest: Buffer;
    account_id: string;
    /** When the password was last entered. */
    signed_in_at: Generated<Date>;
    last_seen_at: Generated<Date>;
    expires_at: Timestamp;
    ip: string | null;
    user_agent: string | null;
    /** How the person signed in, and what they have proven since (RFC 8176). */
    amr: Generated<string[]>;
    /** When a second factor, or a passkey with user verification, was last proven in it; null if never. */
    factor_at: Timestamp | null;
    /** The identity at another provider that the person signed in with, and the `sid` of the session there. */
    identity_id: ColumnType<string | null, string | null | undefined, string | null>;
    upstream_sid: ColumnType<string | null, string | null | undefined, string | null>;
  };
  /** The authenticator app of an account (RFC 6238), which a code has confirmed: at most one. */
  authenticator: {
    account_id: string;
    /** Sealed. */
    secret: Buffer;
    created_at: Created;
    last_used_at: Generated<Date>;
    /** The time step of the last accepted code: this one and earlier ones are not accepted again. */
    last_step: number;
  };
  /** Recovery codes of accounts, as keyed digests. Used ones stay until the codes are replaced. */
  recovery_code: {
    account_id: string;
    digest: Buffer;
    created_at: Created;
    used_at: Timestamp | null;
  };
  /** Browsers that are not asked for a second factor, found by the digest of their cookie. */
  remembered_browser: {
    id: Generated<string>;
    account_id: string;
    digest: Buffer;
    /** The version of the password with which the person signed in: a change of the password ends it. */
    password_version: string | null;
    created_at: Created;
    last_used_at: Generated<Date>;
    expires_at: Timestamp;
    ip: string | null;
    user_agent: string | null;
  };
  /** Passkeys (WebAuthn), found by the ID that their authenticator gave them. */
  passkey: {
    id: Generated<string>;
    account_id: string;
    credential_id: Buffer;
    /** In the form of COSE (RFC 9052). */
    public_key: Buffer;
    /** The number of its signatures as the authenticator last counted them; 0 if it does not count. */
    counter: ColumnType<number, number, number>;
    /** How a browser reaches the authenticator. */
    transports: Generated<string[]>;
    /** The model of the authenticator, as it says itself; null if it does not say. */
    aaguid: string | null;
    /** Whether it can be copied to other devices of the person, as passkeys in a password manager are. */
    backup_eligible: boolean;
    backed_up: boolean;
    /** Whether the authenticator verified the person when it was added, or together with the password since. */
    user_verified: boolean;
    name: string;
    created_at: Created;
    last_used_at: Timestamp | null;
  };
  /** Other identity providers that people can sign in with. */
  identity_provider: {
    id: string;
    name: string;
    kind: 'oidc' | 'github';
    issuer: string;
    client_id: string;
    sealed_secret: Buffer | null;
    scopes: string[];
    /** The domains of email addresses whose owners are sent there. */
    domains: Generated<string[]>;
    create_accounts: Generated<'no' | 'verified'>;
    allowed_domains: Generated<string[]>;
    role_rules: ColumnType<RoleRule[], string | undefined, string>;
    updates_profile: Generated<boolean>;
    trusts_email: Generated<boolean>;
    trusts_second_factor: Generated<boolean>;
    second_factor_values: Generated<string[]>;
    sign_out: Generated<boolean>;
    private_network: Generated<boolean>;
    enabled: Generated<boolean>;
    position: Generated<number>;
    created_at: Created;
    updated_at: Generated<Date>;
  };
  /** Issuers whose tokens are accepted; see `domain/issuers`. */
  trusted_issuer: {
    id: string;
    name: string;
    issuer: string;
    jwks_uri: string | null;
    jwks: ColumnType<IssuerKeySet | null, string | null, string | null>;
    algorithms: string[];
    audiences: Generated<string[]>;
    uses: string[];
    rules: ColumnType<IssuerRule[], string | undefined, string>;
    /** The identity provider whose linked identities are its subjects. */
    provider_id: string | null;
    /** Seconds, as `token_lifetime`. */
    max_age: number;
    token_lifetime: number;
    single_use: boolean;
    private_network: Generated<boolean>;
    enabled: Generated<boolean>;
    /** Tokens that were issued for tokens of it name this, and are active only while it has it. */
    generation: Generated<string>;
    created_at: Created;
    updated_at: Generated<Date>;
  };
  /** At which authorization servers clients get access for people; see `domain/cross-app-access`. */
  cross_app_access: {
    id: string;
    client_id: string;
    /** The issuer of the other server. */
    audience: string;
    client_id_there: string;
    /** The `client_id` of the other server here. */
    sso_client_id: string | null;
    resources: Generated<string[]>;
    scopes: Generated<string[]>;
    /** Null: for everyone. */
    roles: string[] | null;
    email: Generated<boolean>;
    /** Seconds. */
    lifetime: number;
    enabled: Generated<boolean>;
    created_at: Created;
    updated_at: Generated<Date>;
  };
  /** Identities at other providers, each of one account. */
  linked_identity: {
    id: Generated<string>;
    provider_id: string;
    issuer: string;
    subject: string;
    account_id: string;
    email: string | null;
    username: string | null;
    /** The roles that rules of the provider gave. */
    roles: Generated<string[]>;
    created_at: Created;
    last_used_at: ColumnType<Date | null, Date | null | undefined, Date | string>;
  };
  /** The clients that each session entered. */
  client_login: {
    session_id: string;
    client_id: string;
    /** The grant of the last login; null once it is deleted. */
    grant_id: string | null;
    /** Those of the logins before. Some of them may be deleted. */
    earlier_grants: Generated<string[]>;
    created_at: Created;
    last_login_at: Generated<Date>;
  };
  /** Clients to notify of ended sessions. Rows of delivered and expired notices are deleted. */
  logout_notice: {
    id: Generated<string>;
    client_id: string;
    account_id: string;
    /** The `sid` of the ended session in the client's ID tokens. */
    sid: string | null;
    created_at: Created;
    attempts: Generated<number>;
    next_attempt_at: Generated<Date>;
    expires_at: Timestamp;
  };
  /** Clients (RFC 6749 §2) with RFC 7591 metadata. Rows are never deleted, because a `sub` is never reused. */
  client: {
    id: Generated<string>;
    client_id: string;
    app_id: string | null;
    metadata: Json<Record<string, unknown>>;
    roles: Generated<string[]>;
    resources: Generated<string[]>;
    resource_server_for: Generated<string[]>;
    sample: Generated<boolean>;
    epoch: Generated<number>;
    disabled_at: Timestamp | null;
    disabled_by: DisabledBy | null;
    deleted_at: Timestamp | null;
    created_at: Created;
    updated_at: ColumnType<Date, never, Date>;
    /** The account whose key pair it is; null for all other clients. */
    owner_id: ColumnType<string | null, string | null | undefined, never>;
    /** The account that registered it for others to use; null for all other clients. */
    author_id: ColumnType<string | null, string | null | undefined, never>;
    /** Its description, and whether it is listed publicly; only for clients with an author. */
    description: ColumnType<string | null, string | null | undefined, string | null>;
    listed: Generated<boolean>;
    /** When an administrator first changed a client with an author; the author can no longer change it since then. */
    taken_over_at: ColumnType<Date | null, never, Date>;
    /** Null if an operator, an app or a person created it. */
    origin: ColumnType<ClientOrigin | null, ClientOrigin | null | undefined, never>;
  };
  /** Client ID Metadata Documents by their URLs, as far as this server uses them. */
  client_document: {
    client_id: string;
    metadata: Json<Record<string, unknown>>;
    fetched_at: Timestamp;
    /** Until then, it is not read again. */
    fresh_until: Timestamp;
    /** After a failure: when it is read again, since when it fails, and why. Only for clients that exist. */
    retry_at: Timestamp | null;
    failed_since: Timestamp | null;
    failure: string | null;
  };
  /** Tokens with which programs register clients (RFC 7591 §1.2), found by their digest. */
  initial_access_token: {
    id: Generated<string>;
    digest: Buffer;
    name: string;
    hint: string;
    /** The resources of its clients; empty: those that are open to clients that register themselves. */
    resources: Generated<string[]>;
    uses: Generated<number>;
    max_uses: number;
    /** The account that created it; of a token of an app, the Owner whose rights bound it, or null for an operator. */
    created_by: string | null;
    /** The app of its clients, and their role; null for those of the installation. */
    app_id: string | null;
    app_role: string | null;
    created_at: Created;
    expires_at: Timestamp;
  };
  /** The registrations (RFC 7591) of clients, with the digest of the token that manages each (RFC 7592). */
  client_registration: {
    client_id: string;
    digest: Buffer;
    /** The digest of the token before, until its successor is used. */
    previous_digest: Buffer | null;
    initial_access_token_id: string | null;
    created_at: Created;
  };
  client_secret: {
    id: Generated<string>;
    client_id: string;
    kind: 'keyed' | 'argon2' | 'bcrypt';
    key_id: string | null;
    digest: string;
    hint: string | null;
    created_at: Created;
    expires_at: Timestamp | null;
    last_used_at: Timestamp | null;
    /** The account that created it; null if none did, or if it is older than this column. */
    created_by: string | null;
  };
  /** Approvals of clients by people. */
  oauth_grant: {
    id: string;
    account_id: string;
    client_id: string;
    payload: Json<Record<string, unknown>>;
    epoch: Generated<number>;
    revoked_at: Timestamp | null;
    /** The expiry of the longest-lived token of this grant. */
    live_until: Timestamp;
    created_at: Created;
    /** The device that asked, as shown to the person, or the browser in which an app asked; null if neither. */
    device: Json<Record<string, unknown>> | null;
    last_used_at: Timestamp | null;
    revoked_because: string | null;
    /** A digest of the id of the browser in which a person logged in; null for devices and for unknown browsers. */
    browser: Buffer | null;
  };
  /** Clients that act for people by token exchange; the tokens that they get so have the grant. */
  delegation: {
    account_id: string;
    client_id: string;
    /** Null before the first token, and once the grant is gone. */
    grant_id: string | null;
    since: Created;
    /** When the person ended it: further exchanges are refused until they allow them again. */
    ended_at: Timestamp | null;
  };
  /** What people have allowed each client: they are not asked again. One row for each resource. */
  consent: {
    account_id: string;
    client_id: string;
    /** The identifier of the resource; '' for the scopes of OpenID Connect. */
    resource: string;
    scopes: string[];
    /** Optional scopes that the person unticked. */
    declined: Generated<string[]>;
    created_at: Created;
    updated_at: Generated<Date>;
  };
  /** Decisions of people about devices: one row for each device code, decided once. */
  device_decision: {
    id: Buffer;
    decision: 'approved' | 'denied';
    account_id: string;
    grant_id: string | null;
    details: Json<Record<string, unknown>>;
    decided_at: Created;
    expires_at: Timestamp;
  };
  /** Decisions of people about authorization requests: one row for each request, in however many tabs. */
  consent_decision: {
    id: Buffer;
    decision: 'approved' | 'denied';
    account_id: string;
    grant_id: string | null;
    details: Json<Record<string, unknown>>;
    decided_at: Created;
    expires_at: Timestamp;
  };
  /** Polling intervals of devices, without Redis. */
  device_poll: {
    id: Buffer;
    polled_at: Timestamp;
    interval_seconds: number;
    expires_at: Timestamp;
  };
  /** The counters of rate-limiter-flexible, without Redis. */
  rate_limit: { key: string; points: Generated<number>; expire: number | null };
  /** All tokens. `shelf` is the partition key (`partition` in code); renaming it would break processes of older versions. */
  token: {
    shelf: number;
    key: Buffer;
    kind: 'access_token' | 'refresh_token' | 'personal_access_token' | 'api_token' | 'api_key';
    client_id: string;
    account_id: string | null;
    grant_id: string | null;
    client_epoch: number;
    app_epoch: number;
    account_epoch: number;
    grant_epoch: number;
    scope: string | null;
    audience: string[] | null;
    payload: Json<Record<string, unknown>> | null;
    name: string | null;
    issued_at: Timestamp;
    expires_at: Timestamp | null;
    revoked_at: Timestamp | null;
    /** `leaked`: a leak report revoked it; null for every other reason. */
    revoked_because: string | null;
    consumed_at: Timestamp | null;
    last_used_at: Timestamp | null;
    /** The key that signed it, and the SHA-256 of the whole JWT; null if it is opaque. */
    kid: string | null;
    digest: Buffer | null;
    /** The last characters of its value. */
    hint: string | null;
    /** For whom a backend created it, in the backend's own terms. */
    subject_type: string | null;
    subject_id: string | null;
    /** The key of the token that replaced it, in the same partition. */
    successor: Buffer | null;
    /** The account that created an API key; null for other tokens, if none did, or if it is older than this column. */
    created_by: string | null;
    /** The number by which SQLite Cloud names it; null until one is needed. */
    number: number | null;
  };
  /** The partitions of `token`: created in advance, detached after their week, dropped a week later. */
  shelf: { shelf: number; attached_at: Created; detached_at: Timestamp | null };
  /** Redeemed codes and rotated tokens, with the sealed response that the winner got. */
  redemption: {
    id: Buffer;
    fingerprint: Buffer | null;
    answer: Buffer | null;
    redeemed_at: Created;
    expires_at: Timestamp;
  };
  /** Short-lived state, without Redis. */
  artifact: {
    kind: string;
    id: Buffer;
    sealed: Buffer;
    grant_id: string | null;
    user_code: Buffer | null;
    expires_at: Timestamp;
  };
  /** The change feed: what revoked a token or altered its introspection, in commit order. */
  change: {
    number: number;
    at: Created;
    kind: string;
    token_id: string | null;
    client_id: string | null;
    grant_id: string | null;
    account_id: string | null;
    epoch: number | null;
    kid: string | null;
    /** The name of the app. */
    app: string | null;
    /** That of the token; null for changes that are not of one token. */
    audience: ColumnType<string[] | null, string[] | null | undefined, never>;
  };
  /** Streams of Shared Signals, each of a resource server. */
  signal_stream: {
    id: string;
    client_id: string;
    /** Where events are pushed to; null: the receiver polls. */
    endpoint_url: string | null;
    /** The `Authorization` header of pushes. */
    sealed_authorization: Buffer | null;
    /** Event types; null: all. */
    events_requested: string[] | null;
    description: string | null;
    status: Generated<'enabled' | 'paused' | 'disabled'>;
    reason: string | null;
    /** The number of the last change that was read. */
    position: number;
    verified_at: Date | null;
    /** Failed pushes in a row. */
    attempts: Generated<number>;
    failing_since: Date | null;
    next_attempt_at: Generated<Date>;
    created_at: Created;
    updated_at: Generated<Date>;
  };
  /** Security events that receivers have not acknowledged, in order. */
  signal_event: {
    ordinal: Generated<number>;
    jti: string;
    stream_id: string;
    /** The claims of the SET, without those that every one has. */
    claims: Record<string, unknown>;
    created_at: Created;
  };
  /** The clients and accounts that have had JWTs for an audience, by their internal ids. */
  jwt_audience: { party: string; audience: string };
  /** The audit log: who did what, to whom, from where, when, and if it was allowed. Append-only, partitioned by month. */
  audit_event: {
    id: Generated<number>;
    at: Created;
    action: string;
    result: 'success' | 'refused';
    actor_kind: 'client' | 'account' | 'system';
    actor_id: string | null;
    /** The token that the actor presented. */
    token_id: string | null;
    target_kind: string | null;
    target_id: string | null;
    ip: string | null;
    request_id: string | null;
    details: Json<Record<string, unknown>> | null;
    /** The app that it concerns. */
    app_id: string | null;
    /** The transaction that wrote it, by default the current one; null for events from before this column. */
    xid: ColumnType<string | null, never, never>;
  };
  /** How far the lines of AUDIT_LOG were written: up to this event. No row before the first server with that setting. */
  audit_log_position: {
    only_one: Generated<boolean>;
    xid: string;
    id: number;
    /** Events up to this id are from another database server, and were written or came before the first line. */
    earlier: Generated<number>;
  };
  /** Addresses of people who want to register and have not used their link. They reserve nothing. */
  registration: {
    id: Generated<string>;
    email: string;
    created_at: Created;
    expires_at: Timestamp;
  };
  /** Emails to be sent, and recently sent ones. */
  mail: {
    id: Generated<string>;
    kind: string;
    account_id: string | null;
    /** The recipient, if it is not the address that the account has when the email is sent. */
    recipient: string | null;
    /** Sealed: a link or code that the email contains. Removed once it is sent. */
    secret: Buffer | null;
    details: Json<Record<string, unknown>>;
    /** Identifies an email that must be sent only once, however often its cause is found. */
    once: string | null;
    created_at: Created;
    next_attempt_at: Generated<Date>;
    attempts: Generated<number>;
    sent_at: Timestamp | null;
  };
  /** Links that were sent by email, found by their digest. A used one stays until it expires. */
  mailed_link: {
    digest: Buffer;
    account_id: string;
    purpose: string;
    /** The address that the account gets by it. */
    email: string | null;
    /** Whether that address was known to be the person's. */
    email_verified: boolean | null;
    created_at: Created;
    expires_at: Timestamp;
    used_at: Timestamp | null;
  };
  /** People who forgot their password, by the address that they typed; deleted within a minute. */
  forgotten_password: {
    id: Generated<string>;
    email: string;
    ip: string | null;
    created_at: Created;
  };
  /** The codes of sign-ins that wait for one, by the ID of the sign-in. */
  sign_in_code: {
    id: Buffer;
    account_id: string;
    digest: Buffer;
    attempts: Generated<number>;
    created_at: Created;
    expires_at: Timestamp;
  };
  change_counter: { singleton: Generated<boolean>; last: number };
  /** What all processes counted in steps of ten minutes (`domain/installation/figures.ts`). */
  figure: { name: string; at: Timestamp; client_id: Generated<string>; count: number };
  /** Revocations of all tokens that match a filter (`domain/tokens/bulk-revocations.ts`). */
  bulk_revocation: {
    id: string;
    filter: Json<Record<string, unknown>>;
    /** Who began it, with the scopes that they had. */
    actor: Json<Record<string, unknown>>;
    state: Generated<'running' | 'done' | 'stopped'>;
    /** Where the list of tokens continues; null at its beginning. */
    position: Json<Record<string, string>> | null;
    revoked: Generated<number>;
    refused: Generated<number>;
    began_at: Created;
    /** When its last portion was done. */
    worked_at: ColumnType<Date, never, Date | string>;
    ended_at: Timestamp | null;
  };
  /** The last refusal of a client with each error code (`domain/installation/client-refusals.ts`). */
  client_refusal: {
    client_id: string;
    error: string;
    reason: string;
    address: string | null;
    at: Timestamp;
  };
  /** The last run of each background job (`domain/installation/job-runs.ts`). */
  job_run: {
    name: string;
    began_at: Timestamp;
    seconds: number;
    /** How often it failed in a row. */
    failures: Generated<number>;
    result: Json<Record<string, number>> | null;
    /** Of the last failure, which may be followed by runs without one. */
    error: string | null;
    failed_at: Timestamp | null;
  };
  /** Which process does the work that one process does for all. */
  lease: { name: string; holder: string; expires_at: Timestamp };
}

/** Kysely, for the database or for a transaction. */
export type Connection = Kysely<Schema>;
