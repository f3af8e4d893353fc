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
