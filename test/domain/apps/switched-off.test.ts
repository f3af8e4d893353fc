import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onDatabase } from '../../db/each-database.ts';
import { expectRefused, openApps, operator, type TestApps } from './apps.ts';

const byOperator: [string, (apps: TestApps, app: string) => Promise<unknown>][] = [
  ['by its app', (apps, app) => apps.appClients.disable(operator, app, 'default')],
  ['by the registry', (apps, app) => apps.registry.disable(serverActor, `${app}:default`)],
];

onDatabase((database) => {
  /** An app, with operations of its members and of operators on the client `default`. */
  const arrange = async () => {
    const apps = openApps(database());
    const app = await apps.app();
    const { actor } = app.owner;
    return {
      apps,
      app,
      find: () => apps.appClients.find(actor, app.name, 'default'),
      disable: () => apps.appClients.disable(actor, app.name, 'default'),
      enable: () => apps.appClients.enable(actor, app.name, 'default'),
    };
  };

  describe.each(byOperator)('a client that an operator disabled %s', (_, switchOff) => {
    test('can only be enabled by an operator', async () => {
      const { apps, app, find, disable, enable } = await arrange();
      await switchOff(apps, app.name);
      expect(await find()).toMatchObject({ disabledAt: expect.any(Date), disabledBy: 'operator' });
      await expectRefused(enable(), 'access_denied', /operator .* disabled the client/);
      expect(await disable()).toMatchObject({ disabledBy: 'operator' });
      await expectRefused(enable(), 'access_denied');
      expect(await apps.appClients.enable(operator, app.name, 'default')).toMatchObject({
        disabledAt: null,
        disabledBy: null,
      });
      expect(await disable()).toMatchObject({ disabledBy: 'member' });
      expect(await enable()).toMatchObject({ disabledAt: null, disabledBy: null });
    });

    test('is disabled by the operator even if a member had disabled it before, with an event and a change record', async () => {
      const { apps, app, find, disable, enable } = await arrange();
      await disable();
      const kinds = await apps.changesOf(() => switchOff(apps, app.name));
      expect(kinds.map(({ kind }) => kind)).toEqual(['client.disabled']);
      expect((await apps.events(app.id)).at(-1)).toMatchObject({
        action: 'client.disabled',
        actor: { kind: 'system' },
      });
      await expectRefused(enable(), 'access_denied');
      await apps.registry.enable(serverActor, `${app.name}:default`);
      expect(await find()).toMatchObject({ disabledAt: null, disabledBy: null });
    });
  });

  test('a member who enables a client while an operator disables it leaves it disabled', async () => {
    const { apps, app, find, disable, enable } = await arrange();
    await disable();
    const { kysely, embedded } = database();
    let enabling: Promise<unknown> | undefined;
    await kysely.transaction().execute(async (transaction) => {
      await apps.registry.disable(serverActor, `${app.name}:default`, transaction);
      enabling = expectRefused(enable(), 'access_denied');
      for (let waits = embedded; !waits; ) {
        const { rows } = await sql`select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(kysely);
        waits = rows.length > 0;
      }
    });
    await enabling;
    expect(await find()).toMatchObject({ disabledBy: 'operator' });
  });
});
