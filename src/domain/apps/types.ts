import type { AppPolicy, DisabledBy, Manages } from '../../../db/schema.ts';

/**
 * Who acts on an app. A person may what their role in it gives, and of an app that they are no member of
 * they learn nothing; an operator, which is a backend with the scope or an administrator, may everything.
 */
export type AppActor = { kind: 'account'; accountId: string } | { kind: 'operator' };

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

/** What kind of program a client is; it decides how it authenticates and which grants it has. */
export const clientKinds = ['server', 'website', 'native', 'device'] as const;
export type ClientKind = (typeof clientKinds)[number];

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
  /** Seconds; null leaves it to the resource. */
  accessTokenTtl: number | null;
  /** Null leaves it to the resource. */
  accessTokenFormat: 'opaque' | 'jwt' | null;
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
  accessTokenTtl?: number | null | undefined;
  accessTokenFormat?: 'opaque' | 'jwt' | null | undefined;
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
  email: string | null;
  role: string;
  since: Date;
}

export interface AppInvitation {
  id: string;
  email: string;
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
  clients: { clientId: string; displayName: string; deleted: boolean; accessTokens: number[] }[];
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
