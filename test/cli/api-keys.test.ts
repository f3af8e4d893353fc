import { describe, expect, test } from '@jest/globals';
import { makeApp } from '../support/apps.ts';
import { apiClient } from '../support/http.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack } from '../support/stacks.ts';
import { operatorOf } from './operator.ts';

onStack((stack) => {
  const { json, script, onTerminal } = operatorOf(stack);

  const clients = {
    'of a client': async () => (await stack().api.createClient()).id,
    'of a client of an app': async () => (await makeApp(stack())).client.id,
    'of a client of an app, by its other spelling': async () =>
      (await makeApp(stack())).client.id.replace(':', '~'),
  };
  const opens = async (value: string) =>
    (await apiClient(stack().origin, value).call('GET', '/tokens')).status === 200;

  describe.each(Object.entries(clients))('the API keys %s', (_which, makeClient) => {
    const made = async (...args: string[]) => {
      const client = ['--client', await makeClient()];
      const key = await json('api-keys', 'create', ...client, '--name', 'Billing', ...args);
      keepSecret('api_key', key.api_key);
      return { client, key };
    };

    test('are made, listed and shown', async () => {
      const { client, key } = await made(
        '--scope',
        'tokens:read',
        '--expires',
        '2999-01-01T00:00Z',
      );
      const { api_key, ...rest } = key;
      expect(api_key).toMatch(/^writ_ak_/);
      expect(rest).toMatchObject({
        name: 'Billing',
        scope: 'tokens:read',
        state: 'active',
        expires_at: '2999-01-01T00:00:00.000Z',
      });
      expect(await opens(api_key)).toBe(true);
      expect(await json('api-keys', 'list', ...client)).toMatchObject([{ id: rest.id }]);
      expect(await json('api-keys', 'show', rest.id, ...client)).toMatchObject({ name: 'Billing' });
      const { out } = await script('api-keys', 'list', ...client);
      expect(out).toMatch(new RegExp(`^${rest.id} +Billing +${rest.hint} +active`, 'm'));
      expect(out).not.toContain(api_key);
      const second = await script('api-keys', 'create', ...client, '--name', 'Second');
      keepSecret('api_key', /writ_ak_\w+/.exec(second.out)?.[0] ?? '');
      expect(second.out).toContain('Store the key now: it is not shown again.');
    });

    test('are renamed, get a new value, and are deleted', async () => {
      const { client, key } = await made();
      expect(
        await json(
          'api-keys',
          'update',
          key.id,
          ...client,
          '--name',
          'Invoices',
          '--expires',
          '7d',
        ),
      ).toMatchObject({ name: 'Invoices', expires_at: expect.any(String) });
      expect(
        await json('api-keys', 'update', key.id, ...client, '--expires', 'never'),
      ).toMatchObject({ name: 'Invoices', expires_at: null });
      const next = await json('api-keys', 'regenerate', key.id, ...client, '--overlap', '1h');
      keepSecret('api_key', next.api_key);
      expect([await opens(key.api_key), await opens(next.api_key)]).toEqual([true, true]);
      expect(await json('api-keys', 'show', key.id, ...client)).toMatchObject({
        replaced_by: next.id,
      });
      const remove = ['api-keys', 'delete', next.id, ...client];
      expect((await script(...remove)).code).toBe(2);
      expect(await onTerminal(remove, { answer: 'n' })).toMatchObject({ code: 1 });
      expect(await opens(next.api_key)).toBe(true);
      expect(await json(...remove, '--yes')).toEqual({ id: next.id, deleted: true });
      expect(await opens(next.api_key)).toBe(false);
    });
  });

  test('what makes no sense is wrong usage, and what the server refuses is told in its words', async () => {
    for (const args of [
      ['list'],
      ['create', '--client', 'backend'],
      ['create', '--client', 'a:b:c', '--name', 'a'],
      ['update', 'tok_1', '--client', 'backend'],
      ['regenerate', 'tok_1', '--client', 'backend', '--overlap', 'long'],
      ['regenerate', 'tok_1', '--client', 'backend', '--overlap', 'never'],
      ['create', '--client', 'backend', '--name', 'a', '--expires', 'soon'],
    ])
      expect([args, (await script('api-keys', ...args)).code]).toEqual([args, 2]);
    const { id } = await stack().api.createClient();
    const create = ['api-keys', 'create', '--client', id, '--name', 'a'];
    expect(await script(...create, '--scope', 'clients:write')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('tokens:read tokens:write'),
    });
    const none = await onTerminal(['api-keys', 'list', '--client', id]);
    expect(none.out).toContain(`${id} has no API keys.`);
  });
});
