// Tests of the check that runs after all tests (test/support/log-secrecy.ts).
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSearch } from '../support/log-search.ts';
import { testLogSecrecy } from '../support/log-secrecy.ts';
import { makeNamedToken } from '../support/named-tokens.ts';
import { makeParties } from '../support/parties.ts';
import { onEveryStack, secretKey } from '../support/stacks.ts';

const secret = 'writ_at_0lwWcULoE0iqXT9GACoyHHT9Xm253iDzXTKeOYGom7n4po1YiZv4';
const search = createSearch([
  { kind: 'other', value: 'another secret, which is nowhere' },
  { kind: 'token', value: secret },
  { kind: 'odd', value: 'says "no", ends/begins = 100%' },
  { kind: 'short', value: 'short' },
  { kind: 'blank', value: ' '.repeat(40) },
]);
const found = (line: string) => search(line).map(({ kind }) => kind);
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a secret is found', () => {
  test.each([
    ['at the beginning of a line', `${secret} is it`],
    ['at its end', `it is ${secret}`],
    ['alone', secret],
    ['in the middle of a word', `x${secret}x`],
    ['after its own beginning', secret.slice(0, 30) + secret],
    ['in base64', `{"header":"${base64(secret)}"}`],
    ['in a Basic header', `Basic ${base64(`a:${secret}`)}`],
    ['in a Basic header of a longer name', `Basic ${base64(`ab:${secret}`)}`],
    ['in a Basic header of a still longer name', `Basic ${base64(`abc:${secret}`)}`],
    ['in base64 with trailing text', base64(`a:${secret}, and more`)],
    ['in base64url', Buffer.from(`??>${secret}`).toString('base64url')],
  ])('%s', (_where, line) => {
    expect(found(line)).toContain('token');
  });

  test('in JSON and percent-encoded, where it looks different', () => {
    const odd = 'says "no", ends/begins = 100%';
    expect(found(JSON.stringify({ odd }))).toEqual(['odd']);
    expect(found(`/path?odd=${encodeURIComponent(odd)}`)).toEqual(['odd']);
  });

  test('and is not shown again by the check that found it', () => {
    expect(search(`it is ${secret}!`)).toEqual([{ kind: 'token', text: 'it is [THE SECRET]!' }]);
  });
});

test('other values, parts of a secret, and short or blank texts are not reported', () => {
  for (const line of [secret.slice(1), secret.slice(0, -1), 'short', ' '.repeat(100), ''])
    expect(found(line)).toEqual([]);
});

describe('a run', () => {
  let run: string;
  let said: string;
  beforeEach(async () => {
    run = await mkdtemp(path.join(tmpdir(), 'writ-test-run-'));
    said = '';
  });
  afterEach(() => rm(run, { recursive: true }));

  const outcome = (everything = false) =>
    testLogSecrecy(run, {
      everything,
      say: (text) => {
        said += text;
      },
    });
  const keep = async (log: string) => {
    await mkdir(path.join(run, 'logs'));
    await mkdir(path.join(run, 'secrets'));
    await writeFile(path.join(run, 'logs', 'a'), log);
    await appendFile(
      path.join(run, 'secrets', '1'),
      `${JSON.stringify(['access_token', secret])}\n`,
    );
  };

  test('passes if no log has a secret', async () => {
    await keep('{"level":30}\n');
    expect(await outcome()).toBe('passed');
  });

  test('fails if one has, and names which and where, but not the secret', async () => {
    await keep(`{"level":30}\n{"level":20,"token":"${secret}"}\n`);
    expect(await outcome()).toBe('failed');
    expect(said).toMatch(/access_token, in line 2 of a/);
    expect(said).not.toContain(secret);
  });

  test('of everything fails if no log was kept, but a run of a few tests does not', async () => {
    expect(await outcome(true)).toBe('failed');
    expect(await outcome()).toBeUndefined();
  });
});

onEveryStack((stack) => {
  test('the secrets that tests get are kept for the check', async () => {
    const { client, issue, resource } = await makeParties(stack());
    const token = await issue();
    const { value } = await makeNamedToken(stack(), {
      kind: 'api_token',
      clientId: client.id,
      name: 'laptop',
      scope: [],
      resource,
      subject: { type: 'user', id: '42' },
    });
    const made = await stack().api.call('POST', `/clients/${client.id}/api-keys`, {
      name: 'backend',
    });
    const directory = path.join(process.env['TEST_RUN_DIRECTORY'] ?? '', 'secrets');
    const files = (await readdir(directory)).map((name) => path.join(directory, name));
    const kept = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
    const isKept = (what: string) => kept.includes(JSON.stringify(what));
    const handed = [token, client.secret, secretKey, value, made.body.api_key];
    expect(handed.filter((secret) => !isKept(secret))).toEqual([]);
    const kinds = ['api_key', 'SECRET_KEYS', 'd of a private key', 'sealed key for cookies'];
    expect(kinds.filter((kind) => !isKept(kind))).toEqual([]);
  });
});
