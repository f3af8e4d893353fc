import type { IssuerUse } from '../../../config/trusted-issuers.ts';
import type { IssuerKeySet, IssuerRule } from '../../../db/schema.ts';

export type { IssuerKeySet, IssuerRule, IssuerUse };

/** An issuer whose tokens are accepted here. */
export interface TrustedIssuer {
  /** What the API and the audit call it: `production-cluster`. */
  id: string;
  name: string;
  /** The `iss` of its tokens. */
  issuer: string;
  /** Where its keys are; null: in `jwks`, or where its discovery document says. */
  jwks_uri: string | null;
  /** Its keys, for an issuer that this server cannot reach. */
  jwks: IssuerKeySet | null;
  algorithms: string[];
  /** The `aud` that its tokens must have; empty: the issuer of this server, or its token endpoint. */
  audiences: string[];
  uses: IssuerUse[];
  rules: IssuerRule[];
  /** The identity provider whose linked identities are its subjects: they have its issuer and `sub`. */
  provider_id: string | null;
  /** Seconds since `iat`, at most. */
  max_age: number;
  /** Seconds that access tokens issued for its tokens live, at most. */
  token_lifetime: number;
  /** Whether a token with a `jti` is accepted once as the credential of a client. An ID-JAG always is. */
  single_use: boolean;
  /** Whether its host can have an address inside the server's own network. */
  private_network: boolean;
  enabled: boolean;
  /** What tokens issued for its tokens name: they are active only while it has this one. */
  generation: string;
  created_at: Date;
  updated_at: Date;
}

/** The settings that a caller gives. */
export type IssuerSettings = Omit<TrustedIssuer, 'id' | 'generation' | 'created_at' | 'updated_at'>;

/** The protected header of a token, as far as it was read. */
export interface IssuedHeader {
  alg: string;
  kid: string | undefined;
  typ: string | undefined;
}

/** A token of a trusted issuer whose signature and registered claims were verified. */
export interface IssuedToken {
  issuer: TrustedIssuer;
  header: IssuedHeader;
  /** The `sub`, not empty. */
  subject: string;
  jti: string | undefined;
  /** Seconds since the epoch; undefined only if the caller does not require it. */
  expiresAt: number | undefined;
  claims: Readonly<Record<string, unknown>>;
}

/**
 * A token that is not accepted. The message says why, for administrators and the log: it names claims of the token and what is
 * expected, never a secret.
 */
export class IssuedTokenRefusal extends Error {
  /** What the one who presented the token reads: before its signature is verified, nothing about the settings. */
  readonly sentence: string;

  constructor(message: string, { sentence = message, ...options }: RefusalOptions = {}) {
    super(message, options);
    this.name = 'IssuedTokenRefusal';
    this.sentence = sentence;
  }
}

interface RefusalOptions extends ErrorOptions {
  sentence?: string;
}

/** The keys of an issuer cannot be read at the moment. */
export class IssuerAway extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'IssuerAway';
  }
}

/** A finding about an issuer. */
export interface IssuerFinding {
  status: 'ok' | 'warning' | 'failed';
  message: string;
}

/** What a process knows of the keys of an issuer. */
export interface IssuerKeyState {
  /** Null if it has read none yet. */
  count: number | null;
  /** When it last read them; null for pasted ones, and before the first time. */
  fetchedAt: Date | null;
  /** Why it could not read them the last time. */
  failure: string | null;
}

/** The keys of issuers: `src/upstream/issuer-keys.ts`. */
export interface IssuerKeys {
  /**
   * The keys with this ID, or all of them without one. An unknown ID lets the keys be fetched again, but not often. Throws
   * IssuerAway.
   */
  find(issuer: TrustedIssuer, kid: string | undefined): Promise<Record<string, unknown>[]>;
  /** Reads the keys anew and compares them with the settings. */
  check(issuer: TrustedIssuer): Promise<IssuerFinding[]>;
  /** What this process knows of the keys, without reading them. */
  state(issuer: TrustedIssuer): IssuerKeyState;
}
