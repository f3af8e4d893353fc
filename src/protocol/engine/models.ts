/**
 * The engine's models as Writ sees them: members that its type declarations omit or hide, and the metadata that Writ
 * adds to clients. This is the only place that casts the engine's types.
 */
import type { X509Certificate } from 'node:crypto';
import type { JWK } from 'jose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

/** A client as read by the engine, with the metadata of client-metadata.ts. */
export interface EngineClient {
  readonly clientId: string;
  readonly clientAuthMethod?: string | undefined;
  readonly allowed_scope?: string;
  /** Seconds, as are the other `…_ttl`. */
  readonly access_token_ttl?: number;
  readonly authorization_code_ttl?: number;
  readonly refresh_token_ttl?: number;
  readonly refresh_token_idle_ttl?: number;
  readonly access_token_format?: 'opaque' | 'jwt';
  readonly rotate_refresh_tokens?: boolean;
  readonly enforce_polling_interval?: boolean;
  readonly idTokenSignedResponseAlg?: string | undefined;
  readonly require_pkce?: boolean;
  readonly subjectType?: 'public' | 'pairwise' | undefined;
  readonly profile?: 'fapi2';
  readonly allowed_details_types?: readonly string[];
  readonly token_exchange_impersonation?: boolean;
  readonly dpopBoundAccessTokens?: boolean;
  readonly tlsClientCertificateBoundAccessTokens?: boolean;
  readonly claims_in_id_token?: boolean;
  /** The keys of `jwks` or `jwks_uri`; `refresh` fetches those of `jwks_uri`. */
  readonly asymmetricKeyStore?: Iterable<JWK> & { fresh(): boolean; refresh(): Promise<void> };
}

/** A client that can be notified that a person has signed out. */
export interface LogoutReceiver {
  readonly backchannelLogoutUri?: string;
  /**
   * Sends the client a logout token (OpenID Connect Back-Channel Logout 1.0 §2.5). Throws if it does not answer 200 or 204; the
   * error has the `response`, if there was one.
   */
  backchannelLogout(accountId: string, sid: string | undefined): Promise<void>;
}

/** An access or refresh token while the engine creates it. */
export interface EngineToken {
  jti: string;
  format?: string;
  /** Seconds since 1970; so is `exp`. */
  iat?: number;
  exp?: number;
  /** Its lifetime in seconds, from the `ttl` of the configuration. */
  readonly expiration: number;
  readonly resourceServer?: { readonly accessTokenTTL?: number };
  readonly grantId?: string;
  scope?: string;
  /** The requested claims (OpenID Connect Core §5.5). */
  claims?: unknown;
  readonly [claim: string]: unknown;
}

/** A device code, stored or being created. Times in seconds since 1970, `expiration` in seconds. */
export interface DeviceCode {
  iat?: number;
  exp?: number;
  userCode: string;
  readonly expiration: number;
  readonly clientId: string;
  readonly accountId?: string;
  readonly error?: string;
  readonly isExpired: boolean;
}

/** The engine's session of a browser. */
export interface Session {
  uid: string;
  readonly accountId?: string;
  /** `loginTs` in seconds since 1970. */
  loginAccount(login: { accountId: string; loginTs: number; amr: string[] }): void;
}

/** An ID token while the engine creates it. */
export interface EngineIdToken {
  /** The scopes whose claims it has. */
  scope: string;
  readonly client: EngineClient;
  set(claim: string, value: unknown): void;
}

/** A new access token, before it is stored. */
export interface IssuableToken {
  /** Seconds since 1970. */
  exp?: number;
  readonly expiration: number;
  readonly tokenType: string;
  setThumbprint(kind: 'jkt', thumbprint: string): void;
  setThumbprint(kind: 'x5t', certificate: X509Certificate): void;
  /** Returns its value. */
  save(): Promise<string>;
}

interface TokenModel {
  /** The names of the stored members of a token. */
  readonly IN_PAYLOAD: readonly string[];
  readonly prototype: {
    /** Also chooses the format of the token. */
    generateTokenId(this: EngineToken): string;
    /** The value for the client, and the payload to store; the engine has no payload for a JWT. */
    getValueAndPayload(
      this: EngineToken,
    ): Promise<{ value: string; payload?: Record<string, unknown> | undefined }>;
  };
}

/** The engine's models, as far as Writ calls or patches them. */
export interface EngineModels {
  readonly Client: {
    /** Throws if the metadata is invalid. */
    new (metadata: object): object;
    readonly prototype: {
      grantTypeAllowed(this: EngineClient, grantType: string): boolean;
      responseModeAllowed(
        this: EngineClient,
        responseMode: string | undefined,
        ...rest: [responseType: string, fapiProfile: string | undefined]
      ): boolean;
      compareClientSecret(this: EngineClient, presented: string): boolean | Promise<boolean>;
      /** Whether ID tokens of the client have a `sid`. */
      includeSid(): boolean;
    };
    find(clientId: string): Promise<(EngineClient & LogoutReceiver) | undefined>;
  };
  readonly AccessToken: TokenModel & {
    readonly prototype: {
      save(this: EngineToken): Promise<string>;
    };
    new (given: {
      client: object;
      accountId: string;
      grantId: string | undefined;
      resourceServer: object;
      scope?: string | undefined;
      expiresIn?: number;
    }): IssuableToken & { aud: string | readonly string[] };
  };
  readonly ClientCredentials: TokenModel & {
    new (given: {
      client: object;
      resourceServer: object;
      scope: string | undefined;
      expiresIn: number;
    }): IssuableToken;
  };
  readonly RefreshToken: TokenModel & {
    new (given: {
      client: object;
      accountId: string;
      gty: string;
      resource: string;
      /** Seconds. */
      expiresIn: number | undefined;
    }): { save(): Promise<string> };
  };
  readonly AuthorizationCode: {
    new (given: {
      client: object;
      accountId: string;
      grantId: string;
      redirectUri: string;
      scope: string;
      resource: string;
      codeChallenge: string;
      codeChallengeMethod: 'S256';
      /** Seconds. */
      expiresIn: number;
    }): { save(): Promise<string> };
  };
  readonly DeviceCode: {
    readonly prototype: {
      generateTokenId(this: DeviceCode): string;
      save(this: DeviceCode): Promise<string>;
    };
    find(value: string, options?: object): Promise<DeviceCode | undefined>;
  };
  readonly Grant: { readonly prototype: { generateTokenId(): string } };
  readonly IdToken: {
    readonly prototype: {
      issue(this: EngineIdToken, options: { use: string; expiresAt?: number }): Promise<string>;
    };
    /** An ID token to be written. `available` are the claims of the person, of which `mask` names those that it gets. */
    new (
      available: { sub: string },
      given: { client: object; ctx: undefined },
    ): { mask: Record<string, null>; payload(): Promise<Record<string, unknown>> };
    /** Verifies an ID token, expired or not, that was issued to the client. Throws if it is not valid. */
    validate(
      jwt: string,
      client: Pick<EngineClient, 'clientId' | 'idTokenSignedResponseAlg'>,
    ): Promise<{ payload: Record<string, unknown> }>;
  };
  readonly Interaction: {
    readonly prototype: {
      /** `lifetime` in seconds. */
      save(this: { session?: unknown }, lifetime: number): Promise<string>;
      destroy(): Promise<void>;
    };
  };
  readonly ReplayDetection: {
    /** Whether a JWT with this `jti` is used for the first time. `expiresAt` in seconds since 1970. */
    unique(issuer: string, jti: string, expiresAt: number): Promise<boolean>;
  };
  readonly ResourceServer: new (identifier: string, info: object) => object;
  readonly Session: {
    new (): Session;
    readonly prototype: {
      /** The `sid` of the session in ID tokens of a client. */
      sidFor(this: Session, clientId: string): string | undefined;
    };
    get(ctx: KoaContextWithOIDC): Promise<Session>;
  };
}

/** The models of an engine. Assignments to them change only this engine. */
export const modelsOf = (provider: Provider): EngineModels => provider as unknown as EngineModels;

/** The client of a request, once the engine has found it. */
export const engineClientOf = ({ oidc }: KoaContextWithOIDC): EngineClient | undefined =>
  oidc.client as EngineClient | undefined;

/** The engine's context of a request; undefined if the engine has not handled it. */
export const engineContextOf = (ctx: object): KoaContextWithOIDC | undefined =>
  'oidc' in ctx && ctx.oidc ? (ctx as KoaContextWithOIDC) : undefined;
