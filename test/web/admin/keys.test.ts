import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { makeParties } from '../../support/parties.ts';
import { signedIn } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { expectDone } from '../apps/support.ts';
import { expectEveryFormSent } from './support.ts';

const home = '/admin/keys';

onStack((stack) => {
  test('an administrator rotates keys once the next is known, and revokes a stolen one with its tokens', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const { issue, client } = await makeParties(stack(), { format: 'jwt' });
    const token = await issue();
    const isActive = async () => (await stack().introspect(token, client)).body.active;
    const { kid } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    expect((await visitor.get(home)).words).toContain(kid);
    const early = await visitor.submit(`${home}/rotate`, { alg: 'ES256' });
    expect([early.status, early.words]).toEqual([409, expect.stringContaining('too recently')]);

    await sql`update signing_key set created_at = now() - interval '2 days'`.execute(
      stack().database.kysely,
    );
    await visitor.get(home);
    const rotated = await visitor.submit(`${home}/rotate`, { alg: 'ES256' });
    expect((await expectDone(visitor, rotated, home, 'The keys are rotated')).words).toContain(
      'Retired',
    );
    expect(await isActive()).toBe(true);

    const revoked = await visitor.submit(`${home}/revoke`, { kid });
    const page = await expectDone(visitor, revoked, home, 'The key and its tokens are revoked');
    expect(page.words).not.toContain(kid);
    expect(await isActive()).toBe(false);
    expect((await visitor.submit(`${home}/revoke`, { kid })).status).toBe(404);

    await visitor.get(home);
    const resealed = await visitor.submit(`${home}/reseal`);
    await expectDone(visitor, resealed, home, 'encrypted with the newest key');
  });

  test('an auditor sees the keys, and no button', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['auditor'] });
    const page = await visitor.get(home);
    expect(page.words).toContain('ES256');
    expect(page.text).not.toMatch(/Rotate now|Revoke the key/);
  });

  test('every form of the section was sent above', () => expectEveryFormSent(stack(), home));
});
