// A reverse proxy in front of a server whose issuer has a path, on a host that belongs to others as well.
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { basePathOf, oauthMetadataUrl } from '../../src/oauth/issuer.ts';

/** What becomes of the issuer's path on the way. */
export type Passing = 'passes the path on' | 'takes the path off';

export interface PathProxy {
  issuer: string;
  /** Targets that were asked for and are not the server's: they are answered 404. */
  strayed: string[];
  passing: Passing;
  /** Begins to pass requests on to this origin. */
  lead(origin: string): void;
  close(): Promise<void>;
}

/** Listens on a free port; the issuer is at `path` there. */
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
      response.writeHead(404).end('This is the page of somebody else.');
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
