import { dialectResources } from '../../../config/dialects.ts';

/** What tokens of Datasette clients are for. */
export const datasetteResource = dialectResources.datasette;

/**
 * The scope of a token that Datasette calls unrestricted. Every other token has no scope, and `authorization_details`
 * in its place: a resource server that does not read those gives it nothing.
 */
export const unrestrictedScope = 'unrestricted';

/** Seconds that its tokens live at most: 30 days. */
export const datasetteTokenTtl = 30 * 86_400;

const hour = 3_600;
const day = 24 * hour;

/** Seconds that a person lets a token of a device login live; the first is the default. */
export const deviceLifetimes = [hour, hour / 4, 8 * hour, day, 7 * day, 30 * day] as const;
