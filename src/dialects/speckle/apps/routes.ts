import { defineRoutes } from '../../framework/dialect.ts';

/** The routes of third-party apps, and the page to which they send people. */
export const appRoutes = defineRoutes({
  'GET /authn/verify/:appId/:challenge': {
    features: ['K13'],
    limit: ['authorization.network', 'authorization.account_client', 'authorization.account'],
    hidden: ['challenge'],
  },
  'GET /auth/accesscode': { features: ['K13'], limit: ['bearer.network'] },
  'POST /auth/token': {
    features: ['K13'],
    limit: ['client_authentication.network', 'client_authentication.client', 'grant.network'],
    cors: true,
    claims: (body) =>
      typeof body === 'object' &&
      body !== null &&
      !('grantType' in body) &&
      ['appId', 'appSecret', 'accessCode', 'refreshToken'].some((field) => field in body),
  },
  'POST /auth/logout': { features: ['K15'], limit: ['bearer.network'], cors: true },
});
