import { beforeAll, describe, expect, test } from '@jest/globals';
import { administratorRole } from '../../../config/roles.ts';
import { isPersonalScope } from '../../../config/scopes.ts';
import type { ApiClient } from '../../support/http.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { tokenOfPerson } from '../person-token.ts';
import {
  call,
  makeThings,
  nameOf,
  pathOf,
  type Route,
  scoped as routes,
  type Things,
} from '../routes.ts';

/** A person's token gives access to the person's own apps, and nothing else in Writ's API. */
onStack((stack) => {
  interface Person {
    id: string;
    email: string;
    token: string;
    api: ApiClient;
  }
  const person = async (...roles: string[]): Promise<Person> => {
    const email = `${unique('ada')}@example.com`;
    const { body } = await stack().api.call('POST', '/accounts', { name: 'Ada', email, roles });
    const { value, api } = await tokenOfPerson(stack(), body.id);
    return { id: String(body.id), email, token: value, api };
  };
  const bearer = ({ token }: Person) => ({ authorization: `Bearer ${token}` });
  const make = async ({ api }: Pick<Person, 'api'>, given: object = {}) => {
    const { status, body } = await api.call('POST', '/apps', {
      display_name: unique('App'),
      ...given,
    });
    expect(status).toBe(201);
    return { body, name: String(body.name), path: `/apps/${body.name}` };
  };

  const isOfApps = ({ path }: Route): boolean => /^\/apps(\/|$)/.test(path);
  const closed = routes.filter((route) => !isOfApps(route));
  const beneath = routes.filter(({ path }) => path.startsWith('/apps/'));
  const denied = { status: 403, body: { error: 'access_denied' } };
  const absent = { status: 404, body: { error: 'not_found' } };

  test('people’s tokens keep only the scopes of apps', () => {
    for (const route of routes)
      expect({ route: nameOf(route), personal: isPersonalScope(route.scope) }).toEqual({
        route: nameOf(route),
        personal: isOfApps(route),
      });
  });

  describe('a person who is not an administrator, with a token that has every scope', () => {
    let stranger: Person;
    let things: Things;
    beforeAll(async () => {
      stranger = await person();
      things = await makeThings(stack());
    });

    test.each(closed.map((route) => [nameOf(route), route] as const))(
      'is refused %s: 403',
      async (_name, route) => {
        const answer = await call(stack(), route, things, bearer(stranger));
        expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
        expect(answer.headers.get('www-authenticate')).toContain(`scope="${route.scope}"`);
      },
    );

    test.each(beneath.map((route) => [nameOf(route), route] as const))(
      '%s responds the same for another person’s app as for one that does not exist',
      async (_name, route) => {
        const nobodys = { ...things, app: `no${things.app.slice(2)}` };
        const [there, gone] = [
          await call(stack(), route, things, bearer(stranger)),
          await call(stack(), route, nobodys, bearer(stranger)),
        ];
        expect(there).toMatchObject(absent);
        expect(there.text).toBe(gone.text.replaceAll(nobodys.app, things.app));
        expect([...there.headers.keys()]).toEqual([...gone.headers.keys()]);
      },
    );

    test('a condition reveals nothing about another person’s app', async () => {
      const mine = bearer(stranger);
      for (const route of beneath.filter(({ method }) =>
        ['PUT', 'PATCH', 'DELETE'].includes(method),
      )) {
        if (/members|secrets|invitations|initial-access|delegations/.test(route.path)) continue;
        for (const value of ['*', '"another"'])
          expect(await call(stack(), route, things, { ...mine, 'if-match': value })).toMatchObject(
            absent,
          );
      }
    });

    test('does not see the apps of others on any page of the list', async () => {
      const { name } = await make(stranger);
      await make(stack());
      for (const limit of [1, 500]) {
        const { body } = await stranger.api.call('GET', `/apps?limit=${limit}`);
        expect(body.items.map((item: { name: string }) => item.name)).toEqual([name]);
        expect(body.next).toBeNull();
      }
      const { items } = (await stack().api.call('GET', '/apps?limit=500')).body;
      expect(items.length).toBeGreaterThan(1);
    });

    test('refused calls leave no events in apps of others', async () => {
      const weak = await tokenOfPerson(stack(), stranger.id, ['apps:read']);
      for (const path of [`/apps/${things.app}`, `/apps/${things.app}/clients/${things.client}`])
        expect((await weak.api.call('DELETE', path)).status).toBe(403);
      const { items } = (
        await stack().api.call('GET', `/apps/${things.app}/audit-events?limit=500`)
      ).body;
      expect(items.length).toBeGreaterThan(0);
      expect(JSON.stringify(items)).not.toContain(stranger.id);
    });
  });

  test('a person creates an app, owns it, and is the actor of its events', async () => {
    const ada = await person();
    const { body, name, path } = await make(ada);
    expect(body).toMatchObject({ members: 1, role: 'Owner', manages: 'app' });
    expect((await ada.api.call('GET', `${path}/members`)).body.items).toMatchObject([
      { account_id: ada.id, name: 'Ada', email: ada.email, role: 'Owner' },
    ]);
    expect((await ada.api.call('PATCH', path, { display_name: unique('Mine') })).status).toBe(200);
    const { items } = (await stack().api.call('GET', `/audit-events?app=${name}`)).body;
    expect(items.map(({ action }: { action: string }) => action)).toContain('app.updated');
    for (const { actor } of items)
      expect(actor).toMatchObject({ kind: 'account', id: ada.id, token_id: expect.any(String) });
    const told = (await ada.api.call('GET', `${path}/audit-events`)).body.items;
    expect(told).toHaveLength(items.length);
    for (const { actor, ip, request_id } of told)
      expect([actor.id, actor.token_id, ip, request_id]).toEqual([ada.id, null, null, null]);
    expect((await ada.api.call('DELETE', path)).status).toBe(204);
    expect((await ada.api.call('GET', '/apps')).body.items).toEqual([]);
  });

  test('a person’s app or client cannot have a name that looks like another’s; an operator’s can', async () => {
    const [ada, eve] = [await person(), await person()];
    const display_name = unique('Acme');
    await make(ada, { display_name });
    const { path } = await make(eve);
    const alike = { display_name: display_name.replace('Acme', 'Асmе') };
    const client = { ...alike, name: 'tv', kind: 'device', role: 'Reader' };
    const calls: [string, string, object][] = [
      ['POST', '/apps', alike],
      ['PATCH', path, alike],
      ['POST', `${path}/clients`, client],
      ['PATCH', `${path}/clients/default`, alike],
    ];
    const refused = {
      error: 'conflict',
      details: [{ parameter: 'display_name', message: expect.stringContaining('already in use') }],
    };
    for (const [method, to, body] of calls)
      expect(await eve.api.call(method, to, body)).toMatchObject({ status: 409, body: refused });
    const own = [{ parameter: 'display_name', message: expect.stringContaining('this service') }];
    const ours = await eve.api.call('POST', '/apps', { display_name: 'W r i t' });
    expect(ours).toMatchObject({ status: 400, body: { error: 'invalid_request', details: own } });
    for (const [method, to, body] of calls)
      expect((await stack().api.call(method, to, body)).status).toBeLessThan(300);
    const first = { client_id: unique('c'), client_name: alike.display_name };
    expect((await stack().api.call('POST', '/clients', first)).status).toBe(201);
  });

  test('without apps:read a token reads nothing, without apps:write it changes nothing', async () => {
    const ada = await person();
    const { path } = await make(ada);
    const reading = await tokenOfPerson(stack(), ada.id, ['apps:read']);
    const writing = await tokenOfPerson(stack(), ada.id, ['apps:write']);
    const refused = { status: 403, body: { error: 'insufficient_scope' } };
    expect((await reading.api.call('GET', path)).status).toBe(200);
    expect(await reading.api.call('PATCH', path, {})).toMatchObject(refused);
    expect((await writing.api.call('PATCH', path, {})).status).toBe(200);
    expect(await writing.api.call('GET', path)).toMatchObject(refused);
  });

  test('only an operator can create an app for another person, or add a member without an invitation', async () => {
    const [ada, eve] = [await person(), await person()];
    const given = { display_name: unique('A present') };
    expect(await ada.api.call('POST', '/apps', { ...given, owner: eve.id })).toMatchObject(denied);
    await make(ada, { ...given, owner: ada.id });
    const { path } = await make(ada);
    expect(
      (await ada.api.call('PUT', `${path}/members/${eve.id}`, { role: 'Reader' })).status,
    ).toBe(404);
    expect((await eve.api.call('GET', path)).status).toBe(404);
    await make(stack(), { ...given, owner: eve.id });
    expect((await eve.api.call('GET', '/apps')).body.items).toMatchObject([given]);
    expect(
      (await stack().api.call('PUT', `${path}/members/${eve.id}`, { role: 'Reader' })).status,
    ).toBe(200);
    expect((await eve.api.call('GET', path)).body).toMatchObject({
      role: 'Reader',
      manages: 'nothing',
    });
  });

  test('only an operator marks a client as first-party', async () => {
    const ada = await person();
    const { path } = await make(ada);
    const given = { kind: 'website', role: 'Reader', redirect_uris: ['https://a.example/cb'] };
    const client = `${path}/clients/site`;
    const created = await ada.api.call('POST', `${path}/clients`, { name: 'site', ...given });
    expect(created.body).toMatchObject({ ...given, first_party: false });
    const mark = { first_party: true };
    expect(await ada.api.call('PATCH', client, mark)).toMatchObject(denied);
    expect((await stack().api.call('PATCH', client, mark)).body).toMatchObject(mark);
    expect((await ada.api.call('PATCH', client, { default_max_age: 60 })).body).toMatchObject({
      ...mark,
      default_max_age: 60,
    });
    const redirect_uris = ['https://b.example/cb'];
    expect((await ada.api.call('PATCH', client, { redirect_uris })).body).toMatchObject({
      redirect_uris,
      first_party: false,
    });
  });

  test('an administrator, a client and an API key are operators in every app', async () => {
    const ada = await person();
    const admin = await person(administratorRole);
    // The last administrator keeps the role.
    await person(administratorRole);
    const { path } = await make(ada);
    for (const { api } of [admin, stack()]) {
      expect((await api.call('GET', path)).body).toMatchObject({ role: null, manages: 'app' });
      expect((await api.call('PATCH', path, { display_name: 'Ours' })).status).toBe(200);
    }
    await stack().api.call('PATCH', `/accounts/${admin.id}`, { roles: [] });
    expect((await admin.api.call('GET', path)).status).toBe(404);
  });

  describe('a member', () => {
    /** An app with its things, in which the member has a role. */
    const joined = async (role: string) => {
      const member = await person();
      const things = await makeThings(stack());
      const path = `/apps/${things.app}/members/${member.id}`;
      expect((await stack().api.call('PUT', path, { role })).status).toBe(200);
      return { member, things };
    };
    const isOfClients = ({ path }: Route): boolean =>
      path.startsWith('/apps/{app}/clients') || path.endsWith('/credentials');
    const isCredentials = ({ path }: Route): boolean =>
      /\/(secrets|api-keys|credentials)/.test(path);
    const isForOwners = ({ path }: Route): boolean =>
      /\/(delegations|initial-access-tokens)/.test(path);
    const changing = beneath.filter(({ scope }) => scope === 'apps:write');
    const seeing = beneath.filter(({ scope }) => scope === 'apps:read');

    describe('with the role Reader', () => {
      let reader: Awaited<ReturnType<typeof joined>>;
      beforeAll(async () => {
        reader = await joined('Reader');
      });

      test.each(
        seeing
          .filter((route) => !isCredentials(route) && !isForOwners(route))
          .map((route) => [nameOf(route), route] as const),
      )('sees %s', async (_name, route) => {
        const { status } = await call(stack(), route, reader.things, bearer(reader.member));
        expect(status).toBe(route.success);
      });

      test.each(
        [...changing, ...seeing.filter((route) => isCredentials(route) || isForOwners(route))].map(
          (route) => [nameOf(route), route] as const,
        ),
      )('is refused %s, and that is recorded in the app', async (_name, route) => {
        const { member, things } = reader;
        expect(await call(stack(), route, things, bearer(member))).toMatchObject(denied);
        if (route.method === 'GET') return;
        const { items } = (
          await stack().api.call('GET', `/apps/${things.app}/audit-events?limit=1`)
        ).body;
        expect(items).toMatchObject([
          {
            result: 'refused',
            actor: { kind: 'account', id: member.id },
            details: { error: 'access_denied' },
          },
        ]);
        const client = /clients\/\{client\}/.test(route.path);
        expect(items[0].target).toEqual(
          client
            ? { kind: 'client', id: `${things.app}:${things.client}` }
            : { kind: 'app', id: things.app },
        );
      });

      test('can leave', async () => {
        const { member, things } = await joined('Reader');
        const path = `/apps/${things.app}`;
        expect((await member.api.call('DELETE', `${path}/members/${member.id}`)).status).toBe(204);
        expect((await member.api.call('GET', path)).status).toBe(404);
      });
    });

    test('a member who manages clients can create and delete clients, and change nothing else', async () => {
      const { member, things } = await joined('Developer');
      const path = `/apps/${things.app}`;
      expect((await member.api.call('GET', path)).body.manages).toBe('clients');
      for (const route of changing.filter((each) => !isOfClients(each)))
        expect(await call(stack(), route, things, bearer(member))).toMatchObject(denied);
      await stack().domain.appClients.update({ kind: 'operator' }, things.app, 'default', {
        role: 'Owner',
      });
      // The first client has the role Owner now: its secret would give more rights than the caller has.
      for (const route of changing.filter(({ path: of }) => of.includes('{client}')))
        expect(await call(stack(), route, things, bearer(member))).toMatchObject(denied);
      const clients = `${path}/clients`;
      const given = { name: unique('client'), role: 'Owner' };
      expect(await member.api.call('POST', clients, given)).toMatchObject(denied);
      const made = await member.api.call('POST', clients, { ...given, role: 'Developer' });
      expect(made.status).toBe(201);
      const own = { ...things, client: String(made.body.name) };
      const [secret] = (await member.api.call('GET', `${clients}/${own.client}/secrets`)).body
        .items;
      own.app_secret_id = secret.id;
      const key = await member.api.call('POST', `${clients}/${own.client}/api-keys`, {
        name: 'a key',
      });
      own.app_key_id = key.body.id;
      const order = ['PATCH', 'POST', 'DELETE'];
      const routesOfClient = changing
        .filter((route) => route.path.includes('{client}') && !isForOwners(route))
        .sort((one, other) => order.indexOf(one.method) - order.indexOf(other.method))
        .sort((one, other) => Number(isCredentials(other)) - Number(isCredentials(one)));
      for (const route of routesOfClient)
        expect({
          route: nameOf(route),
          status: (await call(stack(), route, own, bearer(member))).status,
        }).toEqual({ route: nameOf(route), status: route.success });
    });

    test('nothing that members see contains a secret of the app', async () => {
      const ada = await person();
      const { body, path } = await make(ada);
      const secrets = [body.client.client_secret];
      const other = await ada.api.call('POST', `${path}/clients/default/secrets`);
      secrets.push(other.body.client_secret);
      const email = `${unique('eve')}@example.com`;
      const invited = await ada.api.call('POST', `${path}/invitations`, { email, role: 'Reader' });
      secrets.push(invited.body.invitation_uri.split('/').at(-1));
      for (const secret of secrets) expect(secret).toMatch(/\w{16}/);
      const things = { ...(await makeThings(stack())), app: body.name };
      const gets = routes.filter((route) => isOfApps(route) && route.method === 'GET');
      for (const route of gets) {
        const { text } = await call(stack(), route, things, bearer(ada));
        for (const secret of secrets) expect(text).not.toContain(secret);
      }
    });

    test('a disabled or removed member no longer sees the app', async () => {
      const { member, things } = await joined('Editor');
      const path = pathOf({ path: '/apps/{app}' }, things);
      expect((await member.api.call('GET', path)).status).toBe(200);
      await stack().api.call('DELETE', `${path}/members/${member.id}`);
      expect((await member.api.call('GET', path)).status).toBe(404);
      expect((await member.api.call('GET', '/apps')).body.items).toEqual([]);
    });
  });
});
