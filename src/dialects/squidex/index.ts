/** Squidex: its identity server runs on Writ's own endpoints, its clients API uses the domain. */
import type { FindPrincipal } from '../../domain/tokens/principal.ts';
import type { Dialect } from '../framework/dialect.ts';
import { createActing } from './actor.ts';
import { type AppsApiDependencies, createAppsApi } from './apps-api.ts';
import { squidex } from './description.ts';
import { createIdentityServer } from './identity-server.ts';
import { openIddictAnswer, problemOf } from './openiddict.ts';
import { problemAnswer } from './problems.ts';

interface Dependencies extends Omit<AppsApiDependencies, 'acting'> {
  issuer: string;
  findPrincipal: FindPrincipal;
}

export function createSquidex({ issuer, findPrincipal, apps, appClients }: Dependencies): Dialect {
  const identity = createIdentityServer({ issuer });
  const api = createAppsApi({ apps, appClients, acting: createActing({ findPrincipal }) });
  return {
    ...squidex,
    handlers: {
      'GET /identity-server/.well-known/openid-configuration': identity.discovery,
      'GET /identity-server/.well-known/jwks': identity.jwks,
      'POST /identity-server/connect/token': identity.token,
      'GET /identity-server/connect/authorize': identity.authorization,
      'POST /identity-server/connect/authorize': identity.authorization,
      'POST /identity-server/connect/introspect': identity.introspection,
      'GET /identity-server/connect/userinfo': identity.userinfo,
      'POST /identity-server/connect/userinfo': identity.userinfo,
      'GET /identity-server/connect/logout': identity.logout,
      'POST /identity-server/connect/logout': identity.logout,
      'GET /api/apps': api.listApps,
      'POST /api/apps': api.createApp,
      'GET /api/apps/:app': api.findApp,
      'GET /api/apps/:app/clients': api.listClients,
      'POST /api/apps/:app/clients': api.createClient,
      'PUT /api/apps/:app/clients/:id': api.updateClient,
      'DELETE /api/apps/:app/clients/:id': api.deleteClient,
    },
    describeError: (error, ctx) =>
      ctx.path.startsWith('/api/')
        ? problemAnswer(error, ctx)
        : openIddictAnswer(problemOf(error), issuer),
  };
}
