import { describe, expect, test } from '@jest/globals';
import type { AppActor } from '../../../src/domain/apps/types.ts';
import { publicId } from '../../../src/domain/tokens/value.ts';
import { onDatabase } from '../../db/each-database.ts';
import { keepSecret } from '../../support/run-records.ts';
import { expectRefused, openApps, operator, outcome } from './apps.ts';

onDatabase((database) => {
  const setUp = async () => {
    const apps = openApps(database());
    const app = await apps.app();
    const keys = apps.appApiKeys;
    const make = async (actor: AppActor = operator, client = 'default') => {
      const { token, value } = await keys.create(actor, app.name, client, { name: 'backend' });
      keepSecret('api_key', value);
      return { token, value, id: publicId(token.id) };
    };
    /** Every operation on a key. */
    const operations = (actor: AppActor, id: string, client = 'default') => ({
      list: () => keys.list(actor, app.name, client),
      find: () => keys.find(actor, app.name, client, id),
      create: () => make(actor, client),
      update: () => keys.update(actor, app.name, client, id, { name: 'renamed' }),
      regenerate: async () => {
        const { value } = await keys.regenerate(actor, app.name, client, id, { overlap: 3600 });
        keepSecret('api_key', value);
      },
      delete: () => keys.delete(actor, app.name, client, id),
    });
    const outcomes = async (actor: AppActor, id: string, client?: string) => {
      const found: Record<string, string> = {};
      for (const [name, run] of Object.entries(operations(actor, id, client)))
        found[name] = await outcome(run);
      return found;
    };
    return { ...app, apps, keys, make, outcomes };
  };

  const all = (code: string) =>
    Object.fromEntries(
      ['list', 'find', 'create', 'update', 'regenerate', 'delete'].map((name) => [name, code]),
    );

  describe('the API keys of a client', () => {
    test('can be managed by the Owner, by an operator, and by members who manage clients and have its role', async () => {
      const { owner, make, member, outcomes, apps, name } = await setUp();
      const developer = await member('Developer');
      const client = 'small';
      const { secret } = await apps.appClients.create(operator, name, {
        name: client,
        kind: 'server',
        role: 'Reader',
      });
      keepSecret('client_secret', secret);
      for (const actor of [owner.actor, operator])
        expect(await outcomes(actor, (await make()).id)).toEqual(all('done'));
      const { id } = await make(operator, client);
      expect(await outcomes(developer.actor, id, client)).toEqual(all('done'));
    });

    test('cannot be changed with a role that permits less than the client’s, because the key would permit more', async () => {
      const { make, member, outcomes, apps, name, owner } = await setUp();
      await apps.appClients.update(owner.actor, name, 'default', { role: 'Owner' });
      const developer = await member('Developer');
      expect(await outcomes(developer.actor, (await make()).id)).toEqual({
        ...all('access_denied'),
        list: 'done',
        find: 'done',
      });
    });

    test.each(['Editor', 'Reader'])('cannot be seen with the role %s', async (role) => {
      const { make, member, outcomes } = await setUp();
      const { actor } = await member(role);
      expect(await outcomes(actor, (await make()).id)).toEqual(all('access_denied'));
    });

    test('do not exist for non-members and other apps', async () => {
      const { make, apps, outcomes } = await setUp();
      const { id } = await make();
      const stranger = await apps.person();
      expect(await outcomes(stranger.actor, id)).toEqual(all('not_found'));
      const other = await setUp();
      expect(await other.outcomes(other.owner.actor, id)).toEqual({
        ...all('not_found'),
        list: 'done',
        create: 'done',
      });
    });

    test('cannot be created for public clients, which cannot keep a secret', async () => {
      const { keys, name, owner, apps } = await setUp();
      await apps.appClients.create(owner.actor, name, {
        name: 'phone',
        kind: 'device',
        role: 'Reader',
      });
      const create = keys.create(owner.actor, name, 'phone', { name: 'a key' });
      await expectRefused(create, 'invalid_request', 'is public');
      expect(await keys.list(owner.actor, name, 'phone')).toEqual([]);
    });

    test('cannot be created while the app or client is disabled, and stop working with either', async () => {
      const { keys, name, owner, make, apps } = await setUp();
      const { id } = await make();
      await apps.appClients.disable(owner.actor, name, 'default');
      await expectRefused(make(), 'conflict');
      await apps.appClients.enable(owner.actor, name, 'default');
      expect((await keys.find(owner.actor, name, 'default', id)).status).toBe('inactive');
      await apps.apps.disable(owner.actor, name);
      await expectRefused(make(), 'conflict');
    });

    test('appear in the app’s activity, with the actor', async () => {
      const { id: app, owner, make, keys, name, apps } = await setUp();
      const { id } = await make(owner.actor);
      await keys.update(owner.actor, name, 'default', id, { name: 'renamed' });
      const { token, value } = await keys.regenerate(owner.actor, name, 'default', id, {
        overlap: 3600,
      });
      keepSecret('api_key', value);
      await keys.delete(owner.actor, name, 'default', publicId(token.id));
      const happened = (await apps.events(app)).slice(-4);
      expect(happened.map(({ action }) => action)).toEqual([
        'api_key.created',
        'api_key.updated',
        'api_key.rolled',
        'token.revoked',
      ]);
      for (const { actor } of happened)
        expect(actor).toMatchObject({ kind: 'account', id: owner.id });
    });

    test('of two concurrent requests for the last one allowed, one succeeds', async () => {
      const { make } = await setUp();
      for (let number = 1; number < 20; number++) await make();
      const outcomes = await Promise.all([outcome(() => make()), outcome(() => make())]);
      expect(outcomes.sort()).toEqual(['conflict', 'done']);
    });
  });
});
