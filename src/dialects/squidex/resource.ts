import { dialectResources } from '../../../config/dialects.ts';

/** What tokens of Squidex clients are for: the audience that the original writes into them. */
export const squidexResource = dialectResources.squidex;

/** The scope that its clients ask for. */
export const squidexScope = 'squidex-api';

/** Seconds that its tokens live: 30 days. */
export const squidexTokenTtl = 30 * 86_400;
