import { withParameters } from './redirect.ts';

/**
 * The response mode of Speckle's apps: the code is sent as `access_code`, a denial as `denied=true`. It exists only while
 * that dialect is enabled.
 */
export const accessCodeMode = 'access_code';

/** The redirect of a response in that mode: with the code, or with the denial if `code` is undefined. */
export const accessCodeRedirect = (redirectUri: string, code: unknown): string =>
  withParameters(redirectUri, code === undefined ? { denied: 'true' } : { access_code: code });
