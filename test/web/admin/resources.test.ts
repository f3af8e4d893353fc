import { expect, test } from '@jest/globals';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { expectDone } from '../apps/support.ts';
import { expectEveryFormSent } from './support.ts';

const home = '/admin/resources';

onStack((stack) => {
  test('an API is added, opened to apps and to personal access tokens, closed, changed and deleted', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['developer-relations'] });
    const { domain } = stack();
    const identifier = `https://${unique('api')}.test/v1`;
    const path = `${home}/${encodeURIComponent(identifier)}`;
    await visitor.get(`${home}/new`);
    const wrong = await visitor.submit(home, { identifier: 'api', name: 'Things' });
    expect([wrong.status, wrong.words]).toEqual([400, expect.stringContaining('Must be a URL')]);
    const added = await visitor.submit(home, {
      identifier,
      name: 'Things',
      scopes: 'things:read  See your things\nthings:write',
      format: 'jwt',
      ttl: '600',
    });
    const done = await visitor.follow(added);
    expect(done.words).toContain('The API is added');
    expect(await domain.resources.find(identifier)).toMatchObject({
      scopes: [{ name: 'things:read', description: 'See your things' }, { name: 'things:write' }],
      tokenFormat: 'jwt',
      accessTokenTtl: 600,
      appPolicy: null,
    });

    const submit = async (name: string, form: Record<string, string>, words: string) => {
      await visitor.get(path);
      const answer = await visitor.follow(await visitor.submit(`${path}/${name}`, form));
      expect(answer.words).toContain(words);
    };
    await submit('open', { to: 'apps' }, 'It is open');
    await submit('open', { to: 'people' }, 'It is open');
    const open = await domain.resources.find(identifier);
    expect([open?.appPolicy, open?.personalPolicy]).not.toContain(null);
    await submit('close', { to: 'apps' }, 'It is closed');
    await submit('close', { to: 'people' }, 'It is closed');
    expect(await domain.resources.find(identifier)).toMatchObject({
      appPolicy: null,
      personalPolicy: null,
    });
    await visitor.get(path);
    expect((await visitor.submit(`${path}/open`, { to: 'all' })).status).toBe(400);
    await submit(
      'settings',
      { name: 'Other things', scopes: 'things:read', format: 'opaque' },
      'The API is saved',
    );
    expect(await domain.resources.find(identifier)).toMatchObject({
      name: 'Other things',
      tokenFormat: 'opaque',
      accessTokenTtl: null,
    });

    const before = await domain.resources.findDefault();
    await submit('default', {}, 'It is the default now');
    await visitor.get(path);
    expect((await visitor.submit(`${path}/delete`)).status).toBe(409);
    await domain.resources.update(String(before?.identifier), { isDefault: true });
    await visitor.get(path);
    await expectDone(visitor, await visitor.submit(`${path}/delete`), home, 'The API is deleted');
    expect(await domain.resources.find(identifier)).toBeUndefined();
  });

  test('this server’s own API is shown, and cannot be changed', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const path = `${home}/${encodeURIComponent(stack().apiResource)}`;
    expect((await visitor.get(path)).words).toContain('It cannot be changed');
    expect((await visitor.submit(`${path}/open`, { to: 'apps' })).status).toBe(403);
  });

  test('every form of the section was sent above', () => expectEveryFormSent(stack(), home));
});
