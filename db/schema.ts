import type { ColumnType, Generated, Kysely } from 'kysely';

type Json<T> = ColumnType<T, string, string>;
type Timestamp = ColumnType<Date, Date | string, Date | string>;
type Created = ColumnType<Date, never, never>;

/** A scope of a resource and the sentence that a person reads before granting it. */
export interface ScopeDescription {
  name: string;
  description: string;
}

/** What an administrator lets clients of apps have of a resource. */
export interface AppPolicy {
  /** The formats that a client's developer may choose from. */
  token_formats: ('opaque' | 'jwt')[];
  /** Seconds that their access tokens live at most. */
  longest_access_token_ttl: number;
  /** Seconds that their API tokens live at most; null lets them live for ever. Absent: the standard. */
  longest_api_token_ttl?: number | null | undefined;
}

/** What an administrator lets people have of a resource by tokens of their own making. */
export interface PersonalPolicy {
  /** Seconds that a personal access token lives at most; null lets it live for ever. */
  longest_ttl: number | null;
  /** Scopes of the resource that no personal access token carries. */
  withheld_scopes?: string[] | undefined;
}

/** A kind of single things of a resource that tokens can be limited to (RFC 9396 §2). */
export interface DetailsType {
  type: string;
  /** What one of them is, for people. */
  description: string;
  /** What can be done with one; empty where its API alone knows. */
  actions: string[];
}

/**
 * Who switched an app or a client off: whoever manages it, or an operator, whom members cannot overrule. A client that a
 * person registered for others to use is off by a `member` while that person's account is disabled.
 */
export type DisabledBy = 'member' | 'operator';

/** What a member may change of the app: nothing, its clients, or all of it. */
export type Manages = 'nothing' | 'clients' | 'app';

/** The tables as they stand after the last migration. `test/db/schema.test.ts` holds the two together. */
export interface Schema {
  /** One row: what this installation decided for good. */
  installation: { singleton: Generated<boolean>; issuer: string; created_at: Created };
  /** Random keys that are read again: sealed, never in clear. */
  sealed_key: { id: string; purpose: string; sealed: Buffer; created_at: Created };
  /** Keys that sign JWTs. The private half is sealed. */
  signing_key: {
    kid: string;
    alg: string;
    state: Generated<'announced' | 'signing' | 'retired'>;
    public_jwk: Json<Record<string, unknown>>;
    sealed_private_jwk: Buffer;
    created_at: Created;
    signing_since: Timestamp | null;
    retired_at: Timestamp | null;
  };
  /** A name and the permissions it gives. */
  role: {
    name: string;
    description: Generated<string>;
    permissions: string[];
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
    /** What clients of apps may have of it; null where they may have nothing. */
    app_policy: Json<AppPolicy> | null;
    /** What people may have of it by personal access tokens; null where nothing. */
    personal_policy: Json<PersonalPolicy> | null;
    details_types: ColumnType<DetailsType[], string | undefined, string>;
  };
  /** Clients under an owner, with roles of their own. Rows are never deleted: the names are in client ids. */
  app: {
    id: Generated<string>;
    /** What the ids of its clients begin with; never changes. */
    name: string;
    display_name: Generated<string>;
    epoch: Generated<number>;
    disabled_at: Timestamp | null;
    disabled_by: DisabledBy | null;
    deleted_at: Timestamp | null;
    created_at: Created;
    updated_at: ColumnType<Date, never, Date>;
  };
  /** What clients and members of an app may do; those without an app are every app's. */
  app_role: {
    app_id: string | null;
    name: string;
    description: Generated<string>;
    permissions: string[];
    /** What members who have it may change of the app itself. */
    manages: Manages;
    created_at: Created;
    updated_at: ColumnType<Date, never, Date>;
  };
  app_member: { app_id: string; account_id: string; role: string; created_at: Created };
  /** Somebody was asked to become a member: found by the digest of the link, or by their address. */
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
  /** How many access tokens a client got on a day (UTC), to the minute, and what guards of APIs reported of it. */
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
    /** argon2id in PHC form; null until they chose a password. */
    password_hash: string | null;
    password_changed_at: Timestamp | null;
    last_sign_in_at: Timestamp | null;
    /** What was personal is gone; the row keeps the id and the epoch. */
    deleted_at: ColumnType<Date | null, never, Date>;
  };
  /** The link by which a person chooses a password: one an account at most, kept as a digest. */
  invitation: { account_id: string; digest: Buffer; created_at: Timestamp; expires_at: Timestamp };
  /** A person who is signed in in a browser, found by the digest of the cookie. */
  session: {
    id: Generated<string>;
    digest: Buffer;
    account_id: string;
    /** When the password was given last. */
    signed_in_at: Generated<Date>;
    last_seen_at: Generated<Date>;
    expires_at: Timestamp;
    ip: string | null;
    user_agent: string | null;
  };
  /** An application that asks for tokens (RFC 6749 §2), in RFC 7591 metadata. Rows are never deleted: `sub` is never reused. */
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
    /** The account whose key pair it is; null for all others. */
    owner_id: ColumnType<string | null, string | null | undefined, never>;
    /** The person who registered it for others to use; null for all others. */
    author_id: ColumnType<string | null, string | null | undefined, never>;
    /** What such a client says of itself, and whether everyone may find it on a list. */
    description: ColumnType<string | null, string | null | undefined, string | null>;
    listed: Generated<boolean>;
    /** When an administrator first changed such a client, which its author no longer changes since. */
    taken_over_at: ColumnType<Date | null, never, Date>;
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
    /** The account that created it; null where none did, or before this was kept. */
    created_by: string | null;
  };
  /** What a person let a client do. */
  oauth_grant: {
    id: string;
    account_id: string;
    client_id: string;
    payload: Json<Record<string, unknown>>;
    epoch: Generated<number>;
    revoked_at: Timestamp | null;
    /** The end of the longest-lived token that hangs on this grant. */
    live_until: Timestamp;
    created_at: Created;
    /** The device that asked, as it was shown to whoever approved it, or the browser in which an app did; null where neither. */
    device: Json<Record<string, unknown>> | null;
    last_used_at: Timestamp | null;
    revoked_because: string | null;
  };
  /** What a person answered a device that asked to be let in: one row, whoever asks and however often. */
  device_decision: {
    id: Buffer;
    decision: 'approved' | 'denied';
    account_id: string;
    grant_id: string | null;
    details: Json<Record<string, unknown>>;
    decided_at: Created;
    expires_at: Timestamp;
  };
  /** What a person answered an app that asked in a browser: one row a request, in however many tabs. */
  consent_decision: {
    id: Buffer;
    decision: 'approved' | 'denied';
    account_id: string;
    grant_id: string | null;
    details: Json<Record<string, unknown>>;
    decided_at: Created;
    expires_at: Timestamp;
  };
  /** How often a device asks whether it was let in, where there is no Redis. */
  device_poll: {
    id: Buffer;
    polled_at: Timestamp;
    interval_seconds: number;
    expires_at: Timestamp;
  };
  /** What rate-limiter-flexible counts, where there is no Redis. */
  rate_limit: { key: string; points: Generated<number>; expire: number | null };
  /** Every token. `shelf` is the partition key (`partition` in the code): renaming it would rewrite every statement that old processes still send. */
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
    /** The key that signed it, and the SHA-256 of the whole JWT; null where it is opaque. */
    kid: string | null;
    digest: Buffer | null;
    /** The last characters of its value. */
    hint: string | null;
    /** For whom a backend made it, in the backend's own words. */
    subject_type: string | null;
    subject_id: string | null;
    /** The key of the token that takes its place, in the same partition. */
    successor: Buffer | null;
    /** The account that created an API key; null for others, where none did, or before this was kept. */
    created_by: string | null;
    /** The number by which SQLite Cloud names it; null while none was asked for. */
    number: number | null;
  };
  /** The partitions of `token`: made ahead, detached when their week is over, dropped a week later. */
  shelf: { shelf: number; attached_at: Created; detached_at: Timestamp | null };
  /** One row for each code or rotating token that was redeemed, and the sealed answer that its winner got. */
  redemption: {
    id: Buffer;
    fingerprint: Buffer | null;
    answer: Buffer | null;
    redeemed_at: Created;
    expires_at: Timestamp;
  };
  /** What lives for minutes, where there is no Redis. */
  artifact: {
    kind: string;
    id: Buffer;
    sealed: Buffer;
    grant_id: string | null;
    user_code: Buffer | null;
    expires_at: Timestamp;
  };
  /** What ended a token or altered what introspection says, in commit order. */
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
  };
  /** Who did what to whom, from where, when, and whether it was let: partitioned by month, never changed. */
  audit_event: {
    id: Generated<number>;
    at: Created;
    action: string;
    result: 'success' | 'refused';
    actor_kind: 'client' | 'account' | 'system';
    actor_id: string | null;
    /** The token that the actor showed. */
    token_id: string | null;
    target_kind: string | null;
    target_id: string | null;
    ip: string | null;
    request_id: string | null;
    details: Json<Record<string, unknown>> | null;
    /** The app in which it happened. */
    app_id: string | null;
  };
  /** Mails to be sent, and those that were sent lately. */
  mail: {
    id: Generated<string>;
    kind: string;
    account_id: string;
    details: Json<Record<string, unknown>>;
    /** What is told once, whoever finds it out and however often. */
    once: string | null;
    created_at: Created;
    next_attempt_at: Generated<Date>;
    attempts: Generated<number>;
    sent_at: Timestamp | null;
  };
  change_counter: { singleton: Generated<boolean>; last: number };
  /** Who does the work that one process does for all. */
  lease: { name: string; holder: string; expires_at: Timestamp };
}

export type Connection = Kysely<Schema>;
