import type { RoleRule } from '../../../db/schema.ts';

export type { RoleRule };

/** Another identity provider that people can sign in with, without its client secret. */
export interface IdentityProvider {
  /** Part of its URLs: `google`. */
  id: string;
  /** What its button says. */
  name: string;
  kind: 'oidc' | 'github';
  issuer: string;
  client_id: string;
  has_client_secret: boolean;
  scopes: string[];
  /** The domains of email addresses whose owners are sent there. */
  domains: string[];
  /** Whether a person without an account gets one: never, or with a verified address in `allowed_domains`. */
  create_accounts: 'no' | 'verified';
  /** `*` allows every domain. */
  allowed_domains: string[];
  role_rules: RoleRule[];
  /** Whether each sign-in takes over the name and the picture. */
  updates_profile: boolean;
  /** Whether its word that an email address is verified counts here. */
  trusts_email: boolean;
  /** Whether a second factor that it asked for counts here. */
  trusts_second_factor: boolean;
  /** The values of `amr` or `acr` that mean two factors. */
  second_factor_values: string[];
  /** Whether signing out here also signs out there. */
  sign_out: boolean;
  /** Whether its host can have an address inside the server's own network. */
  private_network: boolean;
  enabled: boolean;
  /** Buttons are in this order. */
  position: number;
  created_at: Date;
  updated_at: Date;
}

/** The settings that a caller gives. */
export type ProviderSettings = Omit<
  IdentityProvider,
  'id' | 'has_client_secret' | 'created_at' | 'updated_at'
> & { client_secret: string | null };

/** What a person proved to be at a provider. */
export interface UpstreamIdentity {
  /** With the subject, the key of the identity: a provider of several tenants has an issuer for each. */
  issuer: string;
  subject: string;
  email: string | null;
  /** Whether the provider says that the address is verified. */
  emailVerified: boolean;
  name: string | null;
  username: string | null;
  picture: string | null;
  /** All claims, for rules; they are not stored. */
  claims: Readonly<Record<string, unknown>>;
  /** Whether its `amr` or `acr` has one of `second_factor_values`. */
  usedSecondFactor: boolean;
  /** The ID of the session there. */
  sid: string | null;
  /** When the person last entered credentials there; null if it is unknown. */
  authenticatedAt: Date | null;
}

/** Why a provider did not identify the person. */
export type UpstreamReason =
  /** The person said no there. */
  | 'denied'
  /** The provider refused: its settings and ours differ. */
  | 'refused'
  /** It does not answer, or not in time. */
  | 'unreachable'
  /** Its response failed a check: it is not used. */
  | 'invalid';

/** A sign-in that a provider did not complete. The message is for the log. */
export class UpstreamError extends Error {
  readonly reason: UpstreamReason;

  constructor(reason: UpstreamReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UpstreamError';
    this.reason = reason;
  }
}

/** The secrets of one sign-in at a provider, kept until the browser returns. */
export interface UpstreamChecks {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** Who signs in with a provider. */
export interface ProviderUse {
  /** Accounts that have an identity there. */
  accounts: number;
  /** Those of them that could not sign in without it. */
  dependent: number;
  /** When one of the identities was last used. */
  lastUsedAt: Date | null;
}

/** A finding about a provider. */
export interface ProviderFinding {
  status: 'ok' | 'warning' | 'failed';
  message: string;
}

/** A verified logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). */
export interface UpstreamLogout {
  issuer: string;
  subject: string | null;
  sid: string | null;
}

/** Talks to identity providers: `src/upstream`. Throws UpstreamError. */
export interface Upstream {
  /** The address to send the browser to. */
  begin(
    provider: IdentityProvider,
    checks: UpstreamChecks,
    options: { loginHint?: string | undefined; again?: boolean | undefined },
  ): Promise<string>;
  /** Verifies the response in the query of the callback, redeems its code, and returns who the person is. */
  finish(
    provider: IdentityProvider,
    checks: UpstreamChecks,
    query: string,
  ): Promise<UpstreamIdentity>;
  /** Where signing out there happens; undefined if it offers none. */
  signOutUrl(provider: IdentityProvider, hint: string | null): Promise<string | undefined>;
  /** Verifies a logout token; its `jti` is used once. */
  verifyLogout(provider: IdentityProvider, token: string): Promise<UpstreamLogout>;
  /** Reads the discovery document anew and compares it with the settings. */
  check(provider: IdentityProvider): Promise<ProviderFinding[]>;
}
