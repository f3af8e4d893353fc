import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { onStack, unique } from '../../support/stacks.ts';

/** The activity of an app. */
onStack((stack) => {
  const call = (method: string, path: string, body?: unknown) =>
    stack().api.call(method, path, body);
  const make = async () => {
    const { body } = await call('POST', '/apps', { display_name: unique('App') });
    return { name: String(body.name), path: `/apps/${body.name}`, client: body.client };
  };

  test('the audit events of an app are listed newest first, in pages, without those of other apps', async () => {
    const [{ path, name }, other] = [await make(), await make()];
    await call('PATCH', path, { display_name: 'Another' });
    await call('POST', `${path}/disable`);
    await call('POST', `${other.path}/disable`);
    const whole = (await call('GET', `${path}/audit-events`)).body;
    expect(whole.items.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['app.disabled', 'app.updated', 'client.created', 'app.created']),
    );
    expect(whole.items[0]).toMatchObject({
      action: 'app.disabled',
      result: 'success',
      target: { kind: 'app', id: name },
      actor: { kind: 'client', id: 'writ-operator' },
    });
    const ids = whole.items.map(({ id }: { id: number }) => id);
    expect(ids).toEqual(ids.toSorted((one: number, two: number) => two - one));
    expect(JSON.stringify(whole)).not.toContain(other.name);
    const pieces: unknown[] = [];
    for (let after = ''; ; ) {
      const { body } = await call('GET', `${path}/audit-events?limit=1${after}`);
      pieces.push(...body.items);
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(pieces).toEqual(whole.items);
  });

  test('the usage of an app counts tokens by day, for its own clients only, deleted ones included', async () => {
    const [{ path, client }, other] = [await make(), await make()];
    const second = (await call('POST', `${path}/clients`, { name: 'second', role: 'Reader' })).body;
    const counted = [
      [client.client_id, 0, 5],
      [client.client_id, 29, 7],
      [client.client_id, 30, 11],
      [second.client_id, 1, 3],
      [other.client.client_id, 0, 13],
    ];
    for (const [id, ago, tokens] of counted)
      await sql`insert into client_usage (client_id, day, access_tokens)
        select id, (now() at time zone 'UTC')::date - ${ago}::integer, ${tokens}::bigint from client where client_id = ${id}`.execute(
        stack().database.kysely,
      );
    await call('DELETE', `${path}/clients/second`);
    const read = async (query = '') => (await call('GET', `${path}/usage${query}`)).body;
    const { days, clients } = await read();
    expect(days).toHaveLength(30);
    expect(days).toEqual(days.toSorted());
    expect(days[29]).toMatch(/^\d{4}-\d\d-\d\d$/);
    const nothing = Array<number>(28).fill(0);
    expect(clients).toEqual([
      {
        client_id: client.client_id,
        display_name: client.display_name,
        deleted: false,
        access_tokens: [7, ...nothing, 5],
        api_calls: [0, ...nothing, 0],
        api_bytes: [0, ...nothing, 0],
      },
      {
        client_id: second.client_id,
        display_name: expect.any(String),
        deleted: true,
        access_tokens: [...nothing, 3, 0],
        api_calls: [0, ...nothing, 0],
        api_bytes: [0, ...nothing, 0],
      },
    ]);
    expect(await read('?days=1')).toMatchObject({
      days: days.slice(-1),
      clients: [{ access_tokens: [5] }],
    });
    expect((await read('?days=90')).days).toHaveLength(90);
  });
});
