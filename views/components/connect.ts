/** What a program needs to get tokens, and what can be copied for it. */
export interface ConnectShown {
  /** The API that the tokens are for. */
  resource: string;
  /** What the snippets request (RFC 6749 §3.3). */
  scope: string;
  snippets: SnippetsShown;
}

/** What can be copied (`src/web/apps/snippets`), as far as it applies to the kind of the client. */
export interface SnippetsShown {
  /** Lines of a `.env` file, for a client with a secret. */
  env?: string | undefined;
  /** Gets a token and prints the response. */
  curl?: string | undefined;
  /** Gets a token and keeps it in `$TOKEN`. */
  shell?: string | undefined;
  /** The login of a device: the request that starts it, and the one that the device repeats. */
  device?: { start: string; poll: string } | undefined;
  /** With openid-client. */
  node: string;
  /** With requests or Authlib. */
  python?: string | undefined;
  /** With golang.org/x/oauth2. */
  go?: string | undefined;
}

/** Calls of the example API, with curl. */
export interface ExampleShown {
  read: string;
  /** Absent if the role of the client does not permit it. */
  write?: string | undefined;
}
