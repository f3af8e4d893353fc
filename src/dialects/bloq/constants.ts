import { dialectResources } from '../../../config/dialects.ts';

/** What the tokens of Bloq are for, and how many seconds they live. */

export const bloqResource = dialectResources.bloq;

/** Besides the resource in the `aud` of an account token: `bcl nodes create` looks for it before it asks. */
export const accountAudience = 'manager';

export const accountTokenTtl = 12 * 3_600;

/** Of what a key pair is exchanged for. */
export const clientTokenTtl = { access: 3_600, refresh: 365 * 86_400 } as const;
