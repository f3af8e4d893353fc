/** DYNAMIC CLIENT REGISTRATION (RFC 7591): the bounds of initial access tokens and registrations. */

/** Who can register a client: no one, who has an initial access token, or everyone, for a public client. */
export type ClientRegistrationMode = 'off' | 'token' | 'open';

/** Unexpired ones of an app. */
export const appInitialAccessTokens = { max: 20 } as const;

export const initialAccessTokens = {
  /** Unexpired ones of an installation, without those of apps. */
  max: 200,
  /** Clients that one can register. */
  uses: { max: 10_000, default: 1 },
  /** Seconds. */
  lifetime: { max: 366 * 86_400, default: 7 * 86_400 },
  /** Characters of its name. */
  name: 100,
} as const;
