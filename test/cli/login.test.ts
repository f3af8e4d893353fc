// `writ login` and what it leaves on a machine: logins that renew themselves, and end when they are told to.
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiScopes } from '../../config/scopes.ts';
import type { Login } from '../../src/cli/logins/types.ts';
import { chromiumPath, openBrowser, openPage } from '../support/browser.ts';
import { writ, writHere } from '../support/command.ts';
import { makePerson, signedIn } from '../support/people.ts';
import {
  hasPseudoTerminals,
  type OnTerminal,
  writOnPseudoTerminal,
} from '../support/pseudo-terminal.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack, unique } from '../support/stacks.ts';
import { startSystemKeyring, systemKeyringIsThere } from '../support/system-keyring.ts';
import type { Visitor } from '../support/visitor.ts';
import { writOnTerminal } from './operator.ts';
import { withServer } from './other-server.ts';

onStack((stack) => {
  const homes: string[] = [];
  const terminals: OnTerminal[] = [];
  let administrator: Awaited<ReturnType<typeof signedIn>>;
  /** A machine on which the administrator is logged in. */
  let laptop: Awaited<ReturnType<typeof machine>>;
  let loggedIn: Awaited<ReturnType<typeof logIn>>;
  beforeAll(async () => {
    administrator = await signedIn(stack(), { roles: ['administrator'] });
    laptop = await machine();
    loggedIn = await logIn(laptop);
    await keep(laptop.file);
  });
  afterAll(async () => {
    for (const terminal of terminals) terminal.close();
    for (const home of homes) await rm(home, { recursive: true });
  });

  /** A machine of a person, without any login. */
  async function machine(): Promise<{
    environment: { HOME: string; DATA_DIR: string };
    file: string;
  }> {
    const home = await mkdtemp(path.join(tmpdir(), 'writ-login-'));
    homes.push(home);
    return {
      environment: { HOME: home, DATA_DIR: path.join(home, 'data') },
      file: path.join(home, '.config/writ/logins.json'),
    };
  }

  const saved = async (file: string): Promise<Login[]> =>
    JSON.parse(await readFile(file, 'utf8')).logins;

  /** Logs in on a terminal; the person decides as soon as the code is shown. */
  async function logIn(
    { environment }: { environment: Record<string, string> },
    args: string[] = [stack().issuer],
    {
      visitor = administrator.visitor,
      decision = 'approve',
    }: { visitor?: Visitor; decision?: string } = {},
  ) {
    let decided: Promise<unknown> | undefined;
    let shown = '';
    const outcome = await writOnTerminal(['login', ...args], environment, {
      errColumns: 100,
      err: (text) => {
        shown += text;
        const code = /Code {2}(\S+)/.exec(shown)?.[1];
        if (code && !decided)
          decided = visitor
            .get(`/device?user_code=${code}`)
            .then(() => visitor.submit('/device/decision', { user_code: code, decision }));
      },
    });
    await decided;
    return { ...outcome, err: shown };
  }

  /** Moves the expiry of a stored access token into the past. */
  async function expire(file: string): Promise<void> {
    const content = JSON.parse(await readFile(file, 'utf8'));
    for (const login of content.logins) Object.assign(login, { renew_at: 1, expires_at: 1 });
    await writeFile(file, JSON.stringify(content));
  }

  const keep = async (file: string) => {
    for (const { access_token, refresh_token } of await saved(file)) {
      keepSecret('access_token', access_token);
      if (refresh_token) keepSecret('refresh_token', refresh_token);
    }
  };

  test('an administrator logs in with a code, and the commands act under their own name', async () => {
    const { code, out, err } = loggedIn;
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('/device?user_code=') });
    expect(out).toContain(`as ${administrator.email}`);
    const who = await writHere(['whoami', '--json'], laptop.environment);
    expect(who.json).toMatchObject({
      person: administrator.email,
      account_id: administrator.accountId,
    });
    await writHere(['roles', 'set', unique('ours'), '--permission', 'a.b'], laptop.environment);
    const { json } = await writHere(
      ['audit', 'list', '--action', 'role.created', '--json'],
      laptop.environment,
    );
    expect(json[0]).toMatchObject({ actor: { kind: 'account', id: administrator.accountId } });
  });

  test('the file of logins is for its owner only, and no list of logins shows a token', async () => {
    expect((await stat(laptop.file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(laptop.file))).mode & 0o777).toBe(0o700);
    const [login] = await saved(laptop.file);
    const list = await writHere(['auth', 'list', '--json'], laptop.environment);
    expect(list.json).toHaveLength(1);
    expect(list.out).not.toContain(login?.access_token);
    expect(list.out).not.toContain(login?.refresh_token);
  });

  test('a person who administers nothing gets what they may do, and no more', async () => {
    const person = await signedIn(stack());
    const home = await machine();
    expect((await logIn(home, undefined, person)).code).toBe(0);
    await keep(home.file);
    const [login] = await saved(home.file);
    const granted = login?.scope?.split(' ').filter((name) => Object.hasOwn(apiScopes, name));
    expect(granted?.toSorted()).toEqual(['apps:read', 'apps:write']);
    expect(await writHere(['accounts', 'list'], home.environment)).toMatchObject({
      code: 1,
      err: expect.stringContaining('accounts:read'),
    });
  });

  test('a login for an API that is closed to people says how an administrator opens it, as a command for a shell', async () => {
    const { environment } = await machine();
    const resource = `https://${unique('closed')}.test/a'b`;
    await stack().api.createResource({ identifier: resource, scopes: [{ name: 'things:read' }] });
    const refused = await writHere(
      ['login', stack().issuer, '--resource', resource, '--no-browser'],
      environment,
    );
    const quoted = `'${resource.replace("'", `'\\''`)}'`;
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        `An administrator opens an API to logins: npx writ resources update ${quoted} --personal-tokens`,
      ),
    });
  });

  test('a login that is denied leaves nothing behind', async () => {
    const home = await machine();
    const { code, err } = await logIn(home, undefined, { decision: 'deny' });
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining('denied in the browser'),
    });
    await expect(stat(home.file)).rejects.toThrow('ENOENT');
  });

  test('twenty commands with an expired token renew it once', async () => {
    const home = laptop;
    await expire(home.file);
    const [before] = await saved(home.file);
    const runs = await Promise.all(
      Array.from({ length: 20 }, () => writ(['token'], { ...home.environment })),
    );
    expect(runs.filter(({ code }) => code !== 0)).toEqual([]);
    const tokens = new Set(runs.map(({ out }) => out.trim()));
    await keep(home.file);
    const [after] = await saved(home.file);
    expect([...tokens]).toEqual([after?.access_token]);
    expect(after?.refresh_token).not.toBe(before?.refresh_token);
    expect(await readdir(path.dirname(home.file))).toEqual(['logins.json']);
    expect((await writHere(['auth', 'status'], home.environment)).code).toBe(0);
  });

  test('a token that the server no longer accepts is renewed in the middle of a command', async () => {
    const home = laptop;
    const [login] = await saved(home.file);
    await stack().post('/connect/revocation', {
      client_id: 'writ-cli',
      token: login?.access_token ?? '',
      token_type_hint: 'access_token',
    });
    const { code } = await writHere(['roles', 'list', '--json'], home.environment);
    expect(code).toBe(0);
    await keep(home.file);
  });

  test('a login does not replace one for another API, and asks for the same again', async () => {
    const home = await machine();
    await logIn(home, [
      stack().issuer,
      '--alias',
      'narrow',
      '--resource',
      stack().apiResource,
      '--scope',
      'roles:read',
    ]);
    const other = await writHere(
      ['login', stack().issuer, '--alias', 'narrow', '--read', 'things'],
      home.environment,
    );
    expect(other).toMatchObject({ code: 1, err: expect.stringContaining('is another one') });
    await keep(home.file);
    expect((await logIn(home, ['narrow'])).code).toBe(0);
    await keep(home.file);
    const [login] = await saved(home.file);
    expect(login?.scope?.split(' ').filter((name) => name.includes(':'))).toEqual(['roles:read']);
  });

  test('logging out ends the login at the server too', async () => {
    const home = await machine();
    await logIn(home);
    await keep(home.file);
    const [login] = await saved(home.file);
    expect(await writHere(['logout'], home.environment)).toMatchObject({ code: 0 });
    expect(await saved(home.file)).toEqual([]);
    const self = await stack().request('GET', '/api/v1/tokens/self', {
      headers: { authorization: `Bearer ${login?.access_token}` },
    });
    expect(self.status).toBe(401);
    expect(await writHere(['token'], home.environment)).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no login'),
    });
  });

  test('a login that was ended elsewhere says so, and how to log in again', async () => {
    const home = await machine();
    await logIn(home, [stack().issuer, '--alias', 'laptop']);
    await keep(home.file);
    await expire(home.file);
    const [login] = await saved(home.file);
    await stack().post('/connect/revocation', {
      client_id: 'writ-cli',
      token: login?.refresh_token ?? '',
    });
    expect(await writHere(['token', 'laptop'], home.environment)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/The login laptop has ended.*writ login laptop/s),
    });
  });

  test('with --token-only the token is printed, and nothing is saved', async () => {
    const home = await machine();
    const { code, out } = await logIn(home, [stack().issuer, '--token-only']);
    expect(code).toBe(0);
    keepSecret('access_token', out.trim());
    expect(out).toMatch(/^writ_at_[A-Za-z0-9]+\n$/);
    await expect(stat(home.file)).rejects.toThrow('ENOENT');
  });

  test('logins for other APIs have the scopes that were asked for, and writing includes reading', async () => {
    const resource = `https://${unique('api')}.example.com`;
    await stack().domain.resources.create({
      identifier: resource,
      name: 'An API',
      scopes: ['things:read', 'things:write', 'plans:read'].map((name) => ({
        name,
        description: name,
      })),
      tokenFormat: 'opaque',
      signingAlg: 'ES256',
      accessTokenTtl: null,
      isDefault: false,
      appPolicy: null,
      personalPolicy: { longest_ttl: null, withheld_scopes: ['plans:read'] },
    });
    const scopesOf = async (...options: string[]) => {
      const home = await machine();
      const { code, err } = await logIn(home, [stack().issuer, '--resource', resource, ...options]);
      if (code !== 0) return err.trim().split('\n').at(-1);
      await keep(home.file);
      const [login] = await saved(home.file);
      return login?.scope?.split(' ').filter((name) => name.includes(':'));
    };
    expect(await scopesOf('--write', 'things')).toEqual(['things:read', 'things:write']);
    expect(await scopesOf('--read-all')).toEqual(['things:read']);
    expect(await scopesOf()).toEqual(['things:read', 'things:write']);
    expect(await scopesOf('--scope', 'plans:read')).toContain('plans:read');
    expect(await scopesOf('--read', 'typo')).toContain('typo:read');
  });

  test('a server that names another issuer gets no login', async () => {
    const home = await machine();
    await withServer(
      (_request, response) => response.end(JSON.stringify({ issuer: stack().issuer })),
      async (url) => {
        expect(await writHere(['login', url], home.environment)).toMatchObject({
          code: 1,
          err: expect.stringContaining(`calls itself ${stack().issuer}`),
        });
      },
    );
  });

  test('a client is kept with its secret, and its tokens renew themselves', async () => {
    const home = await machine();
    const client = await stack().api.createClient({ grant_types: ['client_credentials'] });
    const environment = { ...home.environment, WRIT_URL: stack().issuer };
    const once = await writHere(['client-token', client.id], {
      ...environment,
      WRIT_CLIENT_SECRET: client.secret ?? '',
    });
    expect(once).toMatchObject({ code: 0, out: expect.stringMatching(/^writ_at_/) });
    keepSecret('access_token', once.out.trim());
    await writHere(['client-token', client.id, '--save', 'job'], {
      ...environment,
      WRIT_CLIENT_SECRET: client.secret ?? '',
    });
    await keep(home.file);
    await expire(home.file);
    const renewed = await writHere(['token', 'job'], home.environment);
    expect(renewed).toMatchObject({ code: 0, out: expect.stringMatching(/^writ_at_/) });
    await keep(home.file);
    const wrong = await writHere(['client-token', client.id], {
      ...environment,
      WRIT_CLIENT_SECRET: 'wrong',
    });
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('refused a token') });
  });

  (chromiumPath && hasPseudoTerminals ? test : test.skip).each([30, 100])(
    'a person asked for the server in a terminal of %i columns approves the link in Chromium, and the command goes on',
    async (columns) => {
      const home = await machine();
      const person = await makePerson(stack());
      const [opened, browserCommand] = ['opened', 'browser'].map((name) =>
        path.join(path.dirname(home.environment.DATA_DIR), name),
      ) as [string, string];
      // Opening a pipe waits for the other side.
      spawnSync('mkfifo', [opened]);
      const told = readFile(opened, 'utf8');
      await writeFile(browserCommand, `#!/bin/sh\necho "$1" > ${opened}\n`, { mode: 0o755 });
      const terminal = writOnPseudoTerminal(
        ['login'],
        { ...home.environment, BROWSER: browserCommand },
        { columns },
      );
      terminals.push(terminal);
      await terminal.waitFor(/URL of the server: /);
      terminal.type(`${stack().issuer}\r`);
      await terminal.waitFor(/\d+:\d\d left\. Waiting/);
      const link = (await told).trim();
      expect(terminal.output).toContain(`Link  ${link}`);
      // A narrow window has no room for the QR code, which would break.
      expect(/[▀▄█]/.test(terminal.output)).toBe(columns > 60);
      const browser = await openBrowser();
      try {
        const { page } = await openPage(browser);
        await page.goto(link);
        await page.getByLabel('Email').fill(person.email);
        await page.getByLabel('Password').fill(person.password);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await page.getByRole('button', { name: 'Connect', exact: true }).click();
        await page.getByRole('heading', { name: /connected/i }).waitFor();
      } finally {
        await browser.close();
      }
      expect(await terminal.ended).toBe(0);
      expect(terminal.output).toContain(`as ${person.email}`);
      await keep(home.file);
      // What redraws a line never leaves the line.
      const drawn = terminal.output.split('\r').filter((text) => /^\d+:\d\d left/.test(text));
      expect(drawn.length).toBeGreaterThan(0);
      for (const text of drawn)
        expect(text.replaceAll('\u001b[K', '').length).toBeLessThan(columns);
    },
  );

  (systemKeyringIsThere() && hasPseudoTerminals ? describe : describe.skip)(
    'with --keyring',
    () => {
      let keyring: Awaited<ReturnType<typeof startSystemKeyring>>;
      let home: Awaited<ReturnType<typeof machine>>;
      /** The machine, in a session whose keyring is unlocked. */
      let session: Record<string, string>;
      beforeAll(async () => {
        keyring = await startSystemKeyring();
        home = await machine();
        session = { ...home.environment, ...keyring.environment };
        const terminal = writOnPseudoTerminal(
          ['login', stack().issuer, '--alias', 'sealed', '--keyring'],
          session,
          { columns: 100 },
        );
        terminals.push(terminal);
        const [, code = ''] = await terminal.waitFor(/Code {2}(\S+)/);
        await administrator.visitor.get(`/device?user_code=${code}`);
        await administrator.visitor.submit('/device/decision', {
          user_code: code,
          decision: 'approve',
        });
        expect(await terminal.ended).toBe(0);
      });
      afterAll(() => keyring.stop());

      const content = () => readFile(home.file, 'utf8');
      const token = async () => {
        const { code, out, err } = await writ(['token', 'sealed'], session);
        expect({ code, err }).toEqual({ code: 0, err: '' });
        keepSecret('access_token', out.trim());
        return out.trim();
      };

      test('the file has no token, and one command of many renews the login', async () => {
        const [login] = await saved(home.file);
        expect(login).toMatchObject({ alias: 'sealed', person: administrator.email });
        expect(Object.keys(login ?? {})).not.toContain('access_token');
        const before = await token();
        expect(await content()).not.toContain(before);
        await expire(home.file);
        const tokens = new Set(await Promise.all([token(), token(), token()]));
        expect(tokens.size).toBe(1);
        expect([...tokens]).not.toEqual([before]);
        expect((await writ(['whoami', '--json'], session)).json).toMatchObject({
          person: administrator.email,
        });
        const { json } = await writHere(['auth', 'list', '--json'], home.environment);
        expect(json).toMatchObject([{ alias: 'sealed', keyring: true }]);
      });

      test('without the keyring, or at another server, the tokens cannot be read', async () => {
        const none = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${home.file}.bus` };
        expect(await writ(['token', 'sealed'], { ...home.environment, ...none })).toMatchObject({
          code: 1,
          out: '',
          err: expect.stringMatching(/keyring of this system cannot be used.*--no-keyring/s),
        });
        const original = await content();
        await writeFile(home.file, original.replaceAll(stack().issuer, 'http://127.0.0.1:9'));
        expect(await writ(['token', 'sealed'], session)).toMatchObject({
          code: 1,
          out: '',
          err: expect.stringContaining('cannot be opened'),
        });
        await writeFile(home.file, original);
      });

      test('a login that no keyring can take is refused before anyone approves it', async () => {
        const elsewhere = await machine();
        const none = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${elsewhere.file}.bus` };
        const { code, err } = await writ(['login', stack().issuer, '--keyring'], {
          ...elsewhere.environment,
          ...none,
        });
        expect({ code, err }).toEqual({
          code: 1,
          err: expect.stringContaining('keyring of this system cannot be used'),
        });
        expect(err).not.toContain('/device');
        await expect(stat(elsewhere.file)).rejects.toThrow('ENOENT');
      });

      test('the secret of a client is sealed, and --no-keyring takes a login out', async () => {
        const { id, secret = '' } = await stack().api.createClient({
          grant_types: ['client_credentials'],
        });
        const save = (option: string) =>
          writ(['--url', stack().issuer, 'client-token', id, '--save', 'robot', option], {
            ...session,
            WRIT_CLIENT_SECRET: secret,
          });
        expect(await save('--keyring')).toMatchObject({ code: 0 });
        expect(await content()).not.toContain(secret);
        await expire(home.file);
        const { out } = await writ(['token', 'robot'], session);
        keepSecret('access_token', out.trim());
        expect(out).toMatch(/^\S{20,}\n$/);
        expect(await save('--no-keyring')).toMatchObject({ code: 0 });
        expect(await content()).toContain(secret);
        const { json } = await writ(['auth', 'list', '--json'], session);
        expect(json).toMatchObject([{ alias: 'sealed', keyring: true }, { keyring: false }]);
        await keep(home.file);
      });

      test('logging out ends the login at the server, and removes the key of the last one', async () => {
        const value = await token();
        expect(keyring.has('writ')).toBe(true);
        expect(await writ(['logout', 'sealed'], session)).toMatchObject({ code: 0 });
        const self = await stack().request('GET', '/api/v1/tokens/self', {
          headers: { authorization: `Bearer ${value}` },
        });
        expect(self.status).toBe(401);
        expect(keyring.has('writ')).toBe(false);
      });
    },
  );

  test('a broken file of logins is named, with what to do', async () => {
    const home = await machine();
    await mkdir(path.dirname(home.file), { recursive: true });
    await writeFile(home.file, '{"version":1,"logins":[{');
    expect(await writHere(['token'], home.environment)).toMatchObject({
      code: 1,
      err: expect.stringContaining('is not valid JSON. Remove it, and log in again.'),
    });
  });
});
