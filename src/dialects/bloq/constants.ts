import { dialectResources } from '../../../config/dialects.ts';

/** The resource of Bloq's tokens, and their lifetimes in seconds. */

export const bloqResource = dialectResources.bloq;

/** In the `aud` of an account token, in addition to the resource: `bcl nodes create` checks for it first. */
export const accountAudience = 'manager';

export const accountTokenTtl = 12 * 3_600;

/** The tokens for a key pair. */
export const clientTokenTtl = { access: 3_600, refresh: 365 * 86_400 } as const;
