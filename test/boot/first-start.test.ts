import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { installForExample } from '../support/example-packages.ts';
import { createHttp } from '../support/http.ts';
import { freePort, type Program, startProgram, until } from '../support/process.ts';
import {
  examplePackagesAreThere,
  pythonCommand,
  pythonGuardPackagesAreThere,
} from '../support/published-clients.ts';
import { keepSecret } from '../support/run-records.ts';
import { type ProcessEnvironment, runWrit, type ServerProcess } from '../support/server-process.ts';
import { createVisitor, type Visitor } from '../support/visitor.ts';
import { createStarts } from './data-directories.ts';

const root = path.resolve(import.meta.dirname, '../..');
const starts = createStarts();
const secrets = /writ_(cs|ak|at|rt|inv)_/;

describe('the first start', () => {
  let env: ProcessEnvironment;
  let server: ServerProcess;
  let exports: string[];
  let issue: string;
  let invitation: RegExpExecArray | null;
  let visitor: Visitor;

  beforeAll(async () => {
    env = await starts.fresh();
    server = await starts.start(env);
    await server.said('/docs');
    exports = server.stdout().match(/^ {2}export .*$/gm) ?? [];
    issue = server.stdout().match(/^ {2}curl .*$/m)?.[0] ?? '';
    invitation = /^ {2}(\S+)\/invitation\/(writ_inv_\S+)$/m.exec(server.stdout());
  });
  afterAll(() => starts.end());

  /** What the commands print when they are pasted into one shell, each on a line of its own. */
  async function paste(lines: string[]): Promise<string[]> {
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      lines.map((line) => `${line.trim()}; echo`).join('\n'),
    ]);
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** Commands in one shell that waits in between, and what it has printed. */
  function pasting(lines: string[]) {
    const shell = spawn('bash', ['-c', lines.map((line) => `${line.trim()}; echo`).join('\n')]);
    const ended = once(shell, 'close');
    let printed = '';
    shell.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    let seen = '';
    return {
      async said(pattern: RegExp): Promise<string> {
        await until('the shell to print', async () => {
          [seen = ''] = pattern.exec(printed) ?? [];
          if (!seen || !printed.endsWith('\n\n')) throw new Error(printed);
        });
        return seen;
      },
      /** Lets it go on; gives the lines that come then. */
      async go(): Promise<string[]> {
        const before = printed.length;
        shell.stdin.end('yes\n');
        await ended;
        return printed
          .slice(before)
          .split('\n')
          .filter((line) => line !== '');
      },
    };
  }

  /** The commands of a section of README, for this server. */
  async function readme(heading: string): Promise<string[]> {
    const text = await readFile(path.join(root, 'README.md'), 'utf8');
    const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
    return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) =>
      block.replaceAll('http://localhost:3000', server.origin),
    );
  }

  test('fits a screen: what it does, its address, the link, one command, and where to read on', () => {
    const [doing = '', rest = ''] = server.stdout().split(/^Listening on .*$/m);
    expect(doing.trim().split('\n').length).toBeGreaterThanOrEqual(3);
    expect(rest.trim().split('\n').length).toBeLessThanOrEqual(11);
    expect(rest).toContain('README.md');
    expect(rest).toContain(`${server.origin}/docs`);
    expect(server.origin).toBe(`http://localhost:${env['PORT']}`);
  });

  test('shows a command that gets a token, and the credentials with which README introspects and revokes one', async () => {
    const [issued = ''] = await paste([...exports, issue]);
    expect(JSON.parse(issued)).toMatchObject({
      access_token: expect.stringMatching(/^writ_at_[A-Za-z0-9]+$/),
      scope: 'things:read',
    });
    const [before = '', after = ''] = await paste([
      ...exports,
      ...(await readme('A token, in a minute')),
    ]);
    expect(JSON.parse(before)).toMatchObject({
      active: true,
      client_id: 'sample-app',
      scope: 'things:read',
      roles: ['reader'],
      entitlements: ['things.read'],
    });
    expect(JSON.parse(after)).toEqual({ active: false });
  });

  test('makes a data directory, and secrets in it, that nobody else can read', async () => {
    const directory = env['DATA_DIR'] ?? '';
    const mode = async (name: string) => (await stat(path.join(directory, name))).mode & 0o777;
    expect(await mode('.')).toBe(0o700);
    const files = (await readdir(directory, { withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['operator.json', 'secret-keys']),
    );
    for (const { name } of files) expect([name, await mode(name)]).toEqual([name, 0o600]);
    expect(await mode('db')).toBe(0o700);
  });

  test('keeps the key of the `writ` command in operator.json, and shows it to nobody', async () => {
    const file = await readFile(path.join(env['DATA_DIR'] ?? '', 'operator.json'), 'utf8');
    const { url, api_key } = JSON.parse(file);
    expect(url).toBe(server.origin);
    expect(api_key).toMatch(/^writ_ak_/);
    expect(server.stdout()).not.toContain(api_key);
  });

  test('`writ clients create` beside it makes a client whose tokens carry its role, which it may introspect and revoke', async () => {
    const { code, stdout, stderr } = await runWrit(
      ['clients', 'create', 'demo', '--role', 'reader', '--json'],
      { DATA_DIR: env['DATA_DIR'] ?? '' },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const made = JSON.parse(stdout);
    expect(made).toMatchObject({ client_id: 'demo', client_secret: expect.any(String) });
    const demo = { id: made.client_id, secret: made.client_secret };
    const token = (await server.token(demo)).body.access_token;
    expect((await server.introspect(token, demo)).body).toMatchObject({
      active: true,
      roles: ['reader'],
    });
    expect((await server.revoke(token, demo)).status).toBe(200);
    expect((await server.introspect(token, demo)).body).toEqual({ active: false });
  });

  test('until the administrator has a password, a later start says how to get a link to choose it, and shows none', async () => {
    await server.stop();
    server = await starts.start(env);
    await server.said('npx writ accounts invite admin@localhost');
    expect(server.stdout()).not.toMatch(secrets);
  });

  test('leads its administrator in, who then approves the command line of README', async () => {
    const [begin = '', redeem = ''] = await readme('A command line, in another minute');
    expect(invitation?.[1]).toBe(server.origin);
    const password = 'seven otters read a quiet map';
    visitor = createVisitor(server.origin);
    await visitor.get(`/invitation/${invitation?.[2]}`);
    const chosen = { value: invitation?.[2] ?? '', password, repeat: password };
    expect((await visitor.submit('/invitation', chosen)).status).toBe(303);
    expect((await visitor.signIn('admin@localhost', password)).location).toBe('/account');

    // The approval comes between two commands of one shell, which waits for it.
    const shell = pasting([begin, 'read -r APPROVED', redeem]);
    const device = JSON.parse(await shell.said(/^\{.*\}$/m));
    const shown = new URL(device.verification_uri_complete);
    expect(shown.origin).toBe(server.origin);
    await visitor.get(shown.pathname + shown.search);
    const userCode = shown.searchParams.get('user_code') ?? '';
    const answer = { user_code: userCode, decision: 'approve' };
    expect((await visitor.submit('/device/decision', answer)).status).toBe(303);
    const [login, refreshed] = (await shell.go()).map((line) => JSON.parse(line));
    for (const tokens of [login, refreshed])
      expect(tokens).toMatchObject({
        access_token: expect.stringMatching(/^writ_at_/),
        refresh_token: expect.stringMatching(/^writ_rt_/),
        scope: expect.stringContaining('things:read'),
      });
    expect(refreshed.refresh_token).not.toBe(login.refresh_token);
  });

  describe("README's way to a protected call of one's own API", () => {
    let call = '';
    /** The code of each API, from the line that writes it to a file. */
    let apis: string[];
    let settings: string[];

    /** Commands of README in the clone, on a machine of a person with a home of its own. */
    function inClone(commands: string) {
      const writ = `'${process.execPath}' bin/writ.js`;
      const shell = spawn('bash', ['-ec', commands.replaceAll('npx writ', writ)], {
        cwd: root,
        env: { ...process.env, ...env, HOME: env['DATA_DIR'], XDG_CONFIG_HOME: '' },
      });
      const ended = once(shell, 'close');
      let printed = '';
      for (const stream of [shell.stdout, shell.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          printed += text;
        });
      return { printed: () => printed, ended: async () => (await ended)[0] as number };
    }

    beforeAll(async () => {
      const [register = '', express = '', fastapi = '', last = ''] = await readme(
        'Protect your own API, in three minutes',
      );
      apis = [express, fastapi].map((block) => block.slice(block.indexOf('cat >')));
      call = last;
      const shell = inClone(register);
      expect([await shell.ended(), shell.printed()]).toEqual([0, expect.any(String)]);
      settings = shell.printed().match(/^ {2}export .*$/gm) ?? [];
      keepSecret('client_secret', /writ_cs_\w+/.exec(settings[1] ?? '')?.[0]);
    });

    test('registers the API, and prints its settings as lines for a shell', () => {
      expect(settings).toEqual([
        `  export ISSUER=${server.origin} RESOURCE=https://api.acme.com`,
        expect.stringMatching(/^ {2}export CLIENT_ID=acme-api CLIENT_SECRET=writ_cs_\w+$/),
      ]);
    });

    const own = [
      {
        framework: 'Express',
        isThere: examplePackagesAreThere(),
        fill: (directory: string) => installForExample(directory, { express: 'express' }),
      },
      {
        framework: 'FastAPI',
        isThere: pythonGuardPackagesAreThere(),
        fill: (directory: string) =>
          symlinkSync(
            path.resolve(pythonCommand('python'), '../..'),
            path.join(directory, '.venv'),
          ),
      },
    ];
    for (const [index, { framework, isThere, fill }] of own.entries())
      (isThere ? test : test.skip)(
        `leads to an API in ${framework} that answers who is logged in with \`writ login\`, and no one else`,
        async () => {
          const port = String(await freePort());
          const python = path.join(root, 'sdk/python/src');
          const program: Program = await startProgram({
            name: framework,
            fill: async (directory) => fill(directory),
            command: () => [
              ...['env', `PATH=${path.dirname(process.execPath)}:${process.env['PATH']}`],
              ...[`PYTHONPATH=${python}`, 'PYTHONDONTWRITEBYTECODE=1', 'bash', '-ec'],
              // The last line is the server, which gets the signals.
              [...settings, apis[index]?.trim().replaceAll('8080', port)]
                .join('\n')
                .replace(/\n(.*)$/, '\nexec $1'),
            ],
            ready: () => createHttp(`http://localhost:${port}`).get('/things'),
            stopSignal: 'SIGTERM',
            killSignal: 'SIGKILL',
          });
          try {
            const shell = inClone(call.replaceAll('8080', port));
            let code = '';
            await until('the code', async () => {
              [, code = ''] = /Code {2}(\S+)/.exec(shell.printed()) ?? [];
              if (!code) throw new Error(shell.printed());
            });
            await visitor.get(`/device?user_code=${code}`);
            const answer = { user_code: code, decision: 'approve' };
            expect((await visitor.submit('/device/decision', answer)).status).toBe(303);
            expect([await shell.ended(), shell.printed()]).toEqual([
              0,
              expect.stringMatching(/^HTTP\/1.1 200 .*"things":\["hammer"\],"sub":"[\w-]{36}"/ms),
            ]);
            const { status } = await createHttp(`http://localhost:${port}`).get('/things');
            expect(status).toBe(401);
          } finally {
            await program.kill();
          }
        },
      );
  });

  test('writes nothing to standard error', () => {
    expect(server.stderr()).toBe('');
  });

  test('is the only one that shows secrets: later starts show none, and what was made goes on working', async () => {
    const introspect = `curl -s ${server.origin}/connect/introspect -u "$API" -d token=`;
    const tokenIn = (answer = '') => JSON.parse(answer).access_token as string;
    const before = tokenIn((await paste([...exports, issue]))[0]);
    await server.stop();
    server = await starts.start(env);
    const [old = '', another] = await paste([...exports, introspect + before, issue]);
    expect(JSON.parse(old)).toMatchObject({ active: true, roles: ['reader'] });
    const [again = ''] = await paste([...exports, introspect + tokenIn(another)]);
    expect(JSON.parse(again)).toMatchObject({ active: true });
    await server.stop();
    expect(server.stdout()).toMatch(/^Listening on/m);
    expect(server.stdout()).toContain(`${server.origin}/docs`);
    expect(server.stdout()).not.toContain('accounts invite');
    expect(server.stdout()).not.toMatch(secrets);
    expect(server.stderr()).toBe('');
  });
});
