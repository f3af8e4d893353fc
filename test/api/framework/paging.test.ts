import { describe, expect, test } from '@jest/globals';
import { issueApiKey } from '../../../src/domain/tokens/named/api-keys.ts';
import { onStack, type Stack, unique } from '../../support/stacks.ts';

interface List {
  /** The key of its items. */
  key: string;
  make: (stack: Stack, index: number) => Promise<unknown>;
}

const lists: Record<string, List> = {
  '/clients': {
    key: 'client_id',
    make: ({ api }, index) =>
      api.createClient({ client_id: unique(`page-${index % 2 ? 'a' : 'Z'}`) }),
  },
  '/roles': { key: 'name', make: ({ api }) => api.setRole(unique('Page'), []) },
  '/resources': {
    key: 'identifier',
    make: ({ api }) => api.createResource({ identifier: `https://${unique('page')}.test/é?a=b` }),
  },
  '/accounts': {
    key: 'id',
    make: ({ api }) => api.call('POST', '/accounts', { name: unique('person') }),
  },
  '/tokens': {
    key: 'id',
    make: async ({ api, database }) => {
      const { id } = await api.createClient();
      await issueApiKey(database.kysely, { clientId: id, name: 'a key', scopes: [] });
    },
  },
  '/apps': {
    key: 'name',
    make: ({ api }) => api.call('POST', '/apps', { display_name: unique('page') }),
  },
  '/audit-events': { key: 'id', make: ({ api }) => api.setRole(unique('noted'), []) },
};

onStack((stack) => {
  const read = async (path: string, key: string, limit: number): Promise<unknown[]> => {
    const keys: unknown[] = [];
    for (let after = ''; ; ) {
      const { status, body } = await stack().api.call('GET', `${path}?limit=${limit}${after}`);
      expect(status).toBe(200);
      expect(body.items.length).toBeLessThanOrEqual(limit);
      keys.push(...body.items.map((item: Record<string, unknown>) => item[key]));
      if (body.next === null) return keys;
      expect(body.items).toHaveLength(limit);
      after = `&after=${encodeURIComponent(body.next)}`;
    }
  };

  describe.each(Object.entries(lists))('%s', (path, { key, make }) => {
    test('pages of any size contain every item once, in the same order', async () => {
      for (let index = 0; index < 7; index++) await make(stack(), index);
      const whole = await read(path, key, 500);
      expect(whole.length).toBeGreaterThanOrEqual(7);
      expect(new Set(whole).size).toBe(whole.length);
      for (const limit of [1, 2, 3, whole.length])
        expect(await read(path, key, limit)).toEqual(whole);
    });

    test('a cursor is opaque, and only cursors of the API are accepted', async () => {
      for (let index = 0; index < 2; index++) await make(stack(), index);
      const { body } = await stack().api.call('GET', `${path}?limit=1`);
      expect(body.next).not.toContain(String(body.items[0][key]));
    });
  });

  test('a client that is created or deleted between two pages causes neither duplicates nor gaps', async () => {
    const { api } = stack();
    const prefix = unique('turn');
    const idOf = (name: string) => `${prefix}-${name}`;
    for (const name of ['a', 'b', 'd', 'f']) await api.createClient({ client_id: idOf(name) });
    const ids: string[] = [];
    let after = '';
    for (;;) {
      const { body } = await api.call('GET', `/clients?limit=1${after}`);
      const id = body.items[0].client_id;
      if (id.startsWith(prefix)) ids.push(id);
      if (id === idOf('b')) {
        await api.call('DELETE', `/clients/${idOf('b')}`);
        await api.createClient({ client_id: idOf('c') });
      }
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(ids).toEqual(['a', 'b', 'c', 'd', 'f'].map(idOf));
  });

  test('the change feed can be read in pages without gaps', async () => {
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
