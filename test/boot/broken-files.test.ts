import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDatabase } from '../../db/database.ts';
import { openDataDirectory } from '../../src/boot/data-directory.ts';
import { writHere } from '../support/command.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'writ-broken-'));
});
afterAll(() => rm(directory, { recursive: true }));

const put = (name: string, content: string) => writeFile(path.join(directory, name), content);

describe('a broken file is named, with what is wrong and what to do', () => {
  const operator = JSON.stringify({ url: 'http://localhost:3000', api_key: 'writ_ak_x' });

  test.each([
    ['cut off', operator.slice(0, 20), 'is no JSON'],
    ['empty', '', 'is empty'],
    ['of another shape', '{"url":"x"}', 'has no url'],
    ['no object', 'null', 'is no JSON'],
  ])('operator.json that is %s', async (_how, content, problem) => {
    await put('operator.json', content);
    const said = {
      message: expect.stringMatching(`operator.json is broken: it ${problem}.*Remove it`),
    };
    await expect(openDataDirectory(directory).readOperatorFile()).rejects.toMatchObject(said);
    const { code, err } = await writHere(['roles', 'list'], { DATA_DIR: directory });
    expect(code).toBe(1);
    expect(err).toContain(path.join(directory, 'operator.json'));
    expect(err).toContain('Remove it');
    await rm(path.join(directory, 'operator.json'));
  });

  test.each([
    ['empty', '', 'it is empty'],
    ['cut off', 'a'.repeat(20), 'cut off'],
  ])('secret-keys that is %s, and no other key is made', async (_how, content, problem) => {
    await put('secret-keys', content);
    const said = { message: expect.stringMatching(`secret-keys is broken: .*${problem}.*backup`) };
    await expect(openDataDirectory(directory).ensureSecretKeys()).rejects.toMatchObject(said);
  });

  test.each([
    ['jwks that is cut off', ['--jwks', 'FILE'], '{"keys":[', 'is no JSON'],
    ['jwks that is not there', ['--jwks', 'NONE'], '', 'cannot be read: it does not exist'],
  ])('a %s', async (_what, options, content, problem) => {
    await put('given', content);
    const given = options.map((option) =>
      option === 'FILE' || option === 'NONE'
        ? path.join(directory, option === 'FILE' ? 'given' : 'none')
        : option,
    );
    const args = ['--url', 'http://127.0.0.1:1', '--token', 'x', 'clients', 'create', 'a'];
    const { code, err } = await writHere([...args, ...given], {});
    expect(code).toBe(1);
    expect(err).toContain(given[1]);
    expect(err).toContain(problem);
  });

  test.each([
    ['is not there', 'none.pem', 'cannot be read'],
    ['is cut off', 'cut.pem', 'does not contain certificates'],
  ])('a CA file of DATABASE_URL that %s', async (_how, name, problem) => {
    await put('cut.pem', '-----BEGIN CERTIFICATE-----\nMIIB');
    const url = `postgres://writ@127.0.0.1:1/writ?sslmode=verify-full&sslrootcert=${path.join(directory, name)}`;
    await expect(openDatabase(url)).rejects.toThrow(
      new RegExp(`^DATABASE_URL: sslrootcert names .*${name}, which ${problem}`),
    );
  });
});
