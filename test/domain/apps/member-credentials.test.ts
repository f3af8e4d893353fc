import { describe, expect, test } from '@jest/globals';
import type { AppActor } from '../../../src/domain/apps/types.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { publicId } from '../../../src/domain/tokens/value.ts';
import { onDatabase } from '../../db/each-database.ts';
import { keepSecret } from '../../support/run-records.ts';
import { expectRefused, openApps, operator } from './apps.ts';

onDatabase((database) => {
  /** An app in which a Developer and the Owner each created a secret and an API key for the client `small`. */
  const arrange = async () => {
    const apps = openApps(database());
    const app = await apps.app();
    const [client, person] = ['small', await apps.person('Grace Hopper')];
    const member = await app.member('Developer', person);
    const { secret } = await apps.appClients.create(app.owner.actor, app.name, {
      name: client,
      kind: 'server',
      role: 'Reader',
    });
    keepSecret('client_secret', secret);
    const addSecret = async (actor: AppActor) => {
      const made = await apps.appClients.addSecret(actor, app.name, client);
      keepSecret('client_secret', made.value);
      return made.secret;
    };
    const addKey = async (actor: AppActor) => {
      const { token, value } = await apps.appApiKeys.create(actor, app.name, client, {
        name: 'backend',
      });
      keepSecret('api_key', value);
      return token;
    };
    const keys = { member: await addKey(member.actor), owner: await addKey(app.owner.actor) };
    const own = await addSecret(member.actor);
    const secretsLeft = async () =>
      (await apps.appClients.secrets(operator, app.name, client)).map(({ createdBy }) => createdBy);
    const keysLeft = async () =>
      (await apps.appApiKeys.list(operator, app.name, client))
        .filter(({ status }) => status === 'active')
        .map(({ createdBy }) => createdBy);
    const by = {
      member: { id: member.id, name: 'Grace Hopper' },
      owner: { id: app.owner.id, name: 'Ada Lovelace' },
    };
    return { apps, app, client, member, keys, own, addKey, secretsLeft, keysLeft, by };
  };

  describe('the creator of a secret or an API key', () => {
    test('is shown with id and name, never with the email address, also for the first secret of a client', async () => {
      const { own, keys, secretsLeft, keysLeft, by } = await arrange();
      expect(own.createdBy).toEqual(by.member);
      expect(keys.member.createdBy).toEqual(by.member);
      expect(await secretsLeft()).toEqual([by.owner, by.member]);
      expect(await keysLeft()).toEqual([by.owner, by.member]);
    });

    test('is null for an operator that is not a person, and in older rows', async () => {
      const { apps, app, client, addKey, own } = await arrange();
      expect((await addKey(operator)).createdBy).toBeNull();
      await database()
        .kysely.updateTable('client_secret')
        .set({ created_by: null })
        .where('id', '=', own.id)
        .execute();
      const secrets = await apps.appClients.secrets(operator, app.name, client);
      expect(secrets.find(({ id }) => id === own.id)?.createdBy).toBeNull();
    });

    test('of a regenerated API key is the person who saw the new value', async () => {
      const { apps, app, client, keys, by } = await arrange();
      const { token, value } = await apps.appApiKeys.regenerate(
        app.owner.actor,
        app.name,
        client,
        publicId(keys.member.id),
        { overlap: 0 },
      );
      keepSecret('api_key', value);
      expect(token.createdBy).toEqual(by.owner);
    });
  });

  describe('a removed member', () => {
    test('leaves the credentials that they created working, and these stay listed', async () => {
      const { apps, app, client, member, keys, own, secretsLeft, keysLeft } = await arrange();
      const list = () => apps.appMembers.credentials(app.owner.actor, app.name, member.id);
      const listed = [
        { kind: 'client_secret', id: own.id, client, name: null, hint: own.hint },
        { kind: 'api_key', id: publicId(keys.member.id), client, name: 'backend' },
      ];
      expect(await list()).toMatchObject(listed);
      await apps.appMembers.remove(app.owner.actor, app.name, member.id);
      expect([await secretsLeft(), await keysLeft()]).toMatchObject([{ length: 2 }, { length: 2 }]);
      expect(await list()).toMatchObject(listed);
      await apps.appMembers.endCredentials(app.owner.actor, app.name, member.id);
      expect(await list()).toEqual([]);
    });

    test('loses the secrets and API keys that they created if requested, only in this app, and no one else’s', async () => {
      const { apps, app, member, secretsLeft, keysLeft, by } = await arrange();
      const other = await apps.app();
      await other.member('Owner', member);
      const elsewhere = await apps.appClients.addSecret(member.actor, other.name, 'default');
      keepSecret('client_secret', elsewhere.value);
      const kinds = await apps.changesOf(() =>
        apps.appMembers.remove(app.owner.actor, app.name, member.id, { endCredentials: true }),
      );
      expect(kinds.map(({ kind }) => kind)).toEqual([
        'token.revoked',
        'client.tokens_revoked',
        'app.changed',
      ]);
      expect([await secretsLeft(), await keysLeft()]).toEqual([[by.owner], [by.owner]]);
      expect(await apps.appMembers.credentials(operator, other.name, member.id)).toHaveLength(1);
      expect((await apps.events(app.id)).slice(-4).map(({ action }) => action)).toEqual([
        'app_member.removed',
        'token.revoked',
        'client_secret.revoked',
        'client.tokens_revoked',
      ]);
    });

    test('keeps everything if the removal is refused for the last Owner', async () => {
      const { apps, app, secretsLeft, keysLeft } = await arrange();
      await expectRefused(
        apps.appMembers.remove(app.owner.actor, app.name, app.owner.id, { endCredentials: true }),
        'conflict',
      );
      expect([await secretsLeft(), await keysLeft()]).toMatchObject([{ length: 2 }, { length: 2 }]);
    });
  });

  describe('revoking what a person created', () => {
    test('needs a role that manages clients and covers theirs; members with less revoke nothing', async () => {
      const { apps, app, client, member, secretsLeft } = await arrange();
      const { name } = app;
      const reader = await app.member('Reader');
      const refused = (run: Promise<unknown>) => expectRefused(run, 'access_denied');
      await refused(apps.appMembers.credentials(reader.actor, name, member.id));
      await refused(apps.appMembers.endCredentials(reader.actor, name, member.id));
      await apps.appMembers.set(app.owner.actor, name, member.id, 'Reader');
      await refused(
        apps.appMembers.remove(member.actor, name, member.id, { endCredentials: true }),
      );
      await apps.appMembers.set(app.owner.actor, name, member.id, 'Developer');
      await apps.appClients.update(app.owner.actor, name, client, { role: 'Owner' });
      await refused(
        apps.appMembers.remove(member.actor, name, member.id, { endCredentials: true }),
      );
      expect(await secretsLeft()).toHaveLength(2);
      await apps.appClients.update(app.owner.actor, name, client, { role: 'Reader' });
      await apps.appMembers.remove(member.actor, name, member.id, { endCredentials: true });
      expect(await secretsLeft()).toHaveLength(1);
      await expectRefused(
        apps.appMembers.credentials((await apps.person()).actor, name, member.id),
        'not_found',
      );
    });

    test('does nothing for an unknown account', async () => {
      const { apps, app, secretsLeft } = await arrange();
      for (const id of ['x', '\0', '0198c0de-0000-7000-8000-000000000000']) {
        expect(await apps.appMembers.credentials(operator, app.name, id)).toEqual([]);
        await apps.appMembers.endCredentials(operator, app.name, id);
      }
      expect(await secretsLeft()).toHaveLength(2);
    });
  });

  test('credentials of a disabled or deleted account keep working, and can be listed and revoked by its id', async () => {
    const { apps, app, member, secretsLeft, keysLeft, by } = await arrange();
    await apps.accounts.disable(serverActor, member.id);
    expect(await secretsLeft()).toEqual([by.owner, by.member]);
    // The effect of an account deletion on the rows used here (`domain/accounts/deletion.ts`).
    const { kysely } = database();
    await kysely.deleteFrom('app_member').where('account_id', '=', member.id).execute();
    await kysely
      .updateTable('account')
      .set({ name: '', email: null, deleted_at: new Date() })
      .where('id', '=', member.id)
      .execute();
    expect(await secretsLeft()).toEqual([by.owner, { id: member.id, name: '' }]);
    await apps.appMembers.endCredentials(app.owner.actor, app.name, member.id);
    expect([await secretsLeft(), await keysLeft()]).toEqual([[by.owner], [by.owner]]);
  });
});
