import { expect, test } from '@jest/globals';
import { onStack, unique } from '../support/stacks.ts';
import { operatorOf } from './operator.ts';

onStack((stack) => {
  const { json, onTerminal, script } = operatorOf(stack);

  test('audit list tells who did what to whom, the newest at the end', async () => {
    const role = unique('role');
    await json('roles', 'set', role, '--permission', 'a');
    await json('roles', 'set', role, '--permission', 'b');
    await json('roles', 'delete', role, '--yes');
    const events = await json('audit', 'list', '--target', role);
    expect(events.map(({ action }: { action: string }) => action)).toEqual([
      'role.created',
      'role.updated',
      'role.deleted',
    ]);
    expect(events[0]).toMatchObject({
      result: 'success',
      actor: { kind: 'client', id: expect.any(String) },
      target: { kind: 'role', id: role },
      at: expect.stringMatching(/Z$/),
    });
    const { out } = await onTerminal(['audit', 'list', '--target', role]);
    expect(out).toMatch(/^TIME +ACTION +BY +TO +FROM$/m);
    expect(out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +role\.created/m);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('audit list names people by email address and tokens by name; --json has their IDs', async () => {
    const email = `${unique('ada')}@example.com`;
    const given = ['--name', 'Ada', '--email', email, '--no-invitation'];
    const account = await json('accounts', 'create', ...given);
    const { id: client } = await stack().api.createClient();
    const subject = ['--client', client, '--subject', 'user:1', '--name', 'Laptop of 1'];
    const token = await json('tokens', 'create', ...subject);
    for (const [{ id }, name] of [
      [account, email],
      [token, 'Laptop of 1'],
    ] as const) {
      const { out } = await script('audit', 'list', '--target', id);
      expect(out).toContain(` ${name} `);
      expect(out).not.toContain(id);
      expect(await json('audit', 'list', '--target', id)).toMatchObject([{ target: { id } }]);
    }
  });

  test('--action, --actor, --since, --until and --limit choose', async () => {
    const [one, two] = [unique('role'), unique('role')];
    for (const role of [one, two]) await json('roles', 'set', role);
    const created = ['audit', 'list', '--action', 'role.created'];
    const targets = async (...args: string[]) =>
      (await json(...args)).map(({ target }: { target: { id: string } }) => target.id);
    expect(await targets(...created, '--since', '1h')).toEqual(expect.arrayContaining([one, two]));
    expect(await targets(...created, '--limit', '1')).toEqual([two]);
    expect(await targets(...created, '--until', '1h')).toEqual([]);
    expect(
      await targets(...created, '--since', '2000-01-01', '--until', '2000-01-02 08:30'),
    ).toEqual([]);
    expect(await targets(...created, '--actor', 'nobody')).toEqual([]);
    const none = await onTerminal([...created, '--actor', 'nobody']);
    expect(none.out).toBe('There are no such events.\n');
  });

  test('more than a page is read, where more is asked for', async () => {
    await Promise.all(
      Array.from({ length: 120 }, (_, index) => stack().api.setRole(`many-${index}`, [])),
    );
    expect(await json('audit', 'list', '--limit', '115')).toHaveLength(115);
    expect(await json('audit', 'list')).toHaveLength(50);
  });

  test('what was refused is told as that', async () => {
    const target = unique('client');
    await stack().domain.audit.refused({
      action: 'client.deleted',
      target: { kind: 'client', id: target },
    });
    const { out } = await script('audit', 'list', '--target', target);
    expect(out).toMatch(/client\.deleted \(refused\) +system +/);
  });
});
