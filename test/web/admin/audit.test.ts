import { expect, test } from '@jest/globals';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';

const home = '/admin/audit';

onStack((stack) => {
  test('an auditor finds who changed a client, by action, by address and by the thing itself', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['auditor'] });
    const { id } = await stack().api.createClient({ client_name: unique('website') });
    await stack().api.call('PATCH', `/clients/${id}`, { client_name: 'Another name' });
    const person = await signedIn(stack(), { name: unique('Grace') });
    const words = async (query: Record<string, string>) =>
      (await visitor.get(`${home}?${new URLSearchParams(query)}`)).words;
    const about = await words({ about: id });
    expect(about).toMatch(/client\.updated.*client\.created/);
    expect(about).toContain('Another name');
    expect(await words({ about: id, action: 'client.created' })).not.toContain('Another name');
    expect(await words({ about: id, result: 'refused' })).toContain('There are no such events');
    expect(await words({ actor: person.email, action: 'account.signed_in' })).toContain(
      person.name,
    );
    const today = new Date().toISOString().slice(0, 10);
    expect(await words({ about: id, from: today, to: today })).toContain('client.created');
    expect(await words({ about: id, to: '2020-01-01' })).toContain('There are no such events');
    expect((await visitor.get(`${home}?from=yesterday`)).status).toBe(400);
  });

  test('what fits a filter is downloaded whole, as CSV and as JSON lines', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['auditor'] });
    const client_name = `a "${unique('website')}", new`;
    const { id } = await stack().api.createClient({ client_name });
    for (let count = 0; count < 3; count++)
      await stack().api.call('PATCH', `/clients/${id}`, { client_name: `name ${count}` });
    const csv = await visitor.get(`${home}/export?about=${id}&format=csv`);
    const lines = csv.text.trim().split('\r\n');
    expect(lines[0]).toMatch(/^id,at,action,result,actor_kind/);
    expect(lines).toHaveLength(6);
    expect(csv.headers.get('content-disposition')).toContain('.csv');
    const json = await visitor.get(`${home}/export?about=${id}&format=lines`);
    const events = json.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ action }) => action)).toEqual([
      'client.updated',
      'client.updated',
      'client.updated',
      'client_secret.created',
      'client.created',
    ]);
  });

  test('a page that follows loads itself again', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['auditor'] });
    expect((await visitor.get(`${home}?follow=on`)).headers.get('refresh')).toBe('10');
    expect((await visitor.get(home)).headers.get('refresh')).toBeNull();
  });
});
