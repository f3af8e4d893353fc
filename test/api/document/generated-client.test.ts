import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keepSecret } from '../../support/run-records.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { type Backend, makeBackend, newToken } from '../backend.ts';

/** A backend that uses the generated client; the compiler checks its types. */
const program = `
import { Api, type CreatedToken, type Token, type TokenCreation } from './client.js';

export function backendWith(apiKey: string) {
  const client = new Api<string>({
    securityWorker: (key) => ({ headers: { authorization: 'Bearer ' + key } }),
  });
  client.setSecurityData(apiKey);
  const tokens = client.api;
  // @ts-expect-error: the subject is required
  const wrong: TokenCreation = { name: 'a' };
  // @ts-expect-error: the field does not exist
  const wrongToo = (token: Token) => token.value;
  return {
    create: async (given: TokenCreation, once: string) =>
      (await tokens.createToken(given, { headers: { 'idempotency-key': once } })).data,
    valueOf: ({ token }: CreatedToken): string => token,
    list: async (id: string) =>
      (await tokens.listTokens({ subject_type: 'user', subject_id: id, state: 'active' })).data.items,
    show: async (id: string): Promise<Token> => (await tokens.getToken(id)).data,
    rename: async (id: string, name: string) => (await tokens.updateToken(id, { name })).data.name,
    check: async (token: string) => (await tokens.checkToken({ token })).data,
    revoke: async (id: string) => (await tokens.revokeToken(id)).status,
    revokeAll: async (id: string) =>
      (await tokens.revokeTokensOfSubject({ subject: { type: 'user', id } })).data.revoked,
    self: async () => (await tokens.getOwnToken()).data.kind,
    report: async (found: string[]) => (await tokens.reportLeakedTokens({ tokens: found })).status,
    refusal: () => tokens.getToken('tok_none').then(() => undefined, ({ error }) => error),
  };
}
`;

const run = promisify(execFile);

/** The program of a package. */
const binary = (name: string, ...parts: string[]): string =>
  path.join(path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), ...parts);

onStack((stack) => {
  let directory: string;
  // biome-ignore lint/suspicious/noExplicitAny: its types were checked above
  let backendWith: (apiKey: string) => any;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'writ-client-'));
    const node = (script: string, ...given: string[]) =>
      run(process.execPath, [script, ...given], { cwd: directory });
    await writeFile(path.join(directory, 'package.json'), '{"type":"module"}');
    await writeFile(path.join(directory, 'program.ts'), program);
    await node(
      binary('swagger-typescript-api', 'dist', 'cli.mjs'),
      'generate',
      ...['--path', `${stack().issuer}/api/v1/openapi.json`],
      ...['--output', directory, '--name', 'client.ts', '--silent'],
    );
    await node(
      binary('typescript', 'bin', 'tsc'),
      ...['--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom'],
      'program.ts',
    );
    ({ backendWith } = await import(pathToFileURL(path.join(directory, 'program.js')).href));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('a client that swagger-typescript-api generates from the document manages the tokens of a user', async () => {
    const { key, resourceServer }: Backend = await makeBackend(stack());
    const backend = backendWith(key);
    const given = newToken({ scope: 'things:read', attributes: { plan: 'pro' } });
    const { id: subject } = given.subject;
    const once = unique('once');
    const made = await backend.create(given, once);
    const value = backend.valueOf(made);
    keepSecret('api_token', value);
    expect((await stack().introspect(value, resourceServer)).body).toMatchObject({
      active: true,
      subject: given.subject,
      attributes: { plan: 'pro' },
    });
    expect((await backend.create(given, once)).id).toBe(made.id);
    const { token: _, ...shown } = made;
    expect(await backend.list(subject)).toEqual([shown]);
    expect(await backend.show(made.id)).toEqual(shown);
    expect(await backend.rename(made.id, 'Another')).toBe('Another');
    expect(await backend.check(value)).toMatchObject({ active: true, token: { name: 'Another' } });
    expect(await backend.revoke(made.id)).toBe(204);
    expect((await stack().introspect(value, resourceServer)).body.active).toBe(false);
    expect(await backend.check(value)).toMatchObject({ active: false, token: { id: made.id } });
    await backend.create(newToken({ subject: given.subject }), unique('once'));
    expect(await backend.revokeAll(subject)).toBe(1);
    expect(await backend.list(subject)).toEqual([]);
    expect(await backend.self()).toBe('api_key');
    expect(await backend.refusal()).toMatchObject({ error: 'not_found' });
    expect(await backend.report([key])).toBe(202);
    await expect(backend.self()).rejects.toMatchObject({ status: 401 });
  });
});
