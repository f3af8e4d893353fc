// Runs the programs of docs/strict-clients.md as they are shown there.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { createGuard, type Guard } from '../../src/sdk/resource-server/index.ts';
import { allowRequest, createStrictClient, type StrictClient } from '../protocol/strict/support.ts';
import { signedIn } from '../support/people.ts';
import { onStack } from '../support/stacks.ts';
import type { Visitor } from '../support/visitor.ts';

const page = readFileSync(
  path.resolve(import.meta.dirname, '../../docs/strict-clients.md'),
  'utf8',
);

/** The program on the page that imports a library. */
function programWith(library: string): { name: string; code: string } {
  const [, name = '', code = ''] =
    new RegExp(`\`\`\`js\nimport \\* as (\\w+) from '${library}';\n(.*?)\n\`\`\``, 's').exec(
      page,
    ) ?? [];
  if (!code) throw new Error(`no program with ${library}`);
  return { name, code };
}

const AsyncFunction = (async () => {}).constructor as new (
  ...parameters: string[]
) => (...given: unknown[]) => Promise<Outcome>;

interface Outcome {
  tokens: { access_token: string; token_type: string };
  things: Response;
  refreshed: { access_token: string; token_type: string };
  own: { access_token: string; token_type: string };
}

/** The libraries refuse http, also for localhost, unless each call says otherwise. */
const overHttp = <Library extends object>(library: Library): Library =>
  new Proxy(library, {
    get(target, name) {
      const found = Reflect.get(target, name) as unknown;
      if (typeof found !== 'function') return found;
      if (name === 'discovery')
        return (...given: unknown[]) =>
          found(...given, { execute: [openid.allowInsecureRequests] });
      if (!/Request$/.test(String(name))) return found;
      return (...given: unknown[]) => {
        const last = given.at(-1);
        const takesOptions =
          typeof last === 'object' &&
          last !== null &&
          ('DPoP' in last || name === 'discoveryRequest');
        const options = takesOptions && name !== 'discoveryRequest' ? (last as object) : {};
        const rest = options === last ? given.slice(0, -1) : given;
        return found(...rest, { ...options, [oauth.allowInsecureRequests]: true });
      };
    },
  });

onStack((stack) => {
  let client: StrictClient;
  let visitor: Visitor;
  let api: Server;
  let guard: Guard;
  let apiUrl: string;

  beforeAll(async () => {
    // openid-client removes the whole query of the URL that the browser returns to.
    client = await createStrictClient(stack(), {}, { redirectUri: 'https://strict.test/back' });
    ({ visitor } = await signedIn(stack()));
    const resourceServer = await stack().api.createClient({
      resource_server_for: [client.resource],
    });
    api = createServer((request, response) =>
      guard.protect((_request, to) => to.end('things'))(request, response),
    );
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    guard = createGuard({
      issuer: stack().issuer,
      resource: client.resource,
      client: resourceServer,
      url: apiUrl,
    });
  });
  afterAll(async () => {
    await guard.close();
    api.close();
  });

  /** The person of the page allows the request. */
  const signIn = (sent: URL): Promise<URL> => allowRequest(visitor, sent.pathname + sent.search);

  describe.each<[string, object]>([
    ['openid-client', openid],
    ['oauth4webapi', oauth],
  ])('the program with %s', (library, module) => {
    test('pushes its request, logs a person in, calls an API, refreshes, and gets a token for itself', async () => {
      const { name, code } = programWith(library);
      const given = {
        [name]: overHttp(module),
        issuer: stack().issuer,
        clientId: client.id,
        key: client.key.privateKey,
        kid: 'one',
        redirectUri: client.redirectUri,
        signIn,
        api: apiUrl,
      };
      const run = new AsyncFunction(...Object.keys(given), code);
      const { tokens, things, refreshed, own } = await run(...Object.values(given));
      expect([things.status, await things.text()]).toEqual([200, 'things']);
      for (const { token_type } of [tokens, refreshed, own])
        expect(token_type.toLowerCase()).toBe('dpop');
      expect(refreshed.access_token).not.toBe(tokens.access_token);
    });
  });
});
