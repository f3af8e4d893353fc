/** An authorization request that cannot continue, as a page shows it to the person whom an app sent here. */
export interface AuthorizationProblem {
  /** The code of RFC 6749 §4.1.2.1. */
  error: string;
  /** A sentence for the developers of the app. */
  description: string;
  /** The redirect URI that was sent and is not one of the client's, shortened. */
  redirectUri?: string | undefined;
  /** The app, if its redirect URI is known to be its own: `url` takes the person back, with the error. */
  app?: { name: string; url: string } | undefined;
}
