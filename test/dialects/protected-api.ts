// A small API behind the guard, as the clients of Squidex call one: `GET /api/content/{app}/things` needs `things.read`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGuard, type Guard, type GuardOptions } from '../../src/sdk/resource-server/index.ts';

export interface ProtectedApi {
  origin: string;
  guard: Guard;
  close(): Promise<void>;
}

/** Starts it. It forwards `/identity-server` and `/api/apps` to Writ, because clients use one URL for both. */
export async function startProtectedApi(
  options: Omit<GuardOptions, 'reportSeconds'>,
): Promise<ProtectedApi> {
  // Reports are sent when a test says so.
  const guard = createGuard({ ...options, reportSeconds: 3_600 });
  const appOf = ({ url = '' }: { url?: string | undefined }) =>
    /^\/api\/content\/([^/?]+)/.exec(url)?.[1];
  const things = guard.protect(
    (request, response, caller) => {
      const mayRead = caller.app === appOf(request) && caller.may('things.read');
      const text = JSON.stringify(
        mayRead
          ? { total: 0, items: [], statuses: [], _links: {}, caller }
          : { message: 'Forbidden', statusCode: 403 },
      );
      response.writeHead(mayRead ? 200 : 403, { 'Content-Type': 'application/json' });
      response.end(text);
    },
    { appOf },
  );
  const server = createServer(async (request, response) => {
    const { url = '/', method = 'GET', headers } = request;
    if (!/^\/(identity-server|api\/apps)/.test(url)) return things(request, response);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { host: _host, connection: _connection, 'content-length': _length, ...sent } = headers;
    const answer = await fetch(options.issuer + url, {
      method,
      headers: sent as Record<string, string>,
      ...(parts.length > 0 && { body: Buffer.concat(parts) }),
    });
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    guard,
    async close() {
      await guard.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
