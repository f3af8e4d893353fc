import { expect, test } from '@jest/globals';
import { onStack, unique } from '../support/stacks.ts';
import { operatorOf } from './operator.ts';

onStack((stack) => {
  const { json, script, onTerminal } = operatorOf(stack);

  test('roles set, show, list and delete', async () => {
    const name = unique('role');
    const role = {
      ...{ name, description: 'What it is for', permissions: ['a', 'b'] },
      api_scopes: [] as string[],
      ...{ second_factor: 'optional', second_factor_within_days: null },
    };
    expect(
      await json(
        ...['roles', 'set', name, '--permission', 'a', '--permission', 'b'],
        ...['--description', 'What it is for'],
      ),
    ).toEqual(role);
    expect(await json('roles', 'show', name)).toEqual(role);
    expect(await json('roles', 'list')).toContainEqual(role);
    const required = { ...role, second_factor: 'required', second_factor_within_days: 14 };
    const update = (...options: string[]) => json('roles', 'update', name, ...options);
    expect(await update('--second-factor', 'required', '--within-days', '14')).toEqual(required);
    expect(await update('--description', role.description)).toEqual(required);
    expect(await update('--within-days', '0')).toMatchObject({ second_factor_within_days: 0 });
    expect(await update('--second-factor', 'optional')).toEqual(role);
    const scoped = await update('--api-scope', 'keys:read', '--api-scope', 'audit:read');
    expect(scoped.api_scopes).toEqual(['audit:read', 'keys:read']);
    expect(await update('--description', 'Again')).toMatchObject({ api_scopes: scoped.api_scopes });
    expect(await update('--no-api-scopes')).toMatchObject({ api_scopes: [] });
    expect(await json('roles', 'delete', name, '--yes')).toEqual({ name, deleted: true });
    expect(await script('roles', 'show', name)).toMatchObject({
      code: 1,
      out: '',
      err: `writ: There is no role ${name}.\n`,
    });
  });

  test('a new installation has roles for who helps the administrators', async () => {
    expect(await json('roles', 'list')).toEqual(
      expect.arrayContaining(
        [
          { name: 'support', api_scopes: expect.arrayContaining(['accounts:support']) },
          { name: 'auditor', api_scopes: expect.arrayContaining(['audit:read']) },
          { name: 'developer-relations', api_scopes: expect.arrayContaining(['apps:write']) },
        ].map((role) => expect.objectContaining(role)),
      ),
    );
    const name = unique('helpdesk');
    expect(await json('roles', 'create', name, '--api-scope', 'accounts:read')).toMatchObject({
      api_scopes: ['accounts:read'],
    });
  });

  test('a role that a client has is not deleted, and the client is named', async () => {
    const role = unique('role');
    await stack().api.setRole(role, []);
    const { id } = await stack().api.createClient({ roles: [role] });
    expect(await script('roles', 'delete', role, '--yes')).toMatchObject({
      code: 1,
      err: expect.stringContaining(id),
    });
    expect(await json('roles', 'show', role)).toMatchObject({ name: role });
  });

  test('roles list goes through all pages', async () => {
    await Promise.all(
      Array.from({ length: 101 }, (_, index) => stack().api.setRole(`page-${index}`, [])),
    );
    const { body } = await stack().api.call('GET', '/roles?limit=500');
    expect(body.items.length).toBeGreaterThan(100);
    expect(await json('roles', 'list')).toEqual(body.items);
  });

  test('without --json a person reads lines and a table', async () => {
    const name = unique('role');
    const set = await script('roles', 'set', name, '--permission', 'things.read');
    expect(set.out).toMatch(new RegExp(`^name +${name}$`, 'm'));
    const { out } = await onTerminal(['roles', 'list']);
    expect(out).toMatch(/^NAME +PERMISSIONS +API SCOPES +DESCRIPTION$/m);
    expect(out).toMatch(new RegExp(`^${name} +things\\.read`, 'm'));
  });
});
