// A website of a developer, which lets people sign in with the code that the page of its client shows.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';

const modules = path.resolve(import.meta.dirname, '../../../node_modules');

/** Where browsers find what the code imports, as a bundler would put it there. */
const imports = {
  'openid-client': '/modules/openid-client/build/index.js',
  oauth4webapi: '/modules/oauth4webapi/build/index.js',
  'jose/jwe/compact/decrypt': '/modules/jose/dist/webapi/jwe/compact/decrypt.js',
  'jose/errors': '/modules/jose/dist/webapi/util/errors.js',
};

const page = `<!doctype html><html lang="en"><title>A website</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<button>Sign in</button><output></output>
<script type="module">
  import { finishSignIn, signIn } from '/sign-in.js';
  document.querySelector('button').onclick = signIn;
  if (location.pathname === '/callback')
    finishSignIn().then(
      (token) => { document.querySelector('output').textContent = token; },
      (error) => { document.querySelector('output').textContent = String(error); },
    );
</script></html>`;

export interface Website {
  origin: string;
  /** Takes the code as it stands. */
  use(code: string): void;
  close(): Promise<void>;
}

/** Serves a website on this machine. */
export async function openWebsite(): Promise<Website> {
  let code = '';
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const answer = (type: string, content: string | Buffer) => {
      response.setHeader('content-type', type);
      response.end(content);
    };
    if (pathname === '/sign-in.js') return answer('text/javascript', code);
    if (!pathname.startsWith('/modules/')) return answer('text/html', page);
    const file = path.join(modules, path.normalize(pathname.slice('/modules'.length)));
    answer('text/javascript', await readFile(file));
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    use(given) {
      code = given;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
