/** So much can be in the hands of one person, client or request. */
export const tokenLimits = {
  /** Personal access tokens of a person that are not over. */
  ofAccount: 100,
  /** Key pairs of a person. */
  keyPairs: 20,
  /** That a person ever created, deleted ones included: their rows stay. */
  keyPairsEver: 1_000,
  /** Clients that a person registers for others to use. */
  thirdPartyApps: 50,
  /** That a person ever registered, deleted ones included: their rows stay. */
  thirdPartyAppsEver: 500,
  /** API keys of a client that are not over. */
  apiKeys: 20,
  /** Those of one kind that a person or a client has on the list, ended ones too. */
  listed: 1_000,
  name: 100,
  subjectId: 200,
  /** Bytes of the attributes of a token, as JSON. */
  attributes: 4_096,
  authorizationDetails: 50,
  /** Bytes of all its authorization details, as JSON. */
  authorizationDetailsSize: 8_192,
} as const;

/** Seconds that a personal access token may live where its resource says no more, and the choices that people are shown. */
export const personalTokenTtl = {
  max: 366 * 86_400,
  choices: [7, 30, 90].map((days) => days * 86_400),
  default: 30 * 86_400,
} as const;

/** Seconds that the token lives with which a person tries Writ's own API from its reference (`/docs`). */
export const apiTrialTokenTtl = 15 * 60;

/** Seconds that an API key lives where its maker says nothing, and the choices that people are shown beside `never`. */
export const apiKeyTtl = {
  choices: [30, 90, 365].map((days) => days * 86_400),
  default: 90 * 86_400,
} as const;

/** Seconds that an API token lives at most where its maker says nothing; for ever must be asked for. */
export const defaultApiTokenTtl = 366 * 86_400;

/** Seconds that an API token of an app's client may live where its resource says no more. */
export const appApiTokenTtl = 366 * 86_400;

/** Seconds for which the old value goes on beside the new one, of which people choose; the first is the default. */
export const overlaps = [0, 3_600, 86_400, 7 * 86_400];

/** Seconds that a request can be sent again under its `Idempotency-Key`, and be answered as before. */
export const idempotencyWindow = 86_400;

/** Seconds that a token stays listed after its end. */
export const retainAfterEnd = 30 * 86_400;

/** Days before its end at which the owner of a personal access token is written to. */
export const expiryReminders = [14, 7, 1];

/** How many values a report of leaked ones may have; how many reports a network may send: config/limits.ts. */
export const leakReports = { values: 500 } as const;
