// A reverse proxy for a server whose issuer has a path, on a host that also serves other sites.
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { basePathOf, oauthMetadataUrl } from '../../src/oauth/issuer.ts';

/** How the proxy rewrites the issuer's path. */
export type Passing = 'passes the path on' | 'takes the path off';

export interface PathProxy {
  issuer: string;
  /** Requested targets outside the server's path, which get 404. */
  strayed: string[];
  passing: Passing;
  /** Starts to forward requests to this origin. */
  lead(origin: string): void;
  close(): Promise<void>;
}

/** Listens on a free port. The issuer is at `path`. */
export async function openPathProxy(path: string): Promise<PathProxy> {
  let server = '';
  const proxy: PathProxy = {
    issuer: '',
    strayed: [],
    passing: 'passes the path on',
    lead(origin) {
      server = origin;
    },
    async close() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
  const listener = http.createServer((request, response) => {
    const target = request.url ?? '';
    const base = basePathOf(proxy.issuer);
    const isMetadata = [proxy.issuer, `${proxy.issuer}/`].some((issuer) =>
      oauthMetadataUrl(issuer).endsWith(target.replace(/\/$/, '')),
    );
    const isBelow = target === base || target.startsWith(`${base}/`);
    if (!isBelow && !isMetadata) {
      proxy.strayed.push(target);
      response.writeHead(404).end('This page belongs to another site.');
      return;
    }
    const passed =
      isBelow && proxy.passing === 'takes the path off' ? target.slice(base.length) : target;
    const onward = http.request(
      server,
      {
        method: request.method,
        path: passed.startsWith('/') ? passed : `/${passed}`,
        headers: { ...request.headers, 'x-forwarded-for': request.socket.remoteAddress },
        agent: false,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  listener.listen(0, 'localhost');
  await once(listener, 'listening');
  proxy.issuer = `http://localhost:${(listener.address() as AddressInfo).port}${path}`;
  return proxy;
}
