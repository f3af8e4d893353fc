import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { makeParties } from '../../support/parties.ts';
import { onStack } from '../../support/stacks.ts';

interface Key {
  kid: string;
  alg: string;
  state: string;
}

onStack((stack) => {
  const keys = async (state: string): Promise<Key[]> =>
    (await stack().api.call('GET', '/keys')).body.items.filter((key: Key) => key.state === state);

  const kidOf = (token: string): string =>
    JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

  const rotate = (alg: string) => stack().api.call('POST', '/keys/rotate', { alg });

  test('a key does not sign before all verifiers know it', async () => {
    await rotate('EdDSA');
    const before = await keys('signing');
    expect(await rotate('EdDSA')).toMatchObject({ status: 409, body: { error: 'conflict' } });
    expect(await keys('signing')).toEqual(before);
  });

  test('a rotation revokes no token, and the announced key signs the next one', async () => {
    const { issue, resourceServer } = await makeParties(stack(), { format: 'jwt' });
    const old = await issue();
    // A rotation announces a key if there is none; then wait until verifiers know it.
    await rotate('EdDSA');
    await sql`update signing_key set created_at = now() - interval '1 day'
      where state = 'announced'`.execute(stack().database.kysely);
    const next = (await keys('announced')).find(({ alg }) => alg === 'ES256');
    const { status, body } = await rotate('ES256');
    expect(status).toBe(200);
    expect(body.items).toContainEqual(
      expect.objectContaining({ kid: next?.kid, state: 'signing', retired_at: null }),
    );
    expect((await keys('retired')).map(({ kid }) => kid)).toContain(kidOf(old));
    expect((await stack().introspect(old, resourceServer)).body.active).toBe(true);
    expect(kidOf(await issue())).toBe(next?.kid);
  });

  test('revoking a key removes it immediately and revokes its tokens', async () => {
    const { issue, resourceServer } = await makeParties(stack(), { format: 'jwt' });
    const stolen = await issue();
    const kid = kidOf(stolen);
    expect((await stack().api.call('DELETE', `/keys/${kid}`)).status).toBe(204);
    expect((await stack().introspect(stolen, resourceServer)).body.active).toBe(false);
    const { items } = (await stack().api.call('GET', '/keys')).body;
    expect(items.map((key: Key) => key.kid)).not.toContain(kid);
    const fresh = await issue();
    expect(kidOf(fresh)).not.toBe(kid);
    expect((await stack().introspect(fresh, resourceServer)).body.active).toBe(true);
  });
});
