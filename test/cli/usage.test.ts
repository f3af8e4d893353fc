import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { writ, writHere } from '../support/command.ts';

/** Nothing here needs a server: a wrong line is refused before anybody is asked. */
const environment = { WRIT_URL: 'http://127.0.0.1:1', WRIT_TOKEN: 'none' };

test.each([
  [[]],
  [['bogus']],
  [['clients']],
  [['clients', 'bogus']],
  [['clients', 'show']],
  [['clients', 'show', 'one', 'two']],
  [['clients', 'list', '--bogus']],
  [['clients', 'create', '--role']],
  [['clients', 'create', '--access-token-ttl', 'long']],
  [['clients', 'create', '--access-token-ttl', '0']],
  [['clients', 'create', '--access-token-ttl', '1.5']],
  [['clients', 'create', '--public', '--jwks', 'file']],
  [['clients', 'create', '--device', '--jwks', 'file']],
  [['clients', 'create', '--device-lifetime', '1h']],
  [['clients', 'update', 'one']],
  [['clients', 'update', 'one', '--add', 'role']],
  [['clients', 'update', 'one', '--add', 'name=x']],
  [['clients', 'update', 'one', '--remove', 'bogus=x']],
  [['clients', 'update', 'one', '--clear', 'bogus']],
  [['clients', 'secrets', 'add', 'one', '--hash', 'x', '--value-from', 'y']],
  [['apps', 'create']],
  [['apps', 'clients', 'show', 'acme']],
  [['apps', 'clients', 'show', 'acme:one:two']],
  [['apps', 'clients', 'create', 'acme:one']],
  [['apps', 'clients', 'create', 'acme:one', '--role', 'Reader', '--kind', 'bogus']],
  [['apps', 'clients', 'update', 'acme:one']],
  [['apps', 'clients', 'update', 'acme:one', '--clear', 'role']],
  [['apps', 'clients', 'update', 'acme:one', '--format', 'bogus']],
  [['apps', 'invitations', 'create', 'acme', 'nobody', 'Reader']],
  [['apps', 'roles', 'set', 'acme', 'one', '--manages', 'app']],
  [['resources', 'update', 'https://one.test', '--no-apps', '--apps-format', 'jwt']],
  [['accounts', 'create', '--email', 'a@b.test']],
  [['accounts', 'update', 'one', '--clear', 'name']],
  [['tokens', 'list', '--kind', 'bogus']],
  [['tokens', 'revoke']],
  [['tokens', 'revoke', 'tok_one', '--client', 'two']],
  [['tokens', 'revoke', '--client', 'one', '--account', 'two']],
  [['tokens', 'revoke', 'tok_one', '--grant', 'two']],
  [['setup', '--email', 'nobody']],
  [['keys', 'rotate', '--alg', 'HS256']],
  [['audit', 'list', '--since', 'yesterday']],
  [['audit', 'list', '--since', '2026-13-01']],
  [['audit', 'list', '--limit', '0']],
  [['roles', 'list', '--url', 'localhost:3000']],
])('wrong usage is exit code 2, and says on standard error what is possible: %j', async (args) => {
  const { code, out, err } = await writHere(args, environment);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).not.toBe('');
  expect(err).not.toMatch(/^ +at /m);
});

test('of what cannot be undone, a script says --yes: otherwise nobody is asked, and nothing is done', async () => {
  for (const args of [
    ['clients', 'delete', 'one'],
    ['roles', 'delete', 'one'],
    ['apps', 'delete', 'acme'],
    ['apps', 'clients', 'delete', 'acme:one'],
    ['apps', 'roles', 'delete', 'acme', 'one'],
    ['resources', 'delete', 'https://one.test'],
    ['keys', 'revoke', 'one'],
    ['tokens', 'revoke', '--client', 'one'],
  ]) {
    const { code, out, err } = await writHere(args, environment);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Pass --yes');
  }
});

/** Every command that there is, by its words. */
function commandsOf(command: Command, words: string[] = []): string[][] {
  return [words, ...command.commands.flatMap((each) => commandsOf(each, [...words, each.name()]))];
}
const commands = commandsOf(createProgram({}, { out: () => {}, err: () => {} }));
/** Those with so many options that they need more than the 24 lines of the smallest terminal. */
const long = [
  'login',
  'cross-app-access create',
  'cross-app-access update',
  'issuers create',
  'issuers update',
  'providers create',
  'providers update',
  '',
  'accounts',
  'accounts create',
  'accounts update',
  'apps clients create',
  'apps clients update',
  'clients create',
  'clients update',
  'resources create',
  'resources update',
  'tokens create',
];

test.each(commands.map((command) => [command.join(' ') || 'writ', command] as const))(
  'the help of %s fits on a terminal, and goes to standard output with exit code 0',
  async (_name, command) => {
    const { code, out, err } = await writHere([...command, '--help'], environment);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Usage: writ/);
    const lines = out.trimEnd().split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(long.includes(command.join(' ')) ? 130 : 24);
    // What an option is when it is left out is said in words, or not at all.
    expect(out).not.toContain('(default: [])');
  },
);

test.each([
  ['clients create'],
  ['clients update'],
  ['clients secrets add'],
  ['roles set'],
  ['apps create'],
  ['apps clients create'],
  ['apps clients update'],
  ['apps members set'],
  ['apps invitations create'],
  ['apps roles set'],
  ['app-roles set'],
  ['resources create'],
  ['resources update'],
  ['accounts create'],
  ['accounts update'],
  ['tokens revoke'],
  ['audit list'],
  ['doctor'],
])('the help of %s shows an example', async (command) => {
  const { out } = await writHere([...command.split(' '), '--help'], environment);
  expect(out).toMatch(new RegExp(`^  writ .*\\b${command}\\b`, 'm'));
});

test('an unknown command is answered with the one that may have been meant', async () => {
  for (const [args, meant] of [
    [['client'], 'clients'],
    [['clients', 'updat'], 'update'],
    [['docter'], 'doctor'],
  ] as const)
    expect(await writHere([...args], environment)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`Did you mean ${meant}?`),
    });
});

test('--version tells that of the package', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  for (const answer of [
    await writHere(['--version'], environment),
    await writ(['-V'], environment),
  ])
    expect(answer).toMatchObject({ code: 0, out: `${version}\n`, err: '' });
});

test('a process ends with the exit code, and writes to the streams of a process', async () => {
  const help = await writ(['--help'], environment);
  expect(help).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^Usage: writ/) });
  const wrong = await writ(['bogus'], environment);
  expect(wrong).toMatchObject({ code: 2, out: '', err: expect.stringContaining('bogus') });
  const refused = await writ(['roles', 'list'], environment);
  expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('reached') });
});
