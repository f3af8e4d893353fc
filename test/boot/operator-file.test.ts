import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { localUrlOf, openDataDirectory } from '../../src/boot/data-directory.ts';
import { ensureOperatorFile } from '../../src/boot/first-start.ts';
import { apiClient } from '../support/http.ts';
import { onEveryStack } from '../support/stacks.ts';

onEveryStack((stack) => {
  let dataDirectory: string;
  beforeAll(async () => {
    dataDirectory = await mkdtemp(path.join(tmpdir(), 'writ-operator-'));
  });
  afterAll(() => rm(dataDirectory, { recursive: true }));

  const ensure = (localUrl?: string) =>
    ensureOperatorFile({
      directory: openDataDirectory(dataDirectory),
      domain: stack().domain,
      issuer: stack().issuer,
      ...(localUrl && { localUrl }),
    });
  const read = async () => {
    const file = await openDataDirectory(dataDirectory).readOperatorFile();
    if (!file) throw new Error('there is no operator.json');
    return file;
  };
  const works = async () =>
    (await apiClient(stack().origin, (await read()).api_key).call('GET', '/clients')).status ===
    200;

  test('the operator file is made once, and kept while its key opens this installation', async () => {
    expect(await ensure()).toBe(true);
    expect(await works()).toBe(true);
    const first = await read();
    expect(await ensure()).toBe(false);
    expect(await read()).toEqual(first);
  });

  test('a local URL that changes is noted with the same key', async () => {
    const { api_key } = await read();
    const local = { url: stack().issuer, local_url: 'http://localhost:3000', api_key };
    expect(await ensure(local.local_url)).toBe(false);
    expect(await read()).toEqual(local);
    expect(await ensure()).toBe(false);
    expect(await read()).toEqual({ url: stack().issuer, api_key });
  });

  test('an operator file that was cut off gives way, and the file is named', async () => {
    await writeFile(path.join(dataDirectory, 'operator.json'), '{"url":"http://loc');
    const told: string[] = [];
    const options = { directory: openDataDirectory(dataDirectory), domain: stack().domain };
    const onBroken = ({ file }: { file: string }) => told.push(file);
    expect(await ensureOperatorFile({ ...options, issuer: stack().issuer, onBroken })).toBe(true);
    expect(told).toEqual([path.join(dataDirectory, 'operator.json')]);
    expect(await works()).toBe(true);
  });

  test('the operator file of another installation gives way', async () => {
    await openDataDirectory(dataDirectory).writeOperatorFile({
      ...(await read()),
      url: 'https://other.example',
    });
    expect(await ensure()).toBe(true);
    expect(await works()).toBe(true);
  });

  test('an operator file whose key opens nothing gives way', async () => {
    const { url } = await read();
    await openDataDirectory(dataDirectory).writeOperatorFile({
      url,
      api_key: 'writ_ak_of_a_database_that_is_gone',
    });
    expect(await ensure()).toBe(true);
    expect(await works()).toBe(true);
  });
});

test.each([
  [{ PORT: 3000 }, 'https://login.acme.com', 'http://localhost:3000'],
  [{ PORT: 3000, HOST: '0.0.0.0' }, 'https://acme.com/login', 'http://localhost:3000'],
  [{ PORT: 3000, HOST: '10.0.0.5' }, 'https://login.acme.com', 'http://10.0.0.5:3000'],
  [{ PORT: 3000, HOST: '::1' }, 'https://login.acme.com', 'http://[::1]:3000'],
  [{ PORT: 300 }, 'http://localhost:3000', 'http://localhost:300'],
  [{ PORT: 3000 }, 'http://localhost:3000', undefined],
  [{ PORT: 0 }, 'https://login.acme.com', undefined],
])('a server with %j and the issuer %s has the local URL %s', (settings, issuer, expected) => {
  expect(localUrlOf(settings, issuer)).toBe(expected);
});
