import { defineRoutes } from '../framework/dialect.ts';

const clients = ['client_authentication.network', 'client_authentication.client'] as const;
const bearer = ['bearer.network'] as const;
const documents = ['documents.network'] as const;
const authorization = [
  'authorization.network',
  'authorization.account_client',
  'authorization.account',
] as const;

/** The routes that clients of Squidex call. */
export const squidexRoutes = defineRoutes({
  'GET /identity-server/.well-known/openid-configuration': {
    features: ['Q1'],
    limit: documents,
    cors: true,
  },
  'GET /identity-server/.well-known/jwks': { features: ['Q1'], limit: documents, cors: true },
  'POST /identity-server/connect/token': {
    features: ['Q4', 'Q5', 'Q6', 'Q8'],
    limit: [...clients, 'grant.network'],
    cors: true,
  },
  'GET /identity-server/connect/authorize': { features: ['Q1', 'Q9'], limit: authorization },
  'POST /identity-server/connect/authorize': { features: ['Q1', 'Q9'], limit: authorization },
  'POST /identity-server/connect/introspect': { features: ['Q1'], limit: clients, reads: true },
  'GET /identity-server/connect/userinfo': { features: ['Q1'], limit: bearer, cors: true },
  'POST /identity-server/connect/userinfo': {
    features: ['Q1'],
    limit: bearer,
    cors: true,
    reads: true,
  },
  'GET /identity-server/connect/logout': { features: ['Q1'], limit: ['pages.network'] },
  'POST /identity-server/connect/logout': { features: ['Q1'], limit: ['pages.network'] },
  'GET /api/apps': { features: ['Q2'], limit: bearer },
  'POST /api/apps': { features: ['Q2'], limit: bearer },
  'GET /api/apps/:app': { features: ['Q2'], limit: bearer },
  'GET /api/apps/:app/clients': { features: ['Q3', 'Q10'], limit: bearer },
  'POST /api/apps/:app/clients': { features: ['Q3', 'Q14'], limit: bearer },
  'PUT /api/apps/:app/clients/:id': {
    features: ['Q3', 'Q10', 'Q12', 'Q13', 'Q15'],
    limit: bearer,
  },
  'DELETE /api/apps/:app/clients/:id': { features: ['Q10', 'Q15'], limit: bearer },
});
