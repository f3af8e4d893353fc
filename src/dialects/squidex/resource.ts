import { dialectResources } from '../../../config/dialects.ts';

/** The resource of the tokens of Squidex clients: the audience that Squidex uses. */
export const squidexResource = dialectResources.squidex;

/** The scope that its clients request. */
export const squidexScope = 'squidex-api';

/** The lifetime of its tokens in seconds: 30 days. */
export const squidexTokenTtl = 30 * 86_400;
