import { expect, test } from '@jest/globals';
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
])('wrong usage is exit code 2, and says on standard error what is possible: %j', async (args) => {
  const { code, out, err } = await writHere(args, environment);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).not.toBe('');
  expect(err).not.toMatch(/^ +at /m);
});

const commands = [
  [],
  ['serve'],
  ['migrate'],
  ['setup'],
  ['clients'],
  ['clients', 'create'],
  ['clients', 'list'],
  ['clients', 'show'],
  ['clients', 'disable'],
  ['clients', 'enable'],
  ['clients', 'delete'],
  ['clients', 'secrets'],
  ['clients', 'secrets', 'add'],
  ['clients', 'secrets', 'list'],
  ['clients', 'secrets', 'revoke'],
  ['roles'],
  ['roles', 'set'],
  ['roles', 'list'],
  ['resources'],
  ['resources', 'create'],
  ['resources', 'list'],
  ['tokens'],
  ['tokens', 'show'],
  ['tokens', 'revoke'],
];

test.each(commands.map((command) => [command.join(' ') || 'writ', command]))(
  'the help of %s fits on a terminal, and goes to standard output with exit code 0',
  async (_name, command) => {
    const { code, out, err } = await writHere([...command, '--help'], environment);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Usage: writ/);
    const lines = out.split('\n');
    expect(lines.filter((line) => line.length > 100 && !line.startsWith('  writ '))).toEqual([]);
    expect(lines.length).toBeLessThan(50);
    // What an option is when it is left out is said in words, or not at all.
    expect(out).not.toContain('(default: [])');
  },
);

test.each([['clients create'], ['roles set'], ['resources create']])(
  'the help of %s shows an example',
  async (command) => {
    const { out } = await writHere([...command.split(' '), '--help'], environment);
    expect(out).toContain(`\n  writ ${command} `);
  },
);

test('a process ends with the exit code, and writes to the streams of a process', async () => {
  const help = await writ(['--help'], environment);
  expect(help).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^Usage: writ/) });
  const wrong = await writ(['bogus'], environment);
  expect(wrong).toMatchObject({ code: 2, out: '', err: expect.stringContaining('bogus') });
  const refused = await writ(['roles', 'list'], environment);
  expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('reached') });
});
