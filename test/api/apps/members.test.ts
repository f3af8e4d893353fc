import { expect, test } from '@jest/globals';
import type { ApiClient } from '../../support/http.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { tokenOfPerson } from '../person-token.ts';

/** The members, invitations and ownership of an app. */
onStack((stack) => {
  const person = async (name = 'Ada') => {
    const email = `${unique('ada')}@example.com`;
    const { body } = await stack().api.call('POST', '/accounts', { name, email });
    const id = String(body.id);
    return { id, email, name, api: (await tokenOfPerson(stack(), id)).api };
  };
  const make = async (api: ApiClient) => {
    const { body } = await api.call('POST', '/apps', { display_name: unique('App') });
    return `/apps/${body.name}`;
  };
  const join = async (path: string, id: string, role: string) =>
    expect((await stack().api.call('PUT', `${path}/members/${id}`, { role })).status).toBe(200);
  const conflict = { status: 409, body: { error: 'conflict' } };

  test('members are listed, the Owner first, and their roles can be changed', async () => {
    const [zoe, ben] = [await person('Zoe'), await person('Ben')];
    const path = await make(zoe.api);
    await join(path, ben.id, 'Reader');
    const set = await zoe.api.call('PUT', `${path}/members/${ben.id}`, { role: 'Editor' });
    expect(set.body).toEqual({
      account_id: ben.id,
      name: 'Ben',
      email: ben.email,
      role: 'Editor',
      since: expect.any(String),
    });
    const { body } = await ben.api.call('GET', `${path}/members`);
    expect(body).toMatchObject({
      items: [{ account_id: zoe.id, role: 'Owner' }, set.body],
      next: null,
    });
    expect((await zoe.api.call('DELETE', `${path}/members/${ben.id}`)).status).toBe(204);
    expect((await zoe.api.call('DELETE', `${path}/members/${ben.id}`)).status).toBe(404);
    expect((await zoe.api.call('GET', `${path}/members`)).body.items).toHaveLength(1);
  });

  test('secrets and keys show the name of their creator; end_credentials revokes them with the membership, and the list shows what remains', async () => {
    const [zoe, ben] = [await person('Zoe'), await person('Ben')];
    const path = await make(zoe.api);
    await join(path, ben.id, 'Owner');
    const client = `${path}/clients/default`;
    const secret = (await ben.api.call('POST', `${client}/secrets`)).body;
    keepSecret('client_secret', secret.client_secret);
    const key = (await ben.api.call('POST', `${client}/api-keys`, { name: 'billing' })).body;
    keepSecret('api_key', key.api_key);
    const by = { id: ben.id, name: 'Ben' };
    expect([secret.created_by, key.created_by]).toEqual([by, by]);
    const answers = [
      await zoe.api.call('GET', `${client}/secrets`),
      await zoe.api.call('GET', `${client}/api-keys/${key.id}`),
    ];
    expect(answers[0]?.body.items).toMatchObject([
      { created_by: { name: 'Zoe' } },
      { created_by: by },
    ]);
    expect(answers[1]?.body).toMatchObject({ created_by: by });
    expect(JSON.stringify(answers)).not.toContain(ben.email);
    const listed = `${path}/members/${ben.id}/credentials`;
    expect((await zoe.api.call('GET', listed)).body).toMatchObject({
      items: [
        { kind: 'api_key', id: key.id, client: 'default', name: 'billing', hint: key.hint },
        { kind: 'client_secret', id: secret.id, client: 'default', name: null },
      ],
      next: null,
    });
    const gone = `${path}/members/${ben.id}`;
    expect((await zoe.api.call('DELETE', `${gone}?end_credentials=perhaps`)).status).toBe(400);
    expect((await zoe.api.call('DELETE', `${gone}?end_credentials=true`)).status).toBe(204);
    expect((await zoe.api.call('GET', listed)).body.items).toEqual([]);
    expect((await zoe.api.call('GET', `${client}/secrets`)).body.items).toHaveLength(1);
    expect((await ben.api.call('GET', listed)).status).toBe(404);
  });

  test('the last Owner can neither leave nor get a lesser role', async () => {
    const { id, api } = await person();
    const path = await make(api);
    for (const by of [api, stack().api]) {
      expect(await by.call('DELETE', `${path}/members/${id}`)).toMatchObject(conflict);
      expect(await by.call('PUT', `${path}/members/${id}`, { role: 'Editor' })).toMatchObject(
        conflict,
      );
    }
    expect((await api.call('GET', path)).body.role).toBe('Owner');
  });

  test.each([
    [false, 'Developer'],
    [true, undefined],
  ])(
    'an app is handed over to a member; with leave: %s whoever gives it is %s',
    async (leave, then) => {
      const [ada, ben, eve] = [await person(), await person(), await person()];
      const path = await make(ada.api);
      await join(path, ben.id, 'Reader');
      const give = (api: ApiClient, to: string, more: object = {}) =>
        api.call('POST', `${path}/owner`, { to, leave, ...more });
      expect((await give(ada.api, eve.id)).status).toBe(404);
      expect((await give(ada.api, ada.id)).status).toBe(400);
      expect((await give(ben.api, ben.id)).status).toBe(403);
      expect((await give(ada.api, ben.id, { from: ben.id })).status).toBe(403);
      expect(await give(ada.api, ben.id)).toMatchObject({ status: 204, text: '' });
      expect((await ben.api.call('GET', path)).body.role).toBe('Owner');
      expect((await ada.api.call('GET', path)).body.role).toBe(then);
    },
  );

  test('an operator can transfer an app of others, and names the Owner if there are several', async () => {
    const [ada, ben] = [await person(), await person()];
    const path = await make(ada.api);
    await join(path, ben.id, 'Reader');
    const give = (body: object) => stack().api.call('POST', `${path}/owner`, body);
    expect((await give({ to: ben.id })).status).toBe(204);
    await join(path, ada.id, 'Owner');
    expect((await give({ to: ben.id })).status).toBe(400);
    expect((await give({ to: ben.id, from: ada.id, leave: true })).status).toBe(204);
    expect((await stack().api.call('GET', `${path}/members`)).body.items).toMatchObject([
      { account_id: ben.id, role: 'Owner' },
    ]);
  });

  test('an invitation is a link to this server that is returned once, and makes the person who accepts a member', async () => {
    const { domain, issuer } = stack();
    const [ada, ben] = [await person('Ada'), await person('Ben')];
    const path = await make(ada.api);
    const made = await ada.api.call('POST', `${path}/invitations`, {
      email: ben.email,
      role: 'Editor',
    });
    expect(made.status).toBe(201);
    const { invitation_uri: uri, sent_to, ...invitation } = made.body;
    expect(sent_to).toBeNull();
    const value = uri.split('/').at(-1);
    expect(uri).toBe(`${issuer}/apps/invitations/${value}`);
    expect(invitation).toEqual({
      id: expect.any(String),
      email: ben.email,
      role: 'Editor',
      invited_by: 'Ada',
      created_at: expect.any(String),
      expires_at: expect.any(String),
    });
    const list = await ada.api.call('GET', `${path}/invitations`);
    expect(list.body).toEqual({ items: [invitation], next: null });
    expect(list.text).not.toContain(value);
    expect((await domain.appInvitations.find(value))?.id).toBe(invitation.id);
    await domain.appInvitations.accept(ben.id, invitation.id);
    expect((await ben.api.call('GET', path)).body.role).toBe('Editor');
    expect((await ada.api.call('GET', `${path}/invitations`)).body.items).toEqual([]);
  });

  test('a revoked or replaced invitation no longer works', async () => {
    const { domain } = stack();
    const ada = await person();
    const path = await make(ada.api);
    const email = `${unique('eve')}@example.com`;
    const invite = async () => {
      const { body } = await ada.api.call('POST', `${path}/invitations`, { email, role: 'Reader' });
      return { id: body.id, value: body.invitation_uri.split('/').at(-1) };
    };
    const [first, second] = [await invite(), await invite()];
    expect(await domain.appInvitations.find(first.value)).toBeUndefined();
    expect(await domain.appInvitations.find(second.value)).toBeDefined();
    const one = `${path}/invitations/${second.id}`;
    expect((await ada.api.call('DELETE', one)).status).toBe(204);
    expect((await ada.api.call('DELETE', one)).status).toBe(404);
    expect(await domain.appInvitations.find(second.value)).toBeUndefined();
  });

  test('an invitation of another app is not found in this one, and a member cannot be invited', async () => {
    const ada = await person();
    const [one, other] = [await make(ada.api), await make(ada.api)];
    const { body } = await ada.api.call('POST', `${one}/invitations`, {
      email: `${unique('eve')}@example.com`,
      role: 'Reader',
    });
    expect((await ada.api.call('DELETE', `${other}/invitations/${body.id}`)).status).toBe(404);
    expect((await ada.api.call('GET', `${one}/invitations`)).body.items).toHaveLength(1);
    const again = { email: ada.email.toUpperCase(), role: 'Reader' };
    expect(await ada.api.call('POST', `${one}/invitations`, again)).toMatchObject(conflict);
  });
});
