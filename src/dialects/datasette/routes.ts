import { defineRoutes } from '../framework/dialect.ts';

/** The routes that clients of Datasette call. */
export const datasetteRoutes = defineRoutes({
  'POST /-/oauth/device': {
    features: ['D1', 'D3', 'D4', 'D5', 'D6', 'D14', 'D18'],
    limit: ['device_authorization.network', 'device_authorization.client'],
  },
  'GET /-/oauth/device/verify': {
    features: ['D1', 'D14', 'D15', 'D16', 'D17', 'D19', 'D20'],
    limit: ['pages.network'],
  },
  'POST /-/oauth/device/verify': { features: ['D1', 'D20'], limit: ['pages.network'] },
  'GET /-/oauth/authorize': {
    features: ['D20', 'D21'],
    limit: ['authorization.network', 'authorization.account_client', 'authorization.account'],
  },
  'GET /-/oauth/clients': { features: ['D19', 'D20', 'D22'], limit: ['pages.network'] },
  'GET /-/oauth/clients.json': { features: ['D19', 'D20', 'D22'], limit: ['pages.network'] },
  'POST /-/oauth/clients.json': { features: ['D19', 'D20', 'D22'], limit: ['pages.network'] },
  'POST /-/oauth/clients/:id.json': { features: ['D19', 'D20', 'D22'], limit: ['pages.network'] },
  'DELETE /-/oauth/clients/:id.json': {
    features: ['D19', 'D20', 'D22'],
    limit: ['pages.network'],
  },
  'POST /-/oauth/token': {
    features: ['D1', 'D7', 'D16', 'D18', 'D21'],
    limit: ['client_authentication.network', 'client_authentication.client', 'grant.network'],
  },
  'GET /-/actor.json': { features: ['D12'], limit: ['documents.network'], cors: true },
  'GET /.json': { features: ['D1'], limit: ['documents.network'], cors: true },
});
