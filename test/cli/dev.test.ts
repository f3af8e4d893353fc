import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readSeedFile } from '../../src/cli/dev/seed-file.ts';
import { writ, writHere } from '../support/command.ts';

const file = `resources:
  - identifier: https://api.acme.test
    token_format: jwt
    scopes: [things:read, { name: things:write, description: Change things }]
roles:
  reader: [things.read]
clients:
  - client_id: backend
    roles: [reader]
    resources: [https://api.acme.test]
  - client_id: api
    resource_server_for: [https://api.acme.test]
people:
  - { email: ada@acme.test, name: Ada, roles: [reader] }
`;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'writ-dev-test-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function dev(content: string, ...args: string[]) {
  const name = path.join(directory, 'writ.dev.yaml');
  await writeFile(name, content);
  const environment = { PATH: process.env['PATH'] ?? '', TMPDIR: directory };
  return writ(['dev', name, '--port', '0', ...args], environment);
}

/** Introspects its token, looks at the account with the command, and ends with a code of its own. */
const program = `
const { WRIT_ISSUER: issuer, WRIT_ACCESS_TOKEN: token } = process.env;
const basic = [process.env.WRIT_API_CLIENT_ID, process.env.WRIT_API_CLIENT_SECRET].join(':');
const headers = { authorization: 'Basic ' + Buffer.from(basic).toString('base64') };
const body = new URLSearchParams({ token });
const state = await (await fetch(issuer + '/connect/introspect', { method: 'POST', headers, body })).json();
const own = { authorization: 'Bearer ' + process.env.WRIT_TOKEN };
const people = await (await fetch(issuer + '/api/v1/accounts?email=ada@acme.test', { headers: own })).json();
console.log(JSON.stringify({ issuer, token, state, people: people.items }));
process.exit(7);
`;

test('a command runs against a server that was seeded, its code is that of writ, and nothing is left', async () => {
  const script = path.join(directory, 'program.mjs');
  await writeFile(script, program);
  const { code, out, err, json } = await dev(
    file,
    '--exit-with',
    `"${process.execPath}" "${script}"`,
  );
  expect([code, err]).toEqual([7, expect.stringContaining('for development only')]);
  expect(json).toMatchObject({
    issuer: expect.stringMatching(/^http:\/\/localhost:\d+$/),
    token: expect.stringMatching(/^eyJ/),
    state: { active: true, client_id: 'backend', aud: 'https://api.acme.test', roles: ['reader'] },
    people: [{ email: 'ada@acme.test', roles: ['reader'] }],
  });
  expect(out).not.toContain('writ_cs_');
  await expect(fetch(json.issuer)).rejects.toThrow();
  expect((await readdir(directory)).filter((name) => name.startsWith('writ-dev-'))).toEqual([]);
});

test('an error names the line and the key of what the server refuses', async () => {
  const wrong = file.replace('roles: [reader]\n    resources', 'roles: [raeder]\n    resources');
  const { code, err } = await dev(wrong, '--exit-with', 'true');
  expect([code, err]).toEqual([1, expect.stringMatching(/writ\.dev\.yaml:9: clients\[0\]\.roles/)]);
});

test('it does not start beside a Postgres', async () => {
  const { code, err } = await writHere(['dev', '--exit-with', 'true'], {
    DATABASE_URL: 'postgres://db/writ',
  });
  expect([code, err]).toEqual([2, expect.stringContaining('only for development')]);
});

describe('errors name every wrong line and key of a file, before a server starts', () => {
  const refused = (source: string): string => {
    try {
      readSeedFile('writ.dev.yaml', source);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  test.each([
    ['clients:\n  - client_id: a\n   b', /^writ\.dev\.yaml:[23]: /],
    ['client:\n  - client_id: a\n', /^writ\.dev\.yaml:1: client: there is no such key$/],
    ['roles:\n  a: [x]\n  a: [y]\n', /^writ\.dev\.yaml:3: .*unique/],
    ['clients:\n  - roles: [a]\n', /^writ\.dev\.yaml:2: clients\[0\]\.client_id: /],
    ['roles:\n  a:\n    permision: [x]\n', /^writ\.dev\.yaml:[23]: roles\.a/],
    ['people: yes\n', /^writ\.dev\.yaml:1: people: /],
    ['- a\n', /^writ\.dev\.yaml:1: the file: /],
  ])('%j', (source, message) => {
    expect(refused(source)).toMatch(message);
  });

  test('all problems at once', () => {
    expect(refused('a: 1\nb: 2\npeople: 3\n').split('\n')).toHaveLength(3);
  });

  test('aliases that grow without end are refused', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let at = 1; at < 9; at++) {
      const [name, before] = ['bcdefghi'[at - 1], 'abcdefgh'[at - 1]];
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`);
    }
    expect(refused(bomb.join('\n'))).not.toBe('');
  });
});

test('the file of the docs is read', async () => {
  const page = await readFile(path.join(import.meta.dirname, '../../docs/dev.md'), 'utf8');
  const [, source = ''] = /```yaml\n(resources:.*?)```/s.exec(page) ?? [];
  expect(readSeedFile('writ.dev.yaml', source).seed).toMatchObject({
    clients: [{ client_id: 'backend' }, { client_id: 'api' }],
  });
});

test('the GitHub Action is a composite one, whose inputs reach the shell as variables only', async () => {
  const action = parse(
    await readFile(path.join(import.meta.dirname, '../../deploy/github-action/action.yml'), 'utf8'),
  );
  expect(action.runs.using).toBe('composite');
  for (const step of action.runs.steps) {
    expect(step.shell).toBe('bash');
    expect(step.run).not.toContain('${{');
  }
  const env = action.runs.steps.flatMap(({ env = {} }) => Object.values(env));
  expect(env).toEqual(Object.keys(action.inputs).map((name) => `\${{ inputs.${name} }}`));
});
