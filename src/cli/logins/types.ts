/** How a login gets its next access token. */
export type LoginKind =
  /** A person's login: by its refresh token. */
  | 'person'
  /** A client's own: by its secret. */
  | 'client'
  /** A token that was added as it is: never. */
  | 'token';

/** A login, as it is stored. Times are in milliseconds since 1970. */
export interface Login {
  alias: string;
  kind: LoginKind;
  /** The issuer URL of the server. */
  issuer: string;
  /** The API that its tokens are for; null for the default API of the server. */
  resource: string | null;
  client_id: string | null;
  client_secret?: string | undefined;
  scope: string | null;
  /** What the login asked for, to ask for it again. */
  asked?: { scope: string; authorization_details?: string | undefined } | undefined;
  /** The email address or the name of the person. */
  person?: string | undefined;
  saved_at: number;
  access_token: string;
  expires_at?: number | undefined;
  renew_at?: number | undefined;
  refresh_token?: string | undefined;
}

type Identity = Pick<Login, 'kind' | 'issuer' | 'resource' | 'client_id'>;

/** Whether two logins have tokens of the same client, for the same API of the same server. */
export const isSameLogin = (one: Identity, other: Identity): boolean =>
  one.kind === other.kind &&
  one.issuer === other.issuer &&
  one.resource === other.resource &&
  one.client_id === other.client_id;
