import * as http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createAcceptors } from './acceptors.ts';
import { recordAccess } from './access-log.ts';
import { allowAnyOrigin } from './cors.ts';
import { removalOfIssuerPath } from './issuer-path.ts';
import type { Log } from './log.ts';
import { createPlaces, refuse } from './places.ts';
import { requestIdOf } from './request-id.ts';
import { stopServer } from './stop.ts';
import { throttledReport } from './throttled-report.ts';
import { createTurns } from './turns.ts';
import { type UntrustedProxy, watchForProxy } from './untrusted-proxy.ts';

export interface Listener {
  /** The address it listens on: `http://localhost:3000`. Known once it is open. */
  readonly origin: string;
  /** Begins to accept connections. Throws EADDRINUSE, or EACCES, if the port cannot be used. */
  open(): Promise<void>;
  /** Requests in progress, and open connections. */
  load(): { requests: number; connections: number };
  /** Whether a server of this process is the listener's. */
  isOwn(server: http.Server): boolean;
  /** True once it has begun to stop. */
  isStopping(): boolean;
  /** The proxy headers of requests that came through a proxy although none is trusted, if there were any. */
  sawUntrustedProxy: UntrustedProxy['seen'];
  /**
   * Sets the handler of requests. Until the first call, every request gets 503.
   *
   * @param aside Takes health probes before any bound applies; returns false for every other request.
   */
  handle(
    handler: http.RequestListener,
    aside: (request: http.IncomingMessage, response: http.ServerResponse) => boolean,
  ): void;
  /**
   * Accepts no more connections, and closes each open one with its next response: a worker does so when another one has
   * taken its place. Resolves when none is left, after so many seconds, or when `hurry` resolves.
   */
  retire(seconds: number, hurry: Promise<unknown>): Promise<void>;
  /**
   * Stops accepting connections and waits for the running requests: for at most `shutdownTimeoutSeconds`, or until
   * `hurry` resolves. Every further call waits for the same stop.
   */
  stop(hurry?: Promise<unknown>): Promise<void>;
}

interface Options {
  /** 0 takes a free port. */
  port: number;
  /** All interfaces if undefined. */
  host: string | undefined;
  /** Whether the port is that of all workers of a cluster. */
  isShared?: boolean;
  log: Log;
  /** Its path is removed from the URL of every request. */
  issuer?: string | undefined;
  /** The number of trusted proxies in front of the server. */
  trustProxy: number;
  /** Connections open at once; one more is closed as soon as it is accepted. */
  maxConnections: number;
  /** Requests in progress at once; one more gets 503. */
  maxRequests: number;
  /** Seconds for a request to arrive completely; its headers have at most `headersSeconds` of them. */
  requestSeconds: number;
  shutdownTimeoutSeconds: number;
}

/** Seconds for the headers of a request to arrive. */
const headersSeconds = 10;

/** Seconds without traffic in either direction after which a request is cut off: longer than any response takes. */
const idleSeconds = 300;

/** Requests that begin in one turn of the event loop. */
const maxPerTurn = 8;

/**
 * Creates a listener, which is not open yet. It can be opened before the server can handle requests, which then get 503: an issuer with a free port needs the
 * number.
 */
export function createListener({
  port,
  host,
  isShared = false,
  log,
  issuer,
  trustProxy,
  maxConnections,
  maxRequests,
  requestSeconds,
  shutdownTimeoutSeconds,
}: Options): Listener {
  let handler: http.RequestListener = notReady;
  let aside: Parameters<Listener['handle']>[1] = () => false;
  const running = new Set<http.ServerResponse>();
  const places = createPlaces(maxRequests, running);
  let isConnectionNew = false;
  const inTurn = createTurns(maxPerTurn, () => {
    const was = isConnectionNew;
    isConnectionNew = false;
    return was;
  });
  const logWhenFinished = recordAccess(log, trustProxy);
  const proxy = watchForProxy(log, trustProxy);
  const reportFull = throttledReport(() =>
    log.warn({ requests: maxRequests }, 'requests are refused: the maximum is in progress'),
  );
  const reportDrop = throttledReport(() =>
    log.warn({ connections: maxConnections }, 'connections are closed: the maximum is open'),
  );
  const app = { proxy: trustProxy > 0 };
  const withoutIssuerPath = issuer ? removalOfIssuerPath(issuer) : undefined;
  const server = http.createServer(
    {
      // How often Node looks for requests that arrive too slowly, in milliseconds; they get 408.
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
      if (places.hasRoom())
        return inTurn(() => {
          if (!response.destroyed) handler(request, response);
        });
      running.delete(response);
      reportFull(undefined);
      refuse(request, response, {
        sentence: 'The server is busy; try again in a few seconds.',
        seconds: 2,
        headers: { 'X-Request-Id': requestIdOf({ req: request, res: response, app }) },
      });
    },
  );
  // Longer than proxies keep an idle connection (Caddy: two minutes). If the server closed it first, a request
  // that is on its way would be lost.
  server.keepAliveTimeout = 125_000;
  // Cuts off callers that never read their response.
  server.timeout = 1_000 * idleSeconds;
  if (isShared)
    server.on('connection', () => {
      isConnectionNew = true;
    });
  const acceptors = createAcceptors(server, {
    port,
    host,
    maxConnections,
    isShared,
    onDrop: () => reportDrop(undefined),
  });
  let actualPort = port;
  let stopped: Promise<void> | undefined;
  return {
    get origin() {
      return `http://localhost:${actualPort}`;
    },
    async open() {
      actualPort = await acceptors.open();
    },
    load: () => ({ requests: running.size, connections: acceptors.openConnections() }),
    isOwn: (other) => other === server,
    isStopping: () => stopped !== undefined,
    sawUntrustedProxy: proxy.seen,
    handle: (next, nextAside) => {
      handler = next;
      aside = nextAside;
    },
    async retire(seconds, hurry) {
      const ended = acceptors.retire();
      for (const response of running) response.shouldKeepAlive = false;
      const waiting = new AbortController();
      const waited = delay(1_000 * seconds, undefined, { signal: waiting.signal }).catch(() => {});
      await Promise.race([ended, waited, hurry]);
      waiting.abort();
    },
    stop: (hurry) =>
      (stopped ??= stopServer(server, acceptors, running, {
        seconds: shutdownTimeoutSeconds,
        log,
        hurry,
      })),
  };
}

const notReady: http.RequestListener = (req, response) =>
  refuse(req, response, {
    sentence: 'The server is starting; try again in a moment.',
    seconds: 1,
    headers: { 'X-Request-Id': requestIdOf({ req, res: response, app: { proxy: false } }) },
  });
