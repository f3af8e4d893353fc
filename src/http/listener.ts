import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { recordAccess } from './access-log.ts';
import { allowAnyOrigin } from './cors.ts';
import type { Log } from './log.ts';
import { requestIdOf } from './request-id.ts';
import { stopServer } from './stop.ts';

export interface Listener {
  /** Where it listens: `http://localhost:3000`. */
  origin: string;
  /** False once it has begun to stop. */
  isListening(): boolean;
  /** Answers requests from now on; until the first call every request is answered 503. */
  handle(handler: http.RequestListener): void;
  /**
   * Takes no more connections and waits for the running requests: for as many seconds as it was given,
   * or until `hurry`. Every further call waits for the same end.
   */
  stop(hurry?: Promise<unknown>): Promise<void>;
}

interface Options {
  /** 0 takes one that is free. */
  port: number;
  /** All interfaces where it is left out. */
  host: string | undefined;
  log: Log;
  /** How many proxies in front of the server are trusted. */
  trustProxy: number;
  shutdownTimeoutSeconds: number;
}

/** Listens, although nothing can be answered yet: where the port is free to choose, the issuer has to name it. */
export async function listen({
  port,
  host,
  log,
  trustProxy,
  shutdownTimeoutSeconds,
}: Options): Promise<Listener> {
  let handler: http.RequestListener = notReady;
  const running = new Set<http.ServerResponse>();
  const logWhenFinished = recordAccess(log, trustProxy);
  const server = http.createServer((request, response) => {
    running.add(response);
    response.once('close', () => running.delete(response));
    if (!server.listening) response.shouldKeepAlive = false;
    logWhenFinished?.(request, response);
    allowAnyOrigin(request, response);
    handler(request, response);
  });
  // Longer than proxies keep an idle connection (Caddy: two minutes): the side that closes it first
  // must be the one that sends, or a request is lost that was on its way.
  server.keepAliveTimeout = 125_000;
  server.listen(port, host);
  await once(server, 'listening');
  let stopped: Promise<void> | undefined;
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    isListening: () => server.listening,
    handle: (next) => {
      handler = next;
    },
    stop: (hurry) =>
      (stopped ??= stopServer(server, running, { seconds: shutdownTimeoutSeconds, log, hurry })),
  };
}

const notReady: http.RequestListener = (req, response) => {
  response.writeHead(503, {
    'content-type': 'application/json',
    'retry-after': '1',
    'x-request-id': requestIdOf({ req, res: response, app: { proxy: false } }),
  });
  response.end(
    JSON.stringify({
      error: 'temporarily_unavailable',
      error_description: 'The server is starting; try again in a moment.',
    }),
  );
};
