import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { recordAccess } from './access-log.ts';
import { allowAnyOrigin } from './cors.ts';
import { removalOfIssuerPath } from './issuer-path.ts';
import type { Log } from './log.ts';
import { createPlaces, refuse } from './places.ts';
import { requestIdOf } from './request-id.ts';
import { stopServer } from './stop.ts';
import { throttledReport } from './throttled-report.ts';
import { type UntrustedProxy, watchForProxy } from './untrusted-proxy.ts';

export interface Listener {
  /** Where it listens: `http://localhost:3000`. */
  origin: string;
  /** False once it has begun to stop. */
  isListening(): boolean;
  /** Whether requests came through a proxy that is not trusted, or say so. */
  sawUntrustedProxy: UntrustedProxy['seen'];
  /**
   * Answers requests from now on; until the first call every request is answered 503. What `aside` takes is
   * answered whatever else is in progress: it gives false for a request that is not its own.
   */
  handle(
    handler: http.RequestListener,
    aside: (request: http.IncomingMessage, response: http.ServerResponse) => boolean,
  ): void;
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
  /** Its path is taken off every request. */
  issuer?: string | undefined;
  /** How many proxies in front of the server are trusted. */
  trustProxy: number;
  /** Connections that are held open at once; one more is closed as soon as it is opened. */
  maxConnections: number;
  /** Requests in progress at once; one more is answered 503. */
  maxRequests: number;
  /** Seconds that a request may take to arrive whole; its headers at most `headersSeconds` of them. */
  requestSeconds: number;
  shutdownTimeoutSeconds: number;
}

/** Seconds that the headers of a request may take to arrive. */
const headersSeconds = 10;

/** Seconds for which nothing may be sent either way in the middle of a request: longer than any takes to be answered. */
const idleSeconds = 300;

/** Listens, although nothing can be answered yet: where the port is free to choose, the issuer has to name it. */
export async function listen({
  port,
  host,
  log,
  issuer,
  trustProxy,
  maxConnections,
  maxRequests,
  requestSeconds,
  shutdownTimeoutSeconds,
}: Options): Promise<Listener> {
  let handler: http.RequestListener = notReady;
  let aside: Parameters<Listener['handle']>[1] = () => false;
  const running = new Set<http.ServerResponse>();
  const places = createPlaces(maxRequests, running);
  const logWhenFinished = recordAccess(log, trustProxy);
  const proxy = watchForProxy(log, trustProxy);
  const reportFull = throttledReport(() =>
    log.warn({ requests: maxRequests }, 'requests are refused: as many as may be are in progress'),
  );
  const app = { proxy: trustProxy > 0 };
  const withoutIssuerPath = issuer ? removalOfIssuerPath(issuer) : undefined;
  const server = http.createServer(
    {
      // Who sends too slowly is answered 408 and cut off, within this much of the time.
      connectionsCheckingInterval: 1_000,
      requestTimeout: 1_000 * requestSeconds,
      headersTimeout: 1_000 * Math.min(headersSeconds, requestSeconds),
    },
    (request, response) => {
      if (!server.listening) response.shouldKeepAlive = false;
      if (withoutIssuerPath) request.url = withoutIssuerPath(request.url ?? '/');
      logWhenFinished?.(request, response);
      proxy.note(request);
      allowAnyOrigin(request, response);
      if (aside(request, response)) return;
      running.add(response);
      response.once('close', () => running.delete(response));
      if (places.hasRoom()) return handler(request, response);
      running.delete(response);
      reportFull(undefined);
      refuse(request, response, {
        sentence: 'The server is busy; try again in a few seconds.',
        seconds: 2,
        headers: { 'X-Request-Id': requestIdOf({ req: request, res: response, app }) },
      });
    },
  );
  // Longer than proxies keep an idle connection (Caddy: two minutes): the side that closes it first
  // must be the one that sends, or a request is lost that was on its way.
  server.keepAliveTimeout = 125_000;
  // A caller that neither sends nor reads is cut off: unread responses would keep their connections open.
  server.timeout = 1_000 * idleSeconds;
  server.maxConnections = maxConnections;
  server.on(
    'drop',
    throttledReport(() =>
      log.warn(
        { connections: maxConnections },
        'connections are closed: as many as may be are open',
      ),
    ),
  );
  server.listen(port, host);
  await once(server, 'listening');
  let stopped: Promise<void> | undefined;
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    isListening: () => server.listening,
    sawUntrustedProxy: proxy.seen,
    handle: (next, nextAside) => {
      handler = next;
      aside = nextAside;
    },
    stop: (hurry) =>
      (stopped ??= stopServer(server, running, { seconds: shutdownTimeoutSeconds, log, hurry })),
  };
}

const notReady: http.RequestListener = (req, response) =>
  refuse(req, response, {
    sentence: 'The server is starting; try again in a moment.',
    seconds: 1,
    headers: { 'X-Request-Id': requestIdOf({ req, res: response, app: { proxy: false } }) },
  });
