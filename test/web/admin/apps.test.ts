import { expect, test } from '@jest/globals';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { makeApp } from '../../support/apps.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { expectDone } from '../apps/support.ts';
import { expectEveryFormSent } from './support.ts';

const home = '/admin/apps';

onStack((stack) => {
  test('an administrator finds an app of someone else, gives it another Owner, disables and deletes it', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const { name } = await makeApp(stack());
    const { accountId, name: heir } = await signedIn(stack(), { name: unique('Heir') });
    await stack().domain.appMembers.set({ kind: 'operator' }, name, accountId, 'Developer');
    expect((await visitor.get(`${home}?search=${name.toUpperCase()}`)).words).toContain(name);
    const path = `${home}/${name}`;
    expect((await visitor.get(path)).words).toContain(heir);
    expect((await visitor.submit(`${path}/transfer`, { to: '' })).status).toBeGreaterThanOrEqual(
      400,
    );
    await visitor.get(path);
    const given = await visitor.submit(`${path}/transfer`, { to: accountId });
    await expectDone(visitor, given, path, 'The app is transferred');
    const [owner] = await stack().domain.appMembers.list({ kind: 'operator' }, name);
    expect(owner).toMatchObject({ accountId, role: 'Owner' });
    await expectDone(visitor, await visitor.submit(`${path}/disable`), path, 'The app is disabled');
    await expectDone(visitor, await visitor.submit(`${path}/enable`), path, 'The app is enabled');
    await expectDone(visitor, await visitor.submit(`${path}/delete`), home, 'The app is deleted');
    expect((await visitor.get(path)).status).toBe(404);
  });

  test('the search finds people, clients, apps and APIs by parts, and only what the roles permit', async () => {
    const word = unique('needle');
    const resource = `https://${word}.test`;
    await stack().api.createResource({ identifier: resource });
    await stack().api.createClient({ client_name: `Client ${word}` });
    const { accountId } = await signedIn(stack(), { name: `Ada ${word}` });
    const seen = async (role: string, query: string) => {
      const { visitor } = await signedIn(stack(), { roles: [role] });
      return (await visitor.get(`/admin/search?${new URLSearchParams({ q: query })}`)).text;
    };
    const all = await seen('administrator', word);
    expect(all).toContain(`/admin/people/${accountId}`);
    expect(all).toContain(`Client ${word}`);
    expect(all).toContain(`/admin/resources/${encodeURIComponent(resource)}`);
    const some = await seen('support', word);
    expect(some).toContain(`/admin/people/${accountId}`);
    expect(some).not.toContain(`Client ${word}`);
    expect(await seen('support', accountId)).toContain(`/admin/people/${accountId}`);
    expect(await seen('support', 'Bearer abc')).toContain('looks like the value of a token');
    const secret = await seen('administrator', `writ_cs_${'x'.repeat(30)}`);
    expect(secret).toContain('looks like the value of a token');
    expect(secret).not.toContain('x'.repeat(30));
  });

  test('the search shows first what is called exactly so, however many others fit and come before it', async () => {
    const word = unique('exact');
    const { api, domain } = stack();
    const operator = { kind: 'operator' } as const;
    for (let n = 0; n < 9; n++) {
      await domain.accounts.create(serverActor, {
        name: n < 3 ? `${word} ${n}` : `${word}@example.com`,
        email: `${word}@example.com${n}.test`,
      });
      await api.createClient({
        client_id: `a${n}-${word}`,
        client_name: n < 3 ? `${word} ${n}` : `z-${word}`,
      });
      await domain.apps.create(operator, { name: `a${n}-${word}`, displayName: `${word} ${n}` });
    }
    const { id } = await domain.accounts.create(serverActor, {
      name: word.toUpperCase(),
      email: `${word}@example.com`,
    });
    await api.createClient({ client_id: `z-${word}`, client_name: word.toUpperCase() });
    await api.createClient({ client_id: word });
    await domain.apps.create(operator, { name: `z-${word}`, displayName: word.toUpperCase() });
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const firsts = async (q: string) => {
      const { text } = await visitor.get(`/admin/search?${new URLSearchParams({ q })}`);
      return text.split('<section').map((group) => /<h3><a href="([^"]+)/.exec(group)?.[1]);
    };
    expect(await firsts(word)).toEqual(
      expect.arrayContaining([
        `/admin/people/${id}`,
        `/admin/clients/${word}`,
        `/admin/apps/z-${word}`,
      ]),
    );
    expect(await firsts(`${word}@EXAMPLE.com`)).toContain(`/admin/people/${id}`);
    expect(await firsts(`z-${word}`)).toEqual(
      expect.arrayContaining([`/admin/clients/z-${word}`, `/admin/apps/z-${word}`]),
    );
    expect((await visitor.get('/admin/search?q=%00')).status).toBeLessThan(500);
  });

  test('every form of the section was sent above', () => expectEveryFormSent(stack(), home));
});
