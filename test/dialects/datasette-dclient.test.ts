// Datasette's own command line logs in, a person approves in a browser, and a Datasette enforces the scopes.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKeyring } from '../../src/crypto/sealing.ts';
import { type DatasetteScope, scopesOf } from '../../src/dialects/datasette/scopes.ts';
import { ephemeralPlace } from '../../src/domain/short-lived/sealing.ts';
import { digestOf, ephemeralOf, expire } from '../protocol/device/support.ts';
import { chromiumPath, openBrowser, openPage } from '../support/browser.ts';
import type { Credentials } from '../support/http.ts';
import { signedIn, type TestPerson } from '../support/people.ts';
import { pythonClientsAreThere, pythonCommand } from '../support/published-clients.ts';
import { onStack, secretKey } from '../support/stacks.ts';
import type { Visitor } from '../support/visitor.ts';
import { type DatasetteServer, startDatasetteServer } from './datasette-server.ts';
import { createDclient, type Dclient, type Run, type WaitingLogin } from './dclient.ts';

const resource = 'https://datasette.io';

const read = ['view-instance', 'view-table', 'view-database', 'view-query', 'execute-sql'];
const write = [
  ...read,
  ...['insert-row', 'delete-row', 'update-row', 'create-table', 'alter-table', 'drop-table'],
];
const each = (actions: string[], ...names: string[]): DatasetteScope[] =>
  actions.map((action) => [action, ...names] as unknown as DatasetteScope);

/** The options of `login`, and the scopes that they request; none means unrestricted. */
const logins: Record<string, { options: string[]; scopes?: DatasetteScope[] }> = {
  everything: { options: [] },
  'read all': { options: ['--read-all'], scopes: each(read) },
  'write all': { options: ['--write-all'], scopes: each(write) },
  'some of each': {
    options: ['--read', 'db1', '--write', 'db3/dogs', '--read', 'db1'],
    scopes: [...each(read, 'db1'), ...each(read, 'db1'), ...each(write, 'db3', 'dogs')],
  },
  'JSON and more': {
    options: ['--scope', '[["insert-row", "db3", "dogs"]]', '--read', 'db1/dogs', '--write', 'db3'],
    scopes: [['insert-row', 'db3', 'dogs'], ...each(read, 'db1', 'dogs'), ...each(write, 'db3')],
  },
};

(pythonClientsAreThere() ? describe : describe.skip)('dclient', () => {
  onStack(
    (stack) => {
      let ada: TestPerson & { visitor: Visitor };
      let resourceServer: Credentials;
      let datasette: DatasetteServer;
      const clients: Dclient[] = [];
      /** The tokens of `logins`, by their names, and what each login printed. */
      const tokens: Record<string, string> = {};
      const done: Record<string, Run> = {};
      let tokenOnly: { client: Dclient; run: Run };
      let denied: Run;
      let expired: Run;
      let byAlias: { client: Dclient; run: Run };
      let atPrompt: { client: Dclient; run: Run };
      let inBrowser: { client: Dclient; run: Run; words: string };

      const newClient = (): Dclient => {
        const client = createDclient();
        clients.push(client);
        return client;
      };

      const decide = async (login: WaitingLogin, decision = 'approve'): Promise<Run> => {
        const { userCode: user_code } = login;
        expect(login.verificationUri).toBe(`${stack().issuer}/-/oauth/device/verify`);
        const page = await ada.visitor.get(`/-/oauth/device/verify?code=${user_code}`);
        expect(page.status).toBe(200);
        await ada.visitor.submit('/device/decision', { user_code, decision });
        return login.done;
      };

      /** A person in Chromium enters the code, chooses a week, and connects. */
      const approveInBrowser = async ({ userCode, verificationUri, done: end }: WaitingLogin) => {
        const browser = await openBrowser();
        try {
          const { page, complaints } = await openPage(browser);
          await page.goto(verificationUri);
          await page.getByLabel(/^E-?mail/).fill(ada.email);
          await page.getByLabel('Password', { exact: true }).fill(ada.password);
          await page.getByRole('button', { name: 'Sign in', exact: true }).click();
          await page.getByLabel('Code').fill(userCode);
          await page.getByRole('button', { name: 'Continue' }).click();
          const words = (await page.locator('main').textContent()) ?? '';
          await page.getByLabel('7 days').check();
          await page.getByRole('button', { name: 'Connect', exact: true }).click();
          await page.getByRole('heading', { name: 'is connected' }).waitFor();
          expect(complaints).toEqual([]);
          return { run: await end, words };
        } finally {
          await browser.close();
        }
      };

      const expireLogin = async ({ userCode, done: end }: WaitingLogin): Promise<Run> => {
        const found = await ephemeralOf(stack()).getByUserCode('DeviceCode', digestOf(userCode));
        const { id, sealed } = found ?? { id: Buffer.of(), sealed: Buffer.of() };
        const opened = createKeyring([secretKey]).open(ephemeralPlace('DeviceCode', id), sealed);
        const { jti: device_code } = JSON.parse(opened.toString());
        await expire(stack(), { device_code, user_code: userCode });
        return end;
      };

      // Each login waits five seconds before it polls, so all of them wait concurrently.
      beforeAll(async () => {
        const role = 'datasette-approver';
        await stack().api.call('PUT', `/roles/${role}`, { permissions: ['oauth-device-tokens'] });
        ada = await signedIn(stack(), { roles: [role] });
        resourceServer = await stack().api.createClient({ resource_server_for: [resource] });
        datasette = await startDatasetteServer({ writ: stack().origin, client: resourceServer });
        const { origin } = datasette;
        await Promise.all([
          ...Object.entries(logins).map(async ([name, { options }]) => {
            const client = newClient();
            done[name] = await decide(await client.logIn([origin, ...options]));
            tokens[name] = client.tokens()[origin] ?? '';
          }),
          (async () => {
            const client = newClient();
            const login = await client.logIn([origin, '--token-only', '--read', 'db3']);
            tokenOnly = { client, run: await decide(login) };
          })(),
          (async () => {
            denied = await decide(await newClient().logIn([origin]), 'deny');
          })(),
          (async () => {
            expired = await expireLogin(await newClient().logIn([origin]));
          })(),
          (async () => {
            const client = newClient();
            await client.run(['alias', 'add', 'prod', origin]);
            byAlias = { client, run: await decide(await client.logIn(['prod'])) };
          })(),
          (async () => {
            const client = newClient();
            atPrompt = { client, run: await decide(await client.logIn([], `${origin}/\n`)) };
          })(),
          (async () => {
            if (!chromiumPath) return;
            const client = newClient();
            const login = await client.logIn([origin, '--write', 'db3/dogs']);
            inBrowser = { client, ...(await approveInBrowser(login)) };
          })(),
        ]);
      });

      afterAll(async () => {
        await datasette?.close();
        for (const client of clients) client.remove();
      });

      const introspect = async (token: string) =>
        (await stack().introspect(token, resourceServer)).body;

      const actor = () => ({
        actor: expect.objectContaining({ id: ada.accountId, token: 'writ' }),
      });

      (chromiumPath ? test : test.skip)(
        'dclient login shows an address and a code, a person approves there in a browser, and the token is saved',
        async () => {
          const { client, run, words } = inBrowser;
          expect(run).toMatchObject({
            code: 0,
            stdout: expect.stringContaining('Login successful'),
          });
          expect(words).toContain('Insert rows into the table dogs of db3');
          expect(words).toContain('Delete the table dogs of db3 with all rows');
          const { active, iat, exp } = await introspect(client.tokens()[datasette.origin] ?? '');
          expect([active, Math.round((exp - iat) / 60)]).toEqual([true, 7 * 24 * 60]);
          expect(client.config()).toMatchObject({ default_instance: datasette.origin });
        },
      );

      test('dclient login takes an alias, or asks for the address, and saves the token under what was typed', () => {
        expect([byAlias.run.code, Object.keys(byAlias.client.tokens())]).toEqual([0, ['prod']]);
        expect([atPrompt.run.code, Object.keys(atPrompt.client.tokens())]).toEqual([
          0,
          [`${datasette.origin}/`],
        ]);
        expect(atPrompt.run.stdout).toContain('Instance URL or alias');
      });

      test('a token of dclient login is unrestricted unless an option limits it', async () => {
        expect(done['everything']?.stdout).toContain('Set default database to db1');
        const { scope, authorization_details } = await introspect(tokens['everything'] ?? '');
        expect([scope, authorization_details]).toEqual(['unrestricted', undefined]);
      });

      test.each(Object.keys(logins).filter((name) => logins[name]?.scopes))(
        'the options of dclient login give exactly their scopes: %s',
        async (name) => {
          expect(done[name]?.code).toBe(0);
          const { scope, authorization_details } = await introspect(tokens[name] ?? '');
          expect(scope).toBeUndefined();
          expect(scopesOf(authorization_details)).toEqual(logins[name]?.scopes);
        },
      );

      test('--token-only prints the token and saves nothing', async () => {
        const { client, run } = tokenOnly;
        const token = run.stdout.trim().split('\n').at(-1) ?? '';
        expect(scopesOf((await introspect(token)).authorization_details)).toEqual(
          each(read, 'db3'),
        );
        expect(existsSync(path.join(client.directory, 'auth.json'))).toBe(false);
      });

      test('dclient reports that a person denied, and that a code has expired', () => {
        expect([denied.code, denied.stderr]).toEqual([
          1,
          expect.stringContaining('Authorization denied.'),
        ]);
        expect([expired.code, expired.stderr]).toEqual([
          1,
          expect.stringContaining('Device code expired. Run login again.'),
        ]);
      });

      test('auth status and actor show who a token belongs to; auth add, list and remove keep it under an alias or an address', async () => {
        const client = newClient();
        const { origin } = datasette;
        const token = tokens['read all'] ?? '';
        await client.run(['alias', 'add', 'prod', origin]);
        expect((await client.run(['auth', 'add', 'prod'], {}, `${token}\n`)).code).toBe(0);
        expect((await client.run(['auth', 'add', origin, '--token', token])).code).toBe(0);
        expect(client.tokens()).toEqual({ prod: token, [origin]: token });
        const [status, shown, list] = await Promise.all([
          client.run(['auth', 'status', '-i', 'prod']),
          client.run(['actor', '-i', origin]),
          client.run(['auth', 'list']),
        ]);
        for (const { code, stdout } of [status, shown])
          expect([code, JSON.parse(stdout)]).toEqual([0, actor()]);
        expect(list.stdout).toContain('w..');
        expect((await client.run(['auth', 'remove', origin])).code).toBe(0);
        expect(client.tokens()).toEqual({ prod: token });
        expect((await client.run(['auth', 'remove', origin])).code).toBe(1);
      });

      test('dclient uses the token of the option, else of the alias, of the longest address, of the environment', async () => {
        const client = newClient();
        const { origin } = datasette;
        const good = tokens['everything'] ?? '';
        const wrong = 'writ_at_wrong';
        await client.run(['alias', 'add', 'prod', origin]);
        const keep = (kept: Record<string, string>) =>
          writeFileSync(path.join(client.directory, 'auth.json'), JSON.stringify(kept));
        const ask = async (options: string[], environment = wrong) =>
          JSON.parse(
            (await client.run(['actor', ...options], { DATASETTE_TOKEN: environment })).stdout,
          );
        keep({ prod: good, [origin]: wrong });
        expect(await ask(['-i', 'prod'])).toEqual(actor());
        expect(await ask(['-i', 'prod', '--token', wrong])).toEqual({ actor: null });
        keep({ [origin]: wrong, [`${origin}/`]: good });
        expect(await ask(['-i', `${origin}/`])).toEqual(actor());
        keep({});
        expect(await ask(['-i', origin], good)).toEqual(actor());
        expect(await ask(['-i', origin])).toEqual({ actor: null });
      });

      /** Requests that a Datasette protects, by the required scope. */
      const requests = {
        'GET /.json': 'view-instance',
        'GET /db1.json': 'view-database db1',
        'GET /db1.json?sql=select+1': 'execute-sql db1',
        'GET /db1/dogs.json': 'view-table db1/dogs',
        'GET /db1/cats.json': 'view-table db1/cats',
        'GET /db3/dogs.json': 'view-table db3/dogs',
        'POST /db1/dogs/-/insert': 'insert-row db1/dogs',
        'POST /db3/dogs/-/insert': 'insert-row db3/dogs',
        'POST /db3/dogs/-/drop': 'drop-table db3/dogs',
        'POST /db3/submissions/-/insert': 'insert-row db3/submissions',
        'POST /db3/-/create': 'create-table db3',
      };
      const allowed = async (token?: string): Promise<string[]> => {
        const may: string[] = [];
        for (const [request, needs] of Object.entries(requests)) {
          const [method = '', target = ''] = request.split(' ');
          const { status } = await fetch(datasette.origin + target, {
            method,
            ...(token && { headers: { authorization: `Bearer ${token}` } }),
          });
          if (status < 300) may.push(needs);
          else expect([request, status]).toEqual([request, 403]);
        }
        return may;
      };

      test('a token permits exactly its scopes, for the instance, a database and a table', async () => {
        const everything = Object.values(requests);
        expect(await allowed(tokens['everything'])).toEqual(everything);
        expect(await allowed(tokens['write all'])).toEqual(everything);
        expect(await allowed(tokens['read all'])).toEqual(
          everything.filter((needs) => /^(view|execute)/.test(needs)),
        );
        expect(await allowed(tokens['some of each'])).toEqual([
          ...['view-database db1', 'execute-sql db1', 'view-table db1/dogs', 'view-table db1/cats'],
          ...['view-table db3/dogs', 'insert-row db3/dogs', 'drop-table db3/dogs'],
        ]);
        expect(await allowed(tokens['JSON and more'])).toEqual([
          ...['view-table db1/dogs', 'view-table db3/dogs', 'insert-row db3/dogs'],
          ...['drop-table db3/dogs', 'insert-row db3/submissions', 'create-table db3'],
        ]);
        expect(await allowed()).toEqual([]);
        expect(await allowed('writ_at_wrong')).toEqual([]);
      });

      test('tokens survive the places where dclient stores and sends them: JSON files, options and headers', async () => {
        const token = tokens['some of each'] ?? '';
        expect(token).toMatch(/^[A-Za-z0-9_]+$/);
        const client = newClient();
        await client.run(['auth', 'add', 'x', '--token', token]);
        // As Python writes it: the value contains nothing that needs escaping.
        expect(statSync(path.join(client.directory, 'auth.json')).size).toBe(
          `{\n    "x": "${token}"\n}`.length,
        );
        const options = ['-i', datasette.origin, '--token', token];
        const [query, refused] = await Promise.all([
          client.run(['query', 'db1', 'select 1', ...options]),
          client.run(['get', '/db3/submissions.json', ...options]),
        ]);
        expect([query.code, JSON.parse(query.stdout)]).toEqual([0, [{ id: 1 }]]);
        expect([refused.code, refused.stdout + refused.stderr]).toEqual([
          1,
          expect.stringContaining('403'),
        ]);
      });

      test('a real Datasette with a plugin of thirty lines enforces the scopes of a token of Writ', async () => {
        const client = newClient();
        const file = path.join(client.directory, 'db1.db');
        await finished(
          spawn(pythonCommand('python'), [
            '-c',
            'import sqlite3, sys\nfor t in ("dogs", "cats"): sqlite3.connect(sys.argv[1], isolation_level=None).execute(f"create table {t} as select \'{t}\' as name")',
            file,
          ]),
        );
        const metadata = path.join(client.directory, 'metadata.json');
        writeFileSync(
          metadata,
          JSON.stringify({
            plugins: {
              writ: {
                introspection: `${stack().origin}/connect/introspect`,
                client_id: resourceServer.id,
                client_secret: resourceServer.secret,
              },
            },
          }),
        );
        const server = spawn(pythonCommand('datasette'), [
          ...['serve', file, '--metadata', metadata, '--host', '127.0.0.1', '--port', '0'],
          ...['--plugins-dir', path.join(import.meta.dirname, 'datasette-plugins')],
        ]);
        try {
          const origin = await addressOf(server);
          const get = async (target: string, name?: string) =>
            (
              await fetch(origin + target, {
                ...(name && { headers: { authorization: `Bearer ${tokens[name]}` } }),
              })
            ).status;
          expect(await get('/db1/dogs.json')).toBe(403);
          expect(await get('/db1/dogs.json', 'everything')).toBe(200);
          expect(await get('/db1/dogs.json', 'JSON and more')).toBe(200);
          expect(await get('/db1/cats.json', 'JSON and more')).toBe(403);
          const { stdout } = await client.run([
            ...['query', 'db1', 'select name from dogs', '-i', origin],
            ...['--token', tokens['some of each'] ?? ''],
          ]);
          expect(JSON.parse(stdout)).toEqual([{ name: 'dogs' }]);
          const refused = await client.run([
            ...['query', 'db1', 'select name from dogs', '-i', origin],
            ...['--token', tokens['JSON and more'] ?? ''],
          ]);
          expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('403')]);
        } finally {
          server.kill();
          await finished(server);
        }
      });
    },
    { DIALECTS: 'datasette', DATASETTE_DEVICE_FLOW: 'on' },
  );
});

const finished = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('close', () => resolve());
  });

/** The URL of a Datasette, which it prints to its standard error. */
const addressOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (part) => {
      said += part;
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (address) resolve(address);
    });
    child.once('close', () => reject(new Error(said)));
  });
