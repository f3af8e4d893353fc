// The examples of programs that call an API: a job with a token of its own, and a command line for a person.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createGuard } from '../../src/sdk/resource-server/index.ts';
import { chromiumPath, openBrowser, openPage } from '../support/browser.ts';
import { makeDevice } from '../support/device.ts';
import { makeParties } from '../support/parties.ts';
import { signedIn } from '../support/people.ts';
import { runtimes } from '../support/published-clients.ts';
import { keepSecret } from '../support/run-records.ts';
import { buildSdk } from '../support/sdk-package.ts';
import { onStack } from '../support/stacks.ts';

const run = promisify(execFile);
const examples = path.resolve(import.meta.dirname, '../../examples');

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

function newDirectory(name: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), `writ-example-${name}-`));
  directories.push(directory);
  return directory;
}

const sdk = path.join(newDirectory('sdk'), 'writ-sdk');
beforeAll(() => buildSdk(sdk));

/** A copy of an example with the package that it needs. */
function copyOf(name: string): string {
  const directory = newDirectory(name);
  cpSync(path.join(examples, name), directory, { recursive: true });
  cpSync(sdk, path.join(directory, 'node_modules/writ-sdk'), { recursive: true });
  return directory;
}

/** The environment of a program: Deno keeps what it has compiled in its home. */
const inHome = (env: Record<string, string>) => ({ HOME: directories[0] ?? '', ...env });

onStack((stack) => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  /** An API behind the guard, which says who called. */
  const startApi = async (resource: string, client: { id: string; secret: string }) => {
    const guard = createGuard({ issuer: stack().issuer, resource, client });
    const handler = guard.protect(
      (_request, response, caller) => response.end(JSON.stringify({ sub: caller.subject })),
      { scopeOf: () => 'things:read' },
    );
    const server = createServer(handler).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  describe.each(runtimes)('in $name', ({ command: [program, ...args] }) => {
    let job: string;
    let commandLine: string;
    beforeAll(() => {
      job = copyOf('job');
      commandLine = copyOf('command-line');
    });

    test('the job calls the API with a token of its own, and fails once its client is disabled', async () => {
      const { client, resource, resourceServer } = await makeParties(stack());
      const env = {
        ISSUER: stack().issuer,
        RESOURCE: resource,
        API: await startApi(resource, resourceServer),
        CLIENT_ID: client.id,
        CLIENT_SECRET: client.secret,
      };
      const start = () => run(program, [...args, 'job.js'], { cwd: job, env: inHome(env) });
      expect(JSON.parse((await start()).stdout)).toEqual({ sub: client.id });
      await stack().api.call('POST', `/clients/${client.id}/disable`);
      await expect(start()).rejects.toThrow(/invalid_client|Client authentication failed/);
    });

    test('the command line logs in once, keeps the login readable by its person only, and asks again when it has ended', async () => {
      const device = await makeDevice(stack());
      const { visitor, accountId } = await signedIn(stack());
      const env = {
        ISSUER: stack().issuer,
        RESOURCE: device.resource,
        API: await startApi(device.resource, device.resourceServer),
        CLIENT_ID: device.clientId,
      };
      const start = () => {
        const child = spawn(program, [...args, 'things.js'], {
          cwd: commandLine,
          env: inHome(env),
        });
        const said = { out: '', err: '' };
        child.stdout.on('data', (text) => {
          said.out += text;
        });
        return { child, said, ended: once(child, 'close') };
      };
      /** Approves the code that a program shows. */
      const approve = async ({ child, said }: ReturnType<typeof start>) => {
        for await (const text of child.stderr) {
          said.err += text;
          const [, code] = /compare the code: (\S+)/.exec(said.err) ?? [];
          if (!code) continue;
          await visitor.get(`/device?user_code=${code}`);
          await visitor.submit('/device/decision', { user_code: code, decision: 'approve' });
          break;
        }
      };
      const first = start();
      await approve(first);
      await first.ended;
      expect(JSON.parse(first.said.out)).toEqual({ sub: accountId });
      const file = path.join(commandLine, 'login.json');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const { refreshToken } = JSON.parse(readFileSync(file, 'utf8'));
      keepSecret('refresh_token', refreshToken);

      const second = start();
      await second.ended;
      expect(JSON.parse(second.said.out)).toEqual({ sub: accountId });
      expect(second.said.err).toBe('');

      await stack().api.call('DELETE', `/accounts/${accountId}/tokens`);
      // Its access token has gone too, which the API says first.
      const third = start();
      await approve(third);
      await third.ended;
      expect(JSON.parse(third.said.out)).toEqual({ sub: accountId });
    });
  });

  (chromiumPath ? test : test.skip)(
    'a page of another origin logs in with a code, and keeps the login for the next visit',
    async () => {
      const device = await makeDevice(stack());
      const { visitor } = await signedIn(stack());
      const site = createServer((request, response) => {
        const isScript = request.url?.endsWith('.js');
        response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
        response.end(isScript ? readFileSync(path.join(sdk, 'dist', request.url ?? '')) : '');
      }).listen(0, '127.0.0.1');
      servers.push(site);
      await once(site, 'listening');
      const browser = await openBrowser();
      try {
        const { page, complaints } = await openPage(browser);
        await page.exposeFunction('showCode', async (code: string) => {
          await visitor.get(`/device?user_code=${code}`);
          await visitor.submit('/device/decision', { user_code: code, decision: 'approve' });
        });
        await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
        const [first, next] = await page.evaluate(
          async ({ issuer, clientId, resource }) => {
            const client = await import('/sdk/client/index.js' as string);
            const store = client.memoryStore();
            const tokens = await client.deviceLogin({
              ...{ issuer, clientId, resource, scope: 'things:read offline_access' },
              onCode: ({ userCode }: { userCode: string }) =>
                (window as unknown as { showCode(code: string): void }).showCode(userCode),
            });
            await store.write({ ...tokens, expiresAt: 1, renewAt: 1 });
            const source = client.savedLogin({ issuer, clientId, resource, store });
            return [tokens.accessToken, await source.token()];
          },
          { issuer: stack().issuer, clientId: device.clientId, resource: device.resource },
        );
        keepSecret('access_token', String(first));
        expect(next).not.toBe(first);
        const { body } = await stack().introspect(String(next), device.resourceServer);
        expect(body).toMatchObject({ active: true, client_id: device.clientId });
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );
});
