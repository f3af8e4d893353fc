import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { AppActor } from '../../../src/domain/apps/types.ts';
import { onDatabase } from '../../db/each-database.ts';
import { openApps, operator, type Person, type TestApps, unique } from './apps.ts';

/** The operations, in an app where each of them is possible. */
interface Place {
  apps: TestApps;
  app: string;
  /** A second Owner, so that none is the last. */
  other: Person;
  /** A member who can be removed. */
  reader: Person;
}

type Operation = (actor: AppActor, place: Place) => Promise<unknown>;

const invited = async ({ apps, app }: Place) =>
  (
    await apps.appInvitations.create(operator, app, {
      email: `${unique('grace')}@example.com`,
      role: 'Reader',
    })
  ).invitation.id;

const client = async ({ apps, app }: Place, role = 'Reader') =>
  (await apps.appClients.create(operator, app, { name: unique('c'), kind: 'server', role })).client
    .name;

const secret = async ({ apps, app }: Place, name: string) =>
  (await apps.appClients.secrets(operator, app, name))[0]?.id ?? '';

const initialToken = () => ({
  name: unique('token'),
  role: 'Reader',
  maxUses: 1,
  expiresAt: new Date(Date.now() + 60_000),
});

/**
 * The rights each operation needs, and whether it changes the app. `seer`: every member; `maker`: members who
 * manage clients; `owner`: members who manage the app.
 */
const operations: Record<
  string,
  { who: 'seer' | 'maker' | 'owner'; run: Operation; ends?: boolean }
> = {
  'see the app': { who: 'seer', run: (actor, { apps, app }) => apps.apps.find(actor, app) },
  'see its clients': {
    who: 'seer',
    run: (actor, { apps, app }) => apps.appClients.list(actor, app),
  },
  'see a client': {
    who: 'seer',
    run: (actor, { apps, app }) => apps.appClients.find(actor, app, 'default'),
  },
  'see its roles': { who: 'seer', run: (actor, { apps, app }) => apps.appRoles.list(actor, app) },
  'see a role': {
    who: 'seer',
    run: (actor, { apps, app }) => apps.appRoles.find(actor, app, 'Reader'),
  },
  'see its members': {
    who: 'seer',
    run: (actor, { apps, app }) => apps.appMembers.list(actor, app),
  },
  'see its invitations': {
    who: 'seer',
    run: (actor, { apps, app }) => apps.appInvitations.list(actor, app),
  },
  'see what happened': {
    who: 'seer',
    run: (actor, { apps, app }) => apps.appActivity.page(actor, app, { limit: 10 }),
  },
  'see its numbers': {
    who: 'seer',
    run: (actor, { apps, app }) => apps.appActivity.usage(actor, app),
  },
  'see what its secrets are called': {
    who: 'maker',
    run: async (actor, place) =>
      place.apps.appClients.secrets(actor, place.app, await client(place)),
  },
  'make a client': {
    who: 'maker',
    run: (actor, { apps, app }) =>
      apps.appClients.create(actor, app, { name: unique('c'), kind: 'server', role: 'Reader' }),
  },
  'change a client': {
    who: 'maker',
    run: async (actor, place) =>
      place.apps.appClients.update(actor, place.app, await client(place), {
        displayName: unique('B'),
      }),
  },
  'disable a client': {
    who: 'maker',
    run: async (actor, place) =>
      place.apps.appClients.disable(actor, place.app, await client(place)),
  },
  'enable a client': {
    who: 'maker',
    run: async (actor, place) =>
      place.apps.appClients.enable(actor, place.app, await client(place)),
  },
  'delete a client': {
    who: 'maker',
    run: async (actor, place) =>
      place.apps.appClients.delete(actor, place.app, await client(place)),
  },
  'make a secret': {
    who: 'maker',
    run: async (actor, place) =>
      place.apps.appClients.addSecret(actor, place.app, await client(place)),
  },
  'delete a secret': {
    who: 'maker',
    run: async (actor, place) => {
      const name = await client(place);
      await place.apps.appClients.revokeSecret(actor, place.app, name, await secret(place, name));
    },
  },
  'try a client': {
    who: 'maker',
    run: async (actor, place) =>
      place.apps.appClients.authorizeTrial(actor, place.app, await client(place)),
  },
  'make an agent': {
    who: 'maker',
    run: (actor, { apps, app }) =>
      apps.appClients.create(actor, app, {
        name: unique('a'),
        kind: 'agent',
        role: 'Reader',
        agent: { purpose: 'Acts.' },
      }),
  },
  'let a client exchange tokens': {
    who: 'owner',
    run: async (actor, place) =>
      place.apps.appClients.update(actor, place.app, await client(place), { tokenExchange: true }),
  },
  'create an initial access token': {
    who: 'owner',
    run: (actor, { apps, app }) => apps.appInitialAccessTokens.create(actor, app, initialToken()),
  },
  'see its initial access tokens': {
    who: 'owner',
    run: (actor, { apps, app }) => apps.appInitialAccessTokens.list(actor, app),
  },
  'revoke an initial access token': {
    who: 'owner',
    run: async (actor, { apps, app }) => {
      const { token } = await apps.appInitialAccessTokens.create(operator, app, initialToken());
      await apps.appInitialAccessTokens.revoke(actor, app, token.id);
    },
  },
  'see what a client does now': {
    who: 'seer',
    run: (actor, { apps, app }) => apps.appAgents.state(actor, app, 'default'),
  },
  'see what a client did': {
    who: 'seer',
    run: (actor, { apps, app }) => apps.appAgents.activity(actor, app, 'default', { limit: 1 }),
  },
  'see what a client did for a person': {
    who: 'owner',
    run: (actor, { apps, app, reader }) =>
      apps.appAgents.activity(actor, app, 'default', { limit: 1, person: reader.id }),
  },
  'see for whom a client acts': {
    who: 'owner',
    run: (actor, { apps, app }) => apps.appAgents.people(actor, app, 'default'),
  },
  'end that a client acts for a person': {
    who: 'owner',
    run: async (actor, place) => {
      const name = await client(place);
      await sql`insert into delegation (account_id, client_id) select ${place.reader.id}::uuid, id
        from client where client_id = ${`${place.app}:${name}`}`.execute(
        place.apps.database.kysely,
      );
      await place.apps.appAgents.endDelegation(actor, place.app, name, place.reader.id);
    },
  },
  'change the app': {
    who: 'owner',
    run: (actor, { apps, app }) => apps.apps.update(actor, app, { displayName: unique('B') }),
  },
  'disable the app': {
    who: 'owner',
    ends: true,
    run: (actor, { apps, app }) => apps.apps.disable(actor, app),
  },
  'enable the app': { who: 'owner', run: (actor, { apps, app }) => apps.apps.enable(actor, app) },
  'delete the app': {
    who: 'owner',
    ends: true,
    run: (actor, { apps, app }) => apps.apps.delete(actor, app),
  },
  'make a role': {
    who: 'owner',
    run: (actor, { apps, app }) =>
      apps.appRoles.set(actor, app, { name: 'Ops', permissions: ['things.read'] }),
  },
  'delete a role': {
    who: 'owner',
    run: async (actor, { apps, app }) => {
      await apps.appRoles.set(operator, app, { name: 'Old', permissions: [] });
      await apps.appRoles.delete(actor, app, 'Old');
    },
  },
  'change the role of a member': {
    who: 'owner',
    ends: true,
    run: (actor, { apps, app, reader }) => apps.appMembers.set(actor, app, reader.id, 'Editor'),
  },
  'take out a member': {
    who: 'owner',
    ends: true,
    run: (actor, { apps, app, reader }) => apps.appMembers.remove(actor, app, reader.id),
  },
  invite: {
    who: 'owner',
    run: (actor, { apps, app }) =>
      apps.appInvitations.create(actor, app, {
        email: `${unique('grace')}@example.com`,
        role: 'Reader',
      }),
  },
  'revoke an invitation': {
    who: 'owner',
    run: async (actor, place) =>
      place.apps.appInvitations.revoke(actor, place.app, await invited(place)),
  },
  'transfer the app': {
    who: 'owner',
    ends: true,
    run: (actor, { apps, app, reader, other }) =>
      apps.appMembers.handOver(actor, app, {
        to: reader.id,
        leave: false,
        ...(actor.kind === 'operator' && { from: other.id }),
      }),
  },
};

const rights: Record<string, ('seer' | 'maker' | 'owner')[]> = {
  'an operator': ['seer', 'maker', 'owner'],
  'an Owner': ['seer', 'maker', 'owner'],
  'a Developer': ['seer', 'maker'],
  'an Editor': ['seer'],
  'a Reader': ['seer'],
  'a member with a role that manages clients': ['seer', 'maker'],
  'a member with a role that manages nothing': ['seer'],
};

const roleOf: Record<string, string> = {
  'an Owner': 'Owner',
  'a Developer': 'Developer',
  'an Editor': 'Editor',
  'a Reader': 'Reader',
  'a member with a role that manages clients': 'Maker',
  'a member with a role that manages nothing': 'Seer',
};

onDatabase((database) => {
  const arrange = async () => {
    const apps = openApps(database());
    const app = await apps.app();
    const permissions = ['*'];
    await apps.appRoles.set(operator, app.name, { name: 'Maker', permissions, manages: 'clients' });
    await apps.appRoles.set(operator, app.name, { name: 'Seer', permissions });
    const place: Place = {
      apps,
      app: app.name,
      other: app.owner,
      reader: await app.member('Reader'),
    };
    return { app, place };
  };

  describe.each(Object.keys(rights))('%s', (who) => {
    const role = roleOf[who];
    const settle = async () => {
      const { app, place } = await arrange();
      return { place, actor: role ? (await app.member(role)).actor : operator };
    };
    let settled: Awaited<ReturnType<typeof settle>> | undefined;

    test.each(Object.keys(operations))('%s: as their role permits', async (what) => {
      settled ??= await settle();
      const { place, actor } = settled;
      const { who: needed, run, ends } = operations[what] as (typeof operations)[string];
      if (ends) settled = undefined;
      const answer = run(actor, place).then(
        () => 'done',
        (error) => error.code ?? error,
      );
      expect(await answer).toBe(rights[who]?.includes(needed) ? 'done' : 'access_denied');
    });
  });

  describe('a non-member, a former member and a member of another app', () => {
    let arranged: Awaited<ReturnType<typeof arrange>> | undefined;

    test.each(Object.keys(operations))('%s: as if the app did not exist', async (what) => {
      arranged ??= await arrange();
      const { app, place } = arranged;
      const { apps } = place;
      const { run } = operations[what] as (typeof operations)[string];
      const stranger = await apps.person();
      const former = await app.member('Owner');
      await apps.appMembers.remove(former.actor, app.name, former.id);
      const { owner: elsewhere } = await apps.app();
      const words = async (person: Person) => {
        const { code, words } = await refusal(run(person.actor, place));
        return { code, words: words.replaceAll(app.name, 'NAME') };
      };
      const absent = { code: 'not_found', words: 'There is no app NAME.' };
      for (const person of [stranger, former, elsewhere])
        expect(await words(person)).toEqual(absent);

      const elsewise = { ...place, apps: withAbsentApp(apps, app.name, 'no-such-app') };
      expect(await refusal(run(stranger.actor, elsewise))).toEqual({
        ...absent,
        words: 'There is no app no-such-app.',
      });
    });

    test('a deleted app no longer exists for its Owner and for operators', async () => {
      const { app, place } = await arrange();
      await place.apps.apps.delete(operator, app.name);
      for (const actor of [app.owner.actor, operator])
        for (const [what, { run }] of Object.entries(operations)) {
          expect({ what, ...(await refusal(run(actor, place))) }).toEqual({
            what,
            code: 'not_found',
            words: `There is no app ${app.name}.`,
          });
        }
      expect(await place.apps.apps.list(app.owner.actor, { limit: 10 })).toEqual([]);
    });
  });

  test('a list has only the apps of a person, by name, page by page', async () => {
    const apps = openApps(database());
    const { owner } = await apps.app();
    const prefix = unique('list');
    const names = ['c', 'a', 'b'].map((letter) => `${prefix}-${letter}`);
    const mine = await apps.person();
    for (const name of names) await apps.apps.create(mine.actor, { displayName: name, name });
    await apps.appMembers.set(operator, names[1] ?? '', owner.id, 'Reader');
    const first = await apps.apps.list(mine.actor, { limit: 2 });
    expect(first.map(({ name }) => name)).toEqual([`${prefix}-a`, `${prefix}-b`]);
    const rest = await apps.apps.list(mine.actor, { limit: 2, after: `${prefix}-b` });
    expect(rest).toMatchObject([
      { name: `${prefix}-c`, role: 'Owner', manages: 'app', members: 1, clients: 1 },
    ]);
    expect(
      (await apps.apps.list(owner.actor, { limit: 10, after: 'l' })).filter(({ name }) =>
        name.startsWith(prefix),
      ),
    ).toMatchObject([{ name: `${prefix}-a`, role: 'Reader', manages: 'nothing', members: 2 }]);
    const all = await apps.apps.list(operator, { limit: 3, after: `${prefix}-a` });
    expect(all.map(({ name }) => name).slice(0, 2)).toEqual([`${prefix}-b`, `${prefix}-c`]);
    expect(all[0]).toMatchObject({ role: null, manages: 'app' });
    await expect(apps.apps.list(mine.actor, { limit: 2, after: 'a\0' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});

/** Code and message of a refusal. */
const refusal = (run: Promise<unknown>): Promise<{ code: string; words: string }> =>
  run.then(
    () => ({ code: 'done', words: '' }),
    ({ code, message }) => ({ code, words: message }),
  );

/** The same operations, but actors other than operators use the name of an app that does not exist. */
function withAbsentApp(apps: TestApps, name: string, absent: string): TestApps {
  const renamed = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get:
        (target, key) =>
        (actor: AppActor, ...rest: unknown[]) =>
          (target as Record<string | symbol, (...args: unknown[]) => unknown>)[key]?.(
            actor,
            ...rest.map((arg) => (arg === name && actor.kind !== 'operator' ? absent : arg)),
          ),
    });
  return {
    ...apps,
    apps: renamed(apps.apps),
    appClients: renamed(apps.appClients),
    appRoles: renamed(apps.appRoles),
    appMembers: renamed(apps.appMembers),
    appInvitations: renamed(apps.appInvitations),
    appActivity: renamed(apps.appActivity),
    appAgents: renamed(apps.appAgents),
    appInitialAccessTokens: renamed(apps.appInitialAccessTokens),
  };
}
