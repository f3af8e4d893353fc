/** Datasette: its flows run on Writ's own endpoints and pages, its actor uses the domain. */
import type { Dialect, Handler } from '../framework/dialect.ts';
import { type ActorDependencies, createActorHandlers } from './actor.ts';
import { type ClientsApiDependencies, createClientsApi } from './clients-api.ts';
import { type CodeLoginDependencies, createCodeLogin } from './code-login.ts';
import { datasette } from './description.ts';
import { createDeviceLogin, type DeviceLoginOptions } from './device-login.ts';
import { describeError } from './errors.ts';
import type { datasetteRoutes } from './routes.ts';
import { createToken } from './token.ts';

export function createDatasette(
  dependencies: ActorDependencies &
    DeviceLoginOptions &
    CodeLoginDependencies &
    ClientsApiDependencies,
): Dialect {
  const actor = createActorHandlers(dependencies);
  const device = createDeviceLogin(dependencies);
  const code = createCodeLogin(dependencies);
  const clients = createClientsApi(dependencies);
  const handlers: Record<keyof typeof datasetteRoutes, Handler> = {
    'POST /-/oauth/device': device.start,
    'GET /-/oauth/device/verify': device.showPage,
    'POST /-/oauth/device/verify': device.redirectToPage,
    'GET /-/oauth/authorize': code.authorize,
    'GET /-/oauth/clients': clients.page,
    'GET /-/oauth/clients.json': clients.list,
    'POST /-/oauth/clients.json': clients.create,
    'POST /-/oauth/clients/:id.json': clients.update,
    'DELETE /-/oauth/clients/:id.json': clients.remove,
    'POST /-/oauth/token': createToken({ device: device.redeem, code: code.redeem }),
    'GET /-/actor.json': actor.actor,
    'GET /.json': actor.databases,
  };
  return { ...datasette, handlers, describeError };
}
