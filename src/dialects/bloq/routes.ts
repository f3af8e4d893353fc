import type { RouteLimit } from '../../../config/limits.ts';
import { defineRoutes } from '../framework/dialect.ts';

const account: RouteLimit = ['bearer.network'];

/** The routes of Bloq's accounts service that its clients call. */
export const bloqRoutes = defineRoutes({
  'POST /auth': {
    features: ['B1'],
    limit: ['password_login.network'],
  },
  'POST /auth/token': {
    features: ['B4', 'B5', 'B6', 'B7', 'B8', 'B9', 'B11', 'B12'],
    limit: ['client_authentication.network', 'client_authentication.client'],
    // Also claims bodies that are not JSON: Bloq's documentation shows one with a trailing comma.
    claims: (body) =>
      body === undefined || (typeof body === 'object' && body !== null && 'grantType' in body),
  },
  'GET /users/me': { features: ['B10', 'B13', 'B14'], limit: account },
  'PUT /users/me/password': { features: ['B13'], limit: account },
  'GET /users/me/events': { features: ['B13'], limit: account },
  'POST /users/me/client-keys': { features: ['B2', 'B3'], limit: account },
  'GET /users/me/client-keys': { features: ['B2'], limit: account },
  'DELETE /users/me/client-keys/:id': { features: ['B2', 'B7'], limit: account },
});
