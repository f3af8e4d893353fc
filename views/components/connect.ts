/** What a program has to know to get tokens, and what can be copied for it. */
export interface ConnectShown {
  /** The API that the tokens are for. */
  resource: string;
  /** What is asked for, in one text (RFC 6749 §3.3). */
  scope: string;
  snippets: SnippetsShown;
}

/** What can be copied, as it runs (`src/web/apps/snippets.ts`): what suits the kind of the client. */
export interface SnippetsShown {
  /** Lines of a `.env` file. */
  env?: string | undefined;
  /** Gets a token and prints the answer. */
  curl?: string | undefined;
  /** Gets a token and keeps it as `$TOKEN`. */
  shell?: string | undefined;
  /** A device's sign-in: what begins it, and what it asks until somebody has answered. */
  device?: { begin: string; poll: string } | undefined;
  /** A module for openid-client. */
  node: string;
}

/** Calls of the example API, with curl. */
export interface ExampleShown {
  read: string;
  write: string;
}
