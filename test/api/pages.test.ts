import { expect, test } from '@jest/globals';
import { onEveryStack, unique } from '../support/stacks.ts';

interface Listed {
  client_id: string;
}

onEveryStack((stack) => {
  const read = async (limit: number): Promise<string[]> => {
    const ids: string[] = [];
    let path = `/clients?limit=${limit}`;
    for (;;) {
      const { body } = await stack().api.call('GET', path);
      expect(body.items.length).toBeLessThanOrEqual(limit);
      ids.push(...body.items.map(({ client_id }: Listed) => client_id));
      if (body.next === null) return ids;
      path = `/clients?limit=${limit}&after=${encodeURIComponent(body.next)}`;
    }
  };

  test('pages of any size give every client once, in the order of the ids', async () => {
    for (let count = 0; count < 7; count++)
      await stack().api.createClient({ client_id: unique(`page-${count % 2 ? 'a' : 'Z'}`) });
    const whole = await read(500);
    expect(new Set(whole).size).toBe(whole.length);
    for (const limit of [1, 2, 3, whole.length]) expect(await read(limit)).toEqual(whole);
  });

  test('a client that was made or deleted between two pages neither repeats nor hides another', async () => {
    const { api } = stack();
    const prefix = unique('turn');
    const idOf = (name: string) => `${prefix}-${name}`;
    for (const name of ['b', 'd', 'f']) await api.createClient({ client_id: idOf(name) });
    const pageAfter = async (after: string) =>
      (await api.call('GET', `/clients?limit=1&after=${after}`)).body.items[0].client_id;
    expect(await pageAfter(idOf('a'))).toBe(idOf('b'));
    await api.call('DELETE', `/clients/${idOf('b')}`);
    await api.createClient({ client_id: idOf('c') });
    expect(await pageAfter(idOf('b'))).toBe(idOf('c'));
    expect(await pageAfter(idOf('c'))).toBe(idOf('d'));
  });

  test('the change feed is read in pieces without gaps', async () => {
    const { api } = stack();
    for (let count = 0; count < 5; count++) await api.setRole(unique('role'), []);
    const whole = (await api.call('GET', '/changes?limit=1000')).body.items;
    const pieces: unknown[] = [];
    for (let after = 0; ; ) {
      const { body } = await api.call('GET', `/changes?limit=2&after=${after}`);
      if (body.items.length === 0) {
        expect(body.last).toBe(after);
        break;
      }
      pieces.push(...body.items);
      after = body.last;
    }
    expect(pieces).toEqual(whole);
    expect(whole.length).toBeGreaterThanOrEqual(5);
  });
});
