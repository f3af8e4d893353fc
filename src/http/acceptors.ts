import { once } from 'node:events';
import type * as http from 'node:http';
import * as net from 'node:net';

export interface Acceptors {
  /**
   * Begins to accept connections, and resolves with the port.
   *
   * @throws EADDRINUSE if another process listens on the port, EACCES if the port is reserved.
   */
  open(): Promise<number>;
  /** Connections that are open. */
  openConnections(): number;
  /** Accepts no more connections, and leaves the open ones alone; resolves when all are closed. */
  retire(): Promise<void>;
  /** Accepts no more connections, and closes the idle ones; resolves when all are closed. */
  close(): Promise<void>;
}

interface Options {
  /** 0 takes a free one. */
  port: number;
  /** All interfaces if absent. */
  host: string | undefined;
  /** Connections open at once over all sockets; one more is closed as soon as it is accepted. */
  maxConnections: number;
  /**
   * Whether this is a worker of a cluster (WEB_CONCURRENCY), which accepts from the socket of all workers. Connections
   * that wait there go to another one when this one stops; those of a socket of its own would be reset.
   */
  isShared: boolean;
  /** Called for each connection that was closed because there are too many. */
  onDrop: () => void;
}

/**
 * Listening sockets of one server. Node accepts one connection per socket and turn of the event loop, so one socket
 * would keep new callers waiting for seconds while the process is busy.
 */
const sockets = 16;

/**
 * Lets the server listen on several sockets that share the port (`SO_REUSEPORT`), or on one where the system has no
 * such option. The kernel spreads the connections over them.
 */
export function createAcceptors(
  server: http.Server,
  { port, host, maxConnections, isShared, onDrop }: Options,
): Acceptors {
  const acceptors: net.Server[] = [];
  let isFull = false;
  const setLimits = () => {
    for (const acceptor of acceptors) acceptor.maxConnections = isFull ? 0 : maxConnections;
  };
  let open = 0;
  // The other sockets pass their connections to the server, so it counts them all.
  server.on('connection', (socket) => {
    if (++open === maxConnections) setFull(true);
    socket.once('close', () => {
      if (open-- === maxConnections) setFull(false);
    });
  });
  const setFull = (full: boolean) => {
    isFull = full;
    setLimits();
  };

  const openOwn = async (): Promise<void> => {
    // A shared port would also be shared with a second process that someone starts by mistake.
    if (port !== 0) await closed(await listening(net.createServer(), { port, host }));
    const sharesPort = await listening(server, { port, host, reusePort: true }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE' || error.code === 'EACCES') throw error;
        return false;
      },
    );
    if (!sharesPort) await listening(server, { port, host });
    acceptors.push(server);
    const { address, port: actualPort } = server.address() as net.AddressInfo;
    while (sharesPort && acceptors.length < sockets) {
      // The options that http.createServer gives its own socket.
      const acceptor = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
        server.emit('connection', socket),
      );
      acceptors.push(acceptor);
      await listening(acceptor, { port: actualPort, host: address, reusePort: true });
    }
  };

  let ended: Promise<unknown> | undefined;
  const end = (stop: (acceptor: net.Server) => void): Promise<unknown> => {
    ended ??= Promise.all(
      acceptors.map((acceptor) => {
        const end = once(acceptor, 'close');
        stop(acceptor);
        return end;
      }),
    );
    return ended;
  };
  return {
    async open() {
      if (isShared) acceptors.push(await listening(server, { port, host }));
      else await openOwn();
      for (const acceptor of acceptors) acceptor.on('drop', onDrop);
      setLimits();
      return (server.address() as net.AddressInfo).port;
    },
    openConnections: () => open,
    async retire() {
      // An http.Server closes its idle connections too, on which the next request can be on its way.
      await end((acceptor) => net.Server.prototype.close.call(acceptor));
    },
    async close() {
      const isRetired = ended !== undefined;
      const allEnded = end((acceptor) => acceptor.close());
      if (isRetired) server.close();
      await allEnded;
    },
  };
}

async function listening<Server extends net.Server>(
  server: Server,
  options: net.ListenOptions,
): Promise<Server> {
  server.listen({ host: undefined, ...options });
  await once(server, 'listening');
  return server;
}

async function closed(server: net.Server): Promise<void> {
  const end = once(server, 'close');
  server.close();
  await end;
}
