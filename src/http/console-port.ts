/** THE PORT OF THE CONSOLE: which requests arrived at it, if it has one of its own (ADMIN_PORT). */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Context } from 'koa';

/** Whether the console is where a request arrived. */
export type HasConsole = (ctx: Pick<Context, 'req'>) => boolean;

const arrived = new WeakSet<IncomingMessage>();

/** The handler of requests at the port of the console: the same pages as elsewhere, and the console. */
export const atConsolePort =
  (handler: RequestListener): RequestListener =>
  (request, response) => {
    arrived.add(request);
    handler(request, response);
  };

/** With a port of its own, the console exists nowhere else. */
export const consolePlace = (port: number | undefined): HasConsole =>
  port === undefined ? () => true : ({ req }) => arrived.has(req);
