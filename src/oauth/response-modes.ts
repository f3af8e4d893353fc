import { withParameters } from './redirect.ts';

/**
 * The response mode of Speckle's apps: a code comes as `access_code`, and a person's refusal as `denied=true`. There is
 * one while that dialect is switched on.
 */
export const accessCodeMode = 'access_code';

/** Where an app gets its code in that mode, or learns that the person refused. */
export const accessCodeRedirect = (redirectUri: string, code: unknown): string =>
  withParameters(redirectUri, code === undefined ? { denied: 'true' } : { access_code: code });
