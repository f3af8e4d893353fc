/**
 * The engine's models as Writ sees them: the members that its type declarations leave out or keep private,
 * and the metadata that Writ adds to clients. Patches and rules take their types from here, so that this is
 * the only place where the engine's own types are cast.
 */
import type { JWK } from 'jose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

/** A client as the engine has read it, with the metadata that client-metadata.ts adds to RFC 7591's. */
export interface EngineClient {
  readonly clientId: string;
  readonly clientAuthMethod?: string | undefined;
  readonly allowed_scope?: string;
  /** Seconds. */
  readonly access_token_ttl?: number;
  readonly authorization_code_ttl?: number;
  readonly refresh_token_ttl?: number;
  readonly refresh_token_idle_ttl?: number;
  readonly access_token_format?: 'opaque' | 'jwt';
  readonly rotate_refresh_tokens?: boolean;
  readonly enforce_polling_interval?: boolean;
  readonly idTokenSignedResponseAlg?: string | undefined;
  readonly require_pkce?: boolean;
  /** The keys of `jwks` or `jwks_uri`; `refresh` fetches the latter. */
  readonly asymmetricKeyStore?: Iterable<JWK> & { fresh(): boolean; refresh(): Promise<void> };
}

/** An access or refresh token, while the engine creates it. */
export interface EngineToken {
  jti: string;
  format?: string;
  /** Seconds since 1970, as is `exp`. */
  iat?: number;
  exp?: number;
  /** Seconds that it lives, by the `ttl` of the configuration. */
  readonly expiration: number;
  readonly resourceServer?: { readonly accessTokenTTL?: number };
  readonly grantId?: string;
  readonly [claim: string]: unknown;
}

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

interface TokenModel {
  /** The names of what is stored of a token. */
  readonly IN_PAYLOAD: readonly string[];
  readonly prototype: {
    /** Chooses the format of a token as well. */
    generateTokenId(this: EngineToken): string;
    /** What the client gets, and what is stored: nothing, for a JWT. */
    getValueAndPayload(
      this: EngineToken,
    ): Promise<{ value: string; payload?: Record<string, unknown> | undefined }>;
  };
}

export interface EngineModels {
  readonly Client: {
    /** Throws where the metadata is invalid. */
    new (metadata: object): object;
    readonly prototype: {
      grantTypeAllowed(this: EngineClient, grantType: string): boolean;
      responseModeAllowed(
        this: EngineClient,
        responseMode: string | undefined,
        ...rest: [responseType: string, fapiProfile: string | undefined]
      ): boolean;
      compareClientSecret(this: EngineClient, presented: string): boolean | Promise<boolean>;
    };
    find(clientId: string): Promise<EngineClient | undefined>;
  };
  readonly AccessToken: TokenModel & {
    new (given: {
      client: object;
      accountId: string;
      grantId: string | undefined;
      resourceServer: object;
    }): { save(): Promise<string>; aud: string | readonly string[] };
  };
  readonly ClientCredentials: TokenModel & {
    new (given: {
      client: object;
      resourceServer: object;
      scope: string | undefined;
      expiresIn: number;
    }): { save(): Promise<string>; readonly tokenType: string; readonly expiration: number };
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
    /** Verifies an ID token, expired or not, that the client was given. Throws where it is none. */
    validate(
      jwt: string,
      client: Pick<EngineClient, 'clientId' | 'idTokenSignedResponseAlg'>,
    ): Promise<object>;
  };
  readonly Interaction: {
    readonly prototype: {
      /** `lifetime` in seconds. */
      save(this: object, lifetime: number): Promise<string>;
      destroy(): Promise<void>;
    };
  };
  readonly ReplayDetection: {
    /** Whether the JWT with this `jti` is used for the first time. `expiresAt` in seconds since 1970. */
    unique(issuer: string, jti: string, expiresAt: number): Promise<boolean>;
  };
  readonly ResourceServer: new (identifier: string, info: object) => object;
  readonly Session: {
    new (): object;
    get(ctx: KoaContextWithOIDC): Promise<object>;
  };
}

/** The models of an engine; what is assigned to them changes this engine only. */
export const modelsOf = (provider: Provider): EngineModels => provider as unknown as EngineModels;

/** The client of a request, once the engine has found it. */
export const engineClientOf = ({ oidc }: KoaContextWithOIDC): EngineClient | undefined =>
  oidc.client as EngineClient | undefined;

/** A Koa context as the engine extends it; undefined where the engine has not handled the request. */
export const engineContextOf = (ctx: object): KoaContextWithOIDC | undefined =>
  'oidc' in ctx && ctx.oidc ? (ctx as KoaContextWithOIDC) : undefined;
