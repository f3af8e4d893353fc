/** Tokens of a client, as a store keeps them. Times are in milliseconds since 1970, by the clock of this machine. */
export interface Tokens {
  accessToken: string;
  /** When the access token expires; undefined if the server did not say. */
  expiresAt?: number | undefined;
  /** When to get the next one: before it expires. */
  renewAt?: number | undefined;
  refreshToken?: string | undefined;
  /** The scope that was granted (RFC 6749 §3.3). */
  scope?: string | undefined;
}

/** Where the tokens of a token source are kept. `memoryStore` keeps them in this process. */
export interface TokenStore {
  read(): Promise<Tokens | undefined>;
  /** Replaces the tokens; undefined removes them. */
  write(tokens: Tokens | undefined): Promise<void>;
  /**
   * Runs `work` while no one else that shares the store does, so that one of them renews the tokens and the others read
   * the result. A store of one process does not need it: a token source renews once at a time.
   */
  exclusively?<T>(work: () => Promise<T>): Promise<T>;
}

/** A client, and the authorization server that gives it tokens. */
export interface ClientOptions {
  /** The issuer URL of the authorization server. */
  issuer: string;
  clientId: string;
  /** Left out for a public client. */
  clientSecret?: string | undefined;
  /** The API that the tokens are for (RFC 8707); left out for the default one of the server. */
  resource?: string | undefined;
  /** The scope to ask for, separated by spaces; left out for the default of the client. */
  scope?: string | undefined;
  /** Milliseconds to wait for each response. Default: 30,000. */
  timeout?: number | undefined;
  /** Sends the requests. Default: the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/** The authorization server refused a request (RFC 6749 §5.2). */
export class TokenError extends Error {
  /** The error code, such as `invalid_grant`; undefined if the response has none. */
  readonly code: string | undefined;
  /** The HTTP status. */
  readonly status: number;
  /** Seconds until the next attempt, if the server asks for a pause (RFC 9110 §10.2.3). */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    {
      code,
      status,
      retryAfter,
    }: { code?: string | undefined; status: number; retryAfter?: number | undefined },
  ) {
    super(message);
    this.name = 'TokenError';
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Whether the next attempt can succeed: the server is overloaded or failed, or the response was not one of a server of tokens. */
export const isTransient = ({ code, status }: TokenError): boolean =>
  code === undefined || status === 429 || status >= 500;
