import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { NewAppClient } from '../../../src/domain/apps/types.ts';
import { createDelegations } from '../../../src/domain/delegations/delegations.ts';
import { onDatabase } from '../../db/each-database.ts';
import { expectRefused, openApps, operator, type TestApps, unique } from './apps.ts';

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

const agent = (given: Partial<NewAppClient> = {}): NewAppClient => ({
  name: unique('agent'),
  kind: 'agent',
  role: 'Reader',
  agent: { purpose: 'Sorts incoming invoices.' },
  ...given,
});

onDatabase((database) => {
  const open = () => openApps(database());

  /** An app and an agent of it. */
  const arrange = async (given: Partial<NewAppClient> = {}) => {
    const apps = open();
    const app = await apps.app();
    const { client, secret } = await apps.appClients.create(
      app.owner.actor,
      app.name,
      agent(given),
    );
    return { apps, app, client, secret };
  };

  /** Lets a client act for a person, as a first exchange does. */
  const actFor = async (apps: TestApps, client: { id: string; clientId: string }, who: string) => {
    const grant = await createDelegations({ database: apps.database }).grantFor(
      { accountId: who, client: client.id },
      client.clientId,
    );
    expect(grant).not.toBe('ended');
  };

  describe('an agent of an app', () => {
    test('says what it is for, has a secret and its creator as owner, and is found as that kind', async () => {
      const { apps, app, client, secret } = await arrange();
      expect(secret).toMatch(/^writ_cs_/);
      expect(client).toMatchObject({
        kind: 'agent',
        tokenExchange: false,
        idTokenAlg: null,
        agent: { purpose: 'Sorts incoming invoices.', owner: app.owner.id },
      });
      expect(await apps.appClients.find(operator, app.name, client.name)).toEqual(client);
      const { metadata } = (await apps.registry.find(client.clientId)) ?? {};
      expect(metadata).toMatchObject({ grant_types: ['client_credentials'] });
    });

    test.each<[string, Partial<NewAppClient>, string]>([
      ['no purpose', { agent: undefined }, 'agent.purpose'],
      ['a purpose of two lines', { agent: { purpose: 'One\ntwo' } }, 'agent.purpose'],
      [
        'a limit of nothing',
        { agent: { purpose: 'Acts.', tokens_per_hour: 0 } },
        'tokens_per_hour',
      ],
      [
        'hours without a time zone',
        { agent: { purpose: 'Acts.', hours: { from: '08:00', to: '09:00', time_zone: '' } } },
        'agent.hours',
      ],
      ['an owner that is no account', { agent: { purpose: 'Acts.', owner: 'me' } }, 'agent.owner'],
    ])('with %s is refused', async (_what, given, parameter) => {
      const apps = open();
      const { owner, name } = await apps.app();
      await expectRefused(
        apps.appClients.create(owner.actor, name, agent(given)),
        'invalid_request',
        new RegExp(parameter.replace('.', '\\.')),
      );
    });

    test('is the only kind that can have a purpose', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      for (const kind of ['server', 'device'] as const)
        await expectRefused(
          apps.appClients.create(owner.actor, name, agent({ kind })),
          'invalid_request',
        );
    });

    test('is owned by a member of the app, whom a change without an owner keeps', async () => {
      const { apps, app, client } = await arrange();
      const update = (owner?: string) =>
        apps.appClients.update(app.owner.actor, app.name, client.name, {
          agent: { purpose: 'Counts.', ...(owner && { owner }) },
        });
      const stranger = await apps.person();
      await expectRefused(update(stranger.id), 'invalid_request', /agent\.owner/);
      const developer = await app.member('Developer');
      expect((await update(developer.id)).agent).toEqual({
        purpose: 'Counts.',
        owner: developer.id,
      });
      await apps.appMembers.remove(operator, app.name, developer.id);
      expect((await update()).agent?.owner).toBe(developer.id);
      expect(await apps.appAgents.state(operator, app.name, client.name)).toMatchObject({
        owner: null,
      });
    });
  });

  describe('token exchange of a client of an app', () => {
    test('is allowed by an Owner only, within limits that only an Owner changes; a Developer can end it, and change everything else', async () => {
      const { apps, app, client } = await arrange();
      const developer = await app.member('Developer');
      const change = (who: typeof developer, changes: { tokenExchange?: boolean; role?: string }) =>
        apps.appClients.update(who.actor, app.name, client.name, changes);
      await expectRefused(change(developer, { tokenExchange: true }), 'access_denied', /Owner/);
      await expectRefused(
        apps.appClients.create(developer.actor, app.name, agent({ tokenExchange: true })),
        'access_denied',
        /Owner/,
      );
      expect((await change(app.owner, { tokenExchange: true })).tokenExchange).toBe(true);
      const { metadata } = (await apps.registry.find(client.clientId)) ?? {};
      expect(metadata?.['grant_types']).toEqual(['client_credentials', exchange]);
      expect(await change(developer, { role: 'Editor' })).toMatchObject({
        tokenExchange: true,
        role: 'Editor',
      });
      const update = (who: typeof developer, purpose: string) =>
        apps.appClients.update(who.actor, app.name, client.name, { agent: { purpose } });
      const { purpose = '' } = client.agent ?? {};
      // What the Owner allowed, the Owner limits.
      await expectRefused(update(developer, 'Pays invoices.'), 'access_denied', /Owner/);
      await update(developer, purpose);
      await update(app.owner, 'Pays invoices.');
      expect((await change(developer, { tokenExchange: false })).tokenExchange).toBe(false);
      await update(developer, purpose);
      await expectRefused(change(developer, { tokenExchange: true }), 'access_denied');
    });

    test('is not for the Owner of another app, and not for public clients', async () => {
      const { apps, app, client } = await arrange();
      const { owner: other } = await apps.app();
      await expectRefused(
        apps.appClients.update(other.actor, app.name, client.name, { tokenExchange: true }),
        'not_found',
      );
      await expectRefused(
        apps.appClients.create(app.owner.actor, app.name, {
          name: unique('cli'),
          kind: 'device',
          role: 'Reader',
          tokenExchange: true,
        }),
        'invalid_request',
        /credentials/,
      );
    });

    test('is never wider than the rights of the Owner: a client with a role that allows more stays as it is', async () => {
      const { apps, app, client } = await arrange();
      await apps.appRoles.set(operator, app.name, { name: 'Wide', permissions: ['other.write'] });
      await apps.appClients.update(operator, app.name, client.name, { role: 'Wide' });
      await apps.withBuiltIn('Owner', ['things.read'], async () => {
        await expectRefused(
          apps.appClients.update(app.owner.actor, app.name, client.name, { tokenExchange: true }),
          'access_denied',
          /permits more/,
        );
      });
      expect(await apps.appClients.find(operator, app.name, client.name)).toMatchObject({
        tokenExchange: false,
      });
    });
  });

  describe('for whom a client acts', () => {
    test('an Owner sees members by name, and other people only by the ID that tokens have', async () => {
      const { apps, app, client } = await arrange();
      const member = await app.member('Reader');
      const person = await apps.person('Private Person');
      for (const { id } of [member, person]) await actFor(apps, client, id);
      const names = async (actor: Parameters<typeof apps.appAgents.people>[0]) =>
        new Map(
          (await apps.appAgents.people(actor, app.name, client.name)).map((one) => [
            one.accountId,
            one.name,
          ]),
        );
      expect(await names(app.owner.actor)).toEqual(
        new Map([
          [member.id, 'A Reader'],
          [person.id, null],
        ]),
      );
      expect((await names(operator)).get(person.id)).toBe('Private Person');
      expect(await apps.appAgents.state(member.actor, app.name, client.name)).toMatchObject({
        people: 2,
      });
      const developer = await app.member('Developer');
      await expectRefused(
        apps.appAgents.people(developer.actor, app.name, client.name),
        'access_denied',
      );
    });

    test('an Owner ends it for one person: their grant is revoked, and only they can allow it again', async () => {
      const { apps, app, client } = await arrange();
      const [first, second] = [await apps.person(), await apps.person()];
      for (const { id } of [first, second]) await actFor(apps, client, id);
      const end = (actor: typeof app.owner.actor, id: string) =>
        apps.appAgents.endDelegation(actor, app.name, client.name, id);
      const developer = await app.member('Developer');
      await expectRefused(end(developer.actor, first.id), 'access_denied');
      const { owner: elsewhere } = await apps.app();
      await expectRefused(end(elsewhere.actor, first.id), 'not_found');
      await end(app.owner.actor, first.id);
      await expectRefused(end(app.owner.actor, first.id), 'not_found');
      await expectRefused(end(app.owner.actor, 'nobody'), 'not_found');
      const live = await sql<{ account_id: string }>`select g.account_id from oauth_grant g
        where g.client_id = ${client.id}::uuid and g.revoked_at is null`.execute(
        apps.database.kysely,
      );
      expect(live.rows).toEqual([{ account_id: second.id }]);
      const parties = { accountId: first.id, client: client.id };
      const delegations = createDelegations({ database: apps.database });
      expect(await delegations.grantFor(parties, client.clientId)).toBe('ended');
      expect(await apps.appAgents.state(operator, app.name, client.name)).toMatchObject({
        people: 1,
      });
    });

    test('what a client did can be read by person, and members do not see who they are', async () => {
      const { apps, app, client } = await arrange();
      const [one, other] = [await apps.person(), await apps.person()];
      for (const { id } of [one, other]) await actFor(apps, client, id);
      const read = async (actor: typeof app.owner.actor | typeof operator, person?: string) =>
        (
          await apps.appAgents.activity(actor, app.name, client.name, {
            limit: 10,
            ...(person && { person }),
          })
        ).items;
      const actions = (events: Awaited<ReturnType<typeof read>>) =>
        events.map(({ action }) => action);
      expect(actions(await read(app.owner.actor))).toEqual([
        'delegation.started',
        'delegation.started',
        'client_secret.created',
        'client.created',
      ]);
      const [event, ...more] = await read(app.owner.actor, one.id);
      expect([event?.action, more]).toEqual(['delegation.started', []]);
      expect(JSON.stringify(event)).not.toContain(one.id);
      expect(JSON.stringify(await read(operator, one.id))).toContain(one.id);
      const developer = await app.member('Developer');
      await expectRefused(read(developer.actor, one.id), 'access_denied');
      expect(JSON.stringify(await read(developer.actor))).not.toContain(one.id);
    });
  });
});
