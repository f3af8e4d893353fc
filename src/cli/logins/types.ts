/** How a login gets its next access token. */
export type LoginKind =
  /** A person's login: by its refresh token. */
  | 'person'
  /** A client's own: by its secret. */
  | 'client'
  /** A token that was added as it is: never. */
  | 'token';

/** What of a login is secret. */
export interface LoginSecrets {
  access_token: string;
  refresh_token?: string | undefined;
  client_secret?: string | undefined;
}

/** What of a login is no secret. Times are in milliseconds since 1970. */
export interface LoginFacts {
  alias: string;
  kind: LoginKind;
  /** The issuer URL of the server. */
  issuer: string;
  /** The API that its tokens are for; null for the default API of the server. */
  resource: string | null;
  client_id: string | null;
  scope: string | null;
  /** What the login asked for, to ask for it again. */
  asked?: { scope: string; authorization_details?: string | undefined } | undefined;
  /** The email address or the name of the person. */
  person?: string | undefined;
  saved_at: number;
  expires_at?: number | undefined;
  renew_at?: number | undefined;
}

/** A login that can be used. */
export interface Login extends LoginFacts, LoginSecrets {}

/** A login as the file has it: its secrets as they are, or sealed by a key in the keyring of the operating system. */
export type SavedLogin = LoginFacts & (LoginSecrets | { sealed: string });

export const isSealed = (login: SavedLogin): login is LoginFacts & { sealed: string } =>
  'sealed' in login;

type Identity = Pick<LoginFacts, 'kind' | 'issuer' | 'resource' | 'client_id'>;

/** Whether two logins have tokens of the same client, for the same API of the same server. */
export const isSameLogin = (one: Identity, other: Identity): boolean =>
  one.kind === other.kind &&
  one.issuer === other.issuer &&
  one.resource === other.resource &&
  one.client_id === other.client_id;
