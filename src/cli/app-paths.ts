import { InvalidArgumentError } from 'commander';

/** The path of an app in the API, or of a part of it. */
export const pathOfApp = (app: string, ...parts: string[]) =>
  ['/apps', ...[app, ...parts].map(encodeURIComponent)].join('/');

/** A client of an app, by its `client_id`. */
export interface ClientOfApp {
  id: string;
  app: string;
  name: string;
  /** Its path in the API. */
  path: string;
}

/** Parses the ID of a client of an app. */
export function clientOfApp(id: string): ClientOfApp {
  const [, app, name] = /^([^:~]+)[:~]([^:~]+)$/.exec(id) ?? [];
  if (app === undefined || name === undefined)
    throw new InvalidArgumentError('Expected APP:CLIENT, such as acme:website.');
  return { id, app, name, path: pathOfApp(app, 'clients', name) };
}

/** Parses the ID of any client. */
export const anyClient = (id: string): Pick<ClientOfApp, 'id' | 'path'> =>
  /[:~]/.test(id) ? clientOfApp(id) : { id, path: `/clients/${encodeURIComponent(id)}` };
