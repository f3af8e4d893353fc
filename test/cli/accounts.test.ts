import { expect, test } from '@jest/globals';
import { onEveryStack, unique } from '../support/stacks.ts';
import { operatorOf } from './operator.ts';

onEveryStack((stack) => {
  const { json, script, onTerminal } = operatorOf(stack);
  const newEmail = () => `${unique('ada')}@example.com`;

  test('accounts create, show by id and by e-mail address, and list', async () => {
    const [email, role] = [newEmail(), unique('role')];
    await stack().api.setRole(role, []);
    const created = await json(
      ...['accounts', 'create', '--name', 'Ada Lovelace', '--email', email, '--role', role],
    );
    expect(created).toMatchObject({ name: 'Ada Lovelace', email, roles: [role] });
    expect(await json('accounts', 'show', created.id)).toEqual(created);
    expect(await json('accounts', 'show', email.toUpperCase())).toEqual(created);
    expect(await json('accounts', 'list')).toContainEqual(created);
    const { out } = await onTerminal(['accounts', 'list']);
    expect(out).toMatch(new RegExp(`^${created.id} `, 'm'));
  });

  test('accounts update replaces, adds, removes and clears', async () => {
    const [email, reader, editor] = [newEmail(), unique('reader'), unique('editor')];
    for (const role of [reader, editor]) await stack().api.setRole(role, []);
    const { id } = await json('accounts', 'create', '--name', 'Ada', '--email', email);
    await json('accounts', 'update', email, '--role', reader, '--name', 'Ada L.');
    expect(
      await json('accounts', 'update', id, '--add', `role=${editor}`, '--remove', `role=${reader}`),
    ).toMatchObject({ name: 'Ada L.', email, roles: [editor] });
    expect(await json('accounts', 'update', id, '--clear', 'email')).toMatchObject({ email: null });
  });

  test('accounts disable ends their tokens, and enable lets them have tokens again', async () => {
    const email = newEmail();
    const { id } = await json('accounts', 'create', '--name', 'Ada', '--email', email);
    expect((await json('accounts', 'disable', email)).disabled_at).not.toBeNull();
    expect(await stack().domain.accounts.find(id)).toBeUndefined();
    expect(await script('accounts', 'enable', id)).toMatchObject({
      code: 0,
      out: `${id} is enabled.\n`,
    });
    expect(await stack().domain.accounts.find(id)).toBeDefined();
  });

  test('an account that is not there, or an e-mail address that another has, is refused', async () => {
    const email = newEmail();
    await json('accounts', 'create', '--name', 'Ada', '--email', email);
    for (const [args, words] of [
      [['accounts', 'show', 'nobody@example.com'], 'There is no account with the e-mail address'],
      [['accounts', 'disable', 'nobody'], 'There is no account nobody.'],
      [['accounts', 'create', '--name', 'Eve', '--email', email], 'Another account has'],
    ] as const)
      expect(await script(...args)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining(words),
      });
  });
});
