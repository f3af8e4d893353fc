import { once } from 'node:events';
import type * as http from 'node:http';
import * as net from 'node:net';

export interface Acceptors {
  port: number;
  /** Connections that are open. */
  openConnections(): number;
  /** Accepts no more connections; resolves when all connections are closed. */
  close(): Promise<void>;
}

/**
 * Listening sockets of one server. Node accepts one connection per socket and turn of the event loop, so one socket
 * would keep new callers waiting for seconds while the process is busy.
 */
const sockets = 16;

/**
 * Lets the server listen on several sockets that share the port (`SO_REUSEPORT`), or on one where the system has no
 * such option. The kernel spreads the connections over them.
 *
 * @param options.port 0 takes a free one.
 * @param options.host All interfaces if absent.
 * @param options.maxConnections Connections open at once over all sockets; one more is closed as soon as it is accepted.
 * @param options.onDrop Called for each connection that was closed for that reason.
 * @throws EADDRINUSE if another process listens on the port, EACCES if the port is reserved.
 */
export async function openAcceptors(
  server: http.Server,
  {
    port,
    host,
    maxConnections,
    onDrop,
  }: { port: number; host: string | undefined; maxConnections: number; onDrop: () => void },
): Promise<Acceptors> {
  const acceptors: net.Server[] = [server];
  const setLimit = (each: number) => {
    for (const acceptor of acceptors) acceptor.maxConnections = each;
  };
  let open = 0;
  // The other sockets pass their connections to the server, so it counts them all.
  server.on('connection', (socket) => {
    if (++open === maxConnections) setLimit(0);
    socket.once('close', () => {
      if (open-- === maxConnections) setLimit(maxConnections);
    });
  });

  // A shared port would also be shared with a second process that someone starts by mistake.
  if (port !== 0) await closed(await listening(net.createServer(), { port, host }));
  const isShared = await listening(server, { port, host, reusePort: true }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') throw error;
      return false;
    },
  );
  if (!isShared) await listening(server, { port, host });
  const { address, port: actualPort } = server.address() as net.AddressInfo;
  while (isShared && acceptors.length < sockets) {
    // The options that http.createServer gives its own socket.
    const acceptor = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      server.emit('connection', socket),
    );
    acceptors.push(acceptor);
    await listening(acceptor, { port: actualPort, host: address, reusePort: true });
  }
  for (const acceptor of acceptors) acceptor.on('drop', onDrop);
  setLimit(maxConnections);
  return {
    port: actualPort,
    openConnections: () => open,
    close: async () => {
      await Promise.all(acceptors.map(closed));
    },
  };
}

async function listening(server: net.Server, options: net.ListenOptions): Promise<net.Server> {
  server.listen({ host: undefined, ...options });
  await once(server, 'listening');
  return server;
}

async function closed(server: net.Server): Promise<void> {
  const end = once(server, 'close');
  server.close();
  await end;
}
