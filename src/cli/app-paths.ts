import { InvalidArgumentError } from 'commander';

/** Where the API has an app, and what is in it. */
export const pathOfApp = (app: string, ...parts: string[]) =>
  ['/apps', ...[app, ...parts].map(encodeURIComponent)].join('/');

/** A client of an app, by its `client_id`. */
export interface ClientOfApp {
  id: string;
  app: string;
  name: string;
  /** Where the API has it. */
  path: string;
}

/** For arguments that are the id of an app's client. */
export function clientOfApp(id: string): ClientOfApp {
  const [, app, name] = /^([^:~]+)[:~]([^:~]+)$/.exec(id) ?? [];
  if (app === undefined || name === undefined)
    throw new InvalidArgumentError('It is APP:CLIENT, such as acme:website.');
  return { id, app, name, path: pathOfApp(app, 'clients', name) };
}

/** For options that are the id of any client: where the API has it. */
export const anyClient = (id: string): Pick<ClientOfApp, 'id' | 'path'> =>
  /[:~]/.test(id) ? clientOfApp(id) : { id, path: `/clients/${encodeURIComponent(id)}` };
