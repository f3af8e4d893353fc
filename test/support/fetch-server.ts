import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';

/** Serves a fetch handler on a free port of this machine; returns the origin. The server is closed by `closers`. */
export async function serve(
  handle: (request: Request) => Promise<Response>,
  closers: (() => unknown)[],
): Promise<string> {
  const server = createServer(async (request, response) => {
    const left = new AbortController();
    response.once('close', () => left.abort());
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers))
      if (!['host', 'connection', 'content-length', 'transfer-encoding'].includes(name))
        headers.set(name, String(value));
    const answer = await handle(
      new Request(`http://${request.headers.host}${request.url}`, {
        method: request.method ?? 'GET',
        headers,
        signal: left.signal,
        ...(request.method === 'POST' && {
          body: Readable.toWeb(request) as ReadableStream,
          duplex: 'half',
        }),
      } as RequestInit),
    ).catch(() => new Response('', { status: 502 }));
    const sent = [...answer.headers].filter(
      ([name]) =>
        !/^(content-encoding|content-length|transfer-encoding|connection|keep-alive)$/.test(name),
    );
    response.writeHead(answer.status, Object.fromEntries(sent));
    if (answer.body)
      Readable.fromWeb(answer.body as NodeStream)
        .on('error', () => response.destroy())
        .pipe(response);
    else response.end();
  }).listen(0, 'localhost');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}
