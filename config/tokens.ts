/** The maximum per person, client or request. */
export const tokenLimits = {
  /** Active personal access tokens of a person. */
  ofAccount: 100,
  /** Key pairs of a person. */
  keyPairs: 20,
  /** Including deleted ones, whose rows stay. */
  keyPairsEver: 1_000,
  /** Clients that a person registers for others to use. */
  thirdPartyApps: 50,
  /** Including deleted ones, whose rows stay. */
  thirdPartyAppsEver: 500,
  /** Active API keys of a client. */
  apiKeys: 20,
  /** Listed tokens of one kind of a person or a client, including expired and revoked ones. */
  listed: 1_000,
  name: 100,
  subjectId: 200,
  /** Bytes of the attributes of a token, as JSON. */
  attributes: 4_096,
  authorizationDetails: 50,
  /** Bytes of all its authorization details, as JSON. */
  authorizationDetailsSize: 8_192,
} as const;

/** Lifetimes of personal access tokens, in seconds: the maximum unless the resource has another one, and the choices on the page. */
export const personalTokenTtl = {
  max: 366 * 86_400,
  choices: [7, 30, 90].map((days) => days * 86_400),
  default: 30 * 86_400,
} as const;

/** Lifetime of the token with which a person tries Writ's own API from its reference (`/docs`), in seconds. */
export const apiTrialTokenTtl = 15 * 60;

/** Lifetimes of API keys, in seconds: the default, and the choices on the page in addition to `never`. */
export const apiKeyTtl = {
  choices: [30, 90, 366].map((days) => days * 86_400),
  default: 90 * 86_400,
} as const;

/** The default lifetime of an API token, in seconds. No expiry must be requested. */
export const defaultApiTokenTtl = 366 * 86_400;

/** The maximum lifetime of an API token of an app's client, in seconds, unless the resource has another one. */
export const appApiTokenTtl = 366 * 86_400;

/** How long the old value of a regenerated token can stay active, in seconds; the first is the default. */
export const overlaps = [0, 3_600, 86_400, 7 * 86_400];

/** Seconds for which a request with the same `Idempotency-Key` gets the same response. */
export const idempotencyWindow = 86_400;

/** Seconds for which a token stays listed after it expired or was revoked. */
export const retainAfterEnd = 30 * 86_400;

/** Days before the expiry of a personal access token at which its owner gets an email. */
export const expiryReminders = [14, 7, 1];

/** The maximum of values in a leak report. The rate of reports is in config/limits.ts. */
export const leakReports = { values: 500 } as const;

/** The maximum for tokens from token exchange (RFC 8693). */
export const exchangeLimits = {
  /** Actors in the chain of `act` claims. */
  actors: 5,
  /** Tokens and grants that a token comes from, directly or not. */
  sources: 12,
} as const;

/** The maximum lifetime of access tokens of clients that registered themselves, in seconds, unless an administrator sets another. */
export const selfRegisteredAccessTokenTtl = 86_400;
