import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { emptyPostgresDatabase, postgresUrl } from '../support/databases.ts';
import { runWrit } from '../support/server-process.ts';
import { createStarts } from './data-directories.ts';

const starts = createStarts();
afterAll(() => starts.end());

const link = /^ {3}http:\/\/localhost:\d+\/invitation\/writ_inv_[0-9A-Za-z]+$/gm;

test('`writ setup` shows the first administrator a link to choose a password at, once', async () => {
  const env = await starts.fresh();
  const named = ['setup', '--email', 'ada@example.com', '--name', 'Ada Lovelace'];
  const first = await runWrit(named, env);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout.match(link)).toEqual([expect.stringContaining(`:${env['PORT']}/`)]);
  expect(first.stdout).toContain('ada@example.com');

  const again = await runWrit(['setup'], env);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(again.stdout).not.toMatch(link);
  expect(again.stdout).toContain('npx writ accounts invite ada@example.com');
  expect(again.stdout).toContain('Nothing to do');
  expect(again.stdout).not.toContain('No account was created');

  const other = await runWrit(['setup', '--email', 'bob@example.com'], env);
  expect(other).toMatchObject({ code: 0, stderr: '' });
  expect(other.stdout).toContain('No account was created for bob@example.com');
  expect(other.stdout).toContain('an administrator already, ada@example.com');
});

(postgresUrl ? test : test.skip)(
  'on Postgres `setup` leads to a first token: its commands work while only this machine reaches the server, at whatever port, and no token is without an audience',
  async () => {
    const { DATA_DIR = '', PORT = '' } = await starts.fresh();
    const env = {
      DATABASE_URL: await emptyPostgresDatabase(),
      SECRET_KEYS: 'x'.repeat(32),
      ISSUER: 'https://login.acme.invalid',
      DATA_DIR,
      PORT,
    };
    const planned = `http://localhost:${PORT}`;
    const { code, stdout, stderr } = await runWrit(['setup'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      `uses ${planned} until DNS and a proxy lead to https://login.acme.invalid`,
    );
    const next = stdout.match(/^ {3}npx writ (?!serve)(.*)$/gm) ?? [];
    expect(next).toHaveLength(4);

    const lost = await runWrit(['roles', 'list'], env);
    expect(lost).toMatchObject({ code: 1, stderr: expect.stringContaining('--url') });
    expect(lost.stderr).toMatch(
      new RegExp(`Neither https://login.acme.invalid nor ${planned} on this machine responds`),
    );
    const server = await starts.start({ ...env, PORT: '0', HOST: 'localhost' });
    const local = server.origin;
    const early = await runWrit(['clients', 'create', 'early', '--json'], env);
    const { client_secret: earlySecret } = JSON.parse(early.stdout);
    for (const form of [{}, { scope: 'things:read' }])
      expect(await server.token({ id: 'early', secret: earlySecret }, form)).toMatchObject({
        status: 400,
        body: {
          error: 'invalid_target',
          error_description: expect.stringMatching(
            /has no resource.*writ resources create \S+ --default/,
          ),
        },
      });
    const ran = [];
    for (const line of next) {
      const args =
        line
          .trim()
          .slice('npx writ '.length)
          .match(/"[^"]*"|\S+/g) ?? [];
      ran.push(
        await runWrit(
          args.map((word) => word.replaceAll('"', '')),
          env,
        ),
      );
    }
    expect(ran.map((command) => command.code)).toEqual([0, 0, 0, 0]);
    expect(ran[0]?.stderr).toContain(`using ${local}`);

    const secret = /client_secret +(\S+)/.exec(ran[2]?.stdout ?? '')?.[1] ?? '';
    const apiSecret = /client_secret +(\S+)/.exec(ran[3]?.stdout ?? '')?.[1] ?? '';
    const curls = (stdout.match(/^ {3}curl .*$/gm) ?? []).map((line) =>
      line.replace(planned, local),
    );
    const bash = async (line = '') =>
      JSON.parse((await promisify(execFile)('bash', ['-c', line])).stdout);
    const token = await bash(curls[0]?.replace('SECRET', secret));
    expect(token).toMatchObject({ access_token: expect.any(String), scope: 'things:read' });
    expect(
      await bash(curls[1]?.replace('SECRET', apiSecret).replace('TOKEN', token.access_token)),
    ).toMatchObject({ active: true, client_id: 'demo' });
    for (const url of [local, local.replace('localhost', '127.0.0.1')])
      expect(await runWrit(['roles', 'list'], { DATA_DIR, WRIT_URL: url })).toMatchObject({
        code: 0,
        stderr: '',
      });
    await server.stop();
  },
);
