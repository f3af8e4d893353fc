import { dialectResources } from '../../../config/dialects.ts';

/** The resource of the tokens of Datasette clients. */
export const datasetteResource = dialectResources.datasette;

/**
 * The scope of a token that Datasette calls unrestricted. Other tokens have `authorization_details` and no scope, so
 * a resource server that ignores those details grants them nothing.
 */
export const unrestrictedScope = 'unrestricted';

/** The maximum lifetime of its tokens in seconds: 30 days. */
export const datasetteTokenTtl = 30 * 86_400;

const hour = 3_600;
const day = 24 * hour;

/** The lifetimes, in seconds, that a person can choose for a device login; the first is the default. */
export const deviceLifetimes = [hour, hour / 4, 8 * hour, day, 7 * day, 30 * day] as const;
