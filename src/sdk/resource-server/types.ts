import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ResourceMetadata } from '../../oauth/protected-resource.ts';

/** What a guard reads of a request. */
export type GuardedRequest = Pick<IncomingMessage, 'headers' | 'url' | 'method'> &
  Partial<Pick<IncomingMessage, 'socket'>>;

/** What a certificate is read from: the headers, or the connection if the API terminates TLS itself. */
export type CertificateRequest = Pick<IncomingMessage, 'headers'> &
  Partial<Pick<IncomingMessage, 'socket'>>;

/** How JWTs are verified without asking Writ about each. */
export interface OfflineOptions {
  /** Follows revocations (`/api/v1/revocations`), so that a revoked JWT is refused within a second. Default: true. */
  follow?: boolean;
  /** The longest lifetime of the API's JWTs in seconds. One that lives longer is introspected. Default: as long as Writ keeps changes. */
  longestLifetime?: number;
  /** Seconds without a sign of life of the feed after which it counts as lost. Default: 15. */
  maxLag?: number;
  /**
   * What happens to JWTs while the feed is lost: they are introspected, refused with 503, or admitted by their signature alone, in
   * which case a revoked one works until it expires. Default: `introspect`, which is 503 as well if Writ is unreachable.
   */
  whenLost?: 'introspect' | 'refuse' | 'admit';
  /** The most JWTs whose verified signature is remembered, at most until they expire. Default: 5,000. */
  remembered?: number;
}

/** Options of `createGuard`. */
export interface GuardOptions {
  /** The issuer URL of Writ. */
  issuer: string;
  /** The identifier of the API's resource in Writ: the audience of its tokens. */
  resource: string;
  /** The client in Writ that is the resource server of the API. */
  client: { id: string; secret: string };
  /** Verifies JWTs offline, with the keys of Writ. Without it, every token is introspected. Other tokens always are. */
  offline?: boolean | OfflineOptions;
  /**
   * Seconds for which an introspection response is used again, never beyond the expiry of its token. A revoked token can work that
   * long. Default: 0.
   */
  cacheSeconds?: number;
  /**
   * The URL of the API as its clients know it, which their DPoP proofs name (RFC 9449 §4.2): an origin, or one with the
   * path that a proxy removes. Default: the origin of `resource`.
   */
  url?: string;
  /** The scopes of the API, for its metadata (RFC 9728 §2). Everyone can read them. */
  scopes?: readonly string[];
  /** The name of the API for people, for its metadata. */
  name?: string;
  /** The URL of the documentation of the API, for its metadata. */
  documentation?: string;
  /**
   * The certificate of the client of a request (RFC 8705 §3), as PEM or DER: behind a proxy that terminates TLS, from what it
   * states. Return undefined unless the proxy has verified that the client has the key of the certificate, and no one else can
   * state it. Default: that of the TLS connection.
   */
  certificateOf?: (request: CertificateRequest) => Buffer | string | undefined;
  /** Seconds between usage reports. Default: 10. */
  reportSeconds?: number;
  /**
   * Called with each error when Writ is unreachable, for which counts are kept and reported later, with `FeedLost` when the feed is
   * lost, with `ResourceNotServed` while the client is not the resource server of the API, and with what the handler of `protect`
   * throws.
   */
  onError?: (error: unknown) => void;
}

/** Authorization details (RFC 9396 §2) of a token, of a type that the API's resource in Writ declares. */
export interface AuthorizationDetail {
  type: string;
  identifier?: string;
  actions?: string[];
  locations?: string[];
  datatypes?: string[];
  privileges?: string[];
}

/** The authorized caller of a request. */
export interface Caller {
  /** `app:client` for a client of an app. */
  clientId: string;
  /** The `sub` of the token: a person, or the client itself. */
  subject: string;
  app: string | undefined;
  roles: string[];
  entitlements: string[];
  scope: string[];
  /** The authorization details that the token is limited to (RFC 9396 §2); empty if it is not limited by any. */
  authorizationDetails: AuthorizationDetail[];
  /** How and when the person signed in to the client; undefined for a token without a login. */
  signIn: { acr: string; amr: string[]; at: Date } | undefined;
  /** Whether the request had no credentials and is served as the anonymous client of an app. */
  anonymous: boolean;
  /** Whether the caller's entitlements allow a permission, such as `things.read`. */
  may(permission: string): boolean;
}

/** The response to a request that is not authorized. */
export interface Refusal {
  status: 401 | 403 | 429 | 503;
  headers: Record<string, string>;
  body: { error: string; error_description: string };
}

/** The result of `Guard.admit`: a caller, or a refusal. */
export type Admission = { caller: Caller; refusal?: never } | { refusal: Refusal; caller?: never };

/** The scopes that a request needs: one, several separated by spaces, or several in a list. */
export type NeededScope = string | readonly string[];

/** The sign-in that a request needs (RFC 9470). */
export interface NeededSignIn {
  /** The class, or several, the preferred one first: `2` for two factors. */
  acr?: string | readonly string[];
  /** How many seconds ago it may be. */
  maxAge?: number;
}

/** What a request does with one thing, for tokens that are limited by `authorization_details` (RFC 9396). */
export interface NeededDetail {
  type: string;
  action?: string;
  identifier?: string;
}

/** What a request needs. All of it must be there. */
export interface Needs {
  /** A token without it gets 403, and the challenges name it. */
  scope?: NeededScope | undefined;
  /** A permission that the roles of the caller must give, such as `things.read`. */
  permission?: string | undefined;
  role?: string | undefined;
  /** A token that is limited to other things gets 403; one that is not limited is admitted. */
  detail?: NeededDetail | undefined;
  /** A token of another sign-in gets 401 with `insufficient_user_authentication`. */
  signIn?: NeededSignIn | undefined;
}

/** Whether the feed of revocations is followed now. */
export interface FeedState {
  /** Whether all revocations are known, up to `maxLag` ago. */
  current: boolean;
  /** The number of the last change that is known; undefined before the first. */
  position: number | undefined;
}

/** Guards one API; see `createGuard`. */
export interface Guard {
  /**
   * The metadata of the API (RFC 9728): the document, and the path and URL where its clients look for it. `protect` and the adapters of
   * frameworks serve it. Undefined if `resource` is not an http or https URL.
   */
  metadata: { path: string; url: string; document: ResourceMetadata } | undefined;
  /** The feed of revocations; undefined if this guard does not follow it. */
  feed: { state(): FeedState; ready(): Promise<void> } | undefined;
  /**
   * Authorizes a request and counts the call of an app's client. `app` is the app that the request is about, if its URL
   * says so: a request without credentials is then served as the app's anonymous client.
   */
  admit(request: GuardedRequest, about?: Needs & { app?: string | undefined }): Promise<Admission>;
  /**
   * The same without waiting, for a JWT that was verified before and needs no request to Writ now. Undefined for every other request:
   * `admit` it.
   */
  admitAtOnce(request: GuardedRequest, about?: Needs): Admission | undefined;
  /**
   * The refusal of a caller that lacks something, for requests that say in their body what they need. Undefined if it has it all.
   */
  require(
    request: Pick<IncomingMessage, 'headers'>,
    caller: Caller,
    needs: Needs,
  ): Refusal | undefined;
  /** `require` for a scope (RFC 6750 §3.1). */
  requireScope(
    request: Pick<IncomingMessage, 'headers'>,
    caller: Caller,
    scope: NeededScope,
  ): Refusal | undefined;
  /** `require` for a sign-in (RFC 9470 §3). */
  requireSignIn(
    request: Pick<IncomingMessage, 'headers'>,
    caller: Caller,
    signIn: NeededSignIn,
  ): Refusal | undefined;
  /** Counts the bytes of a response to an authorized caller. */
  countBytes(caller: Caller, bytes: number): void;
  /**
   * Wraps a handler of `node:http` with both, and serves the metadata. `appOf` finds the app of a request, `scopeOf` the
   * scope and `signInOf` the sign-in that it needs.
   */
  protect(
    handle: (request: IncomingMessage, response: ServerResponse, caller: Caller) => unknown,
    options?: {
      appOf?: (request: IncomingMessage) => string | undefined;
      scopeOf?: (request: IncomingMessage) => NeededScope | undefined;
      signInOf?: (request: IncomingMessage) => NeededSignIn | undefined;
    },
  ): RequestListener;
  /** Reports the counts since the last report. */
  report(): Promise<void>;
  /** Sends the last report, stops reporting and leaves the feed. */
  close(): Promise<void>;
}
