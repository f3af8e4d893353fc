import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { makeLoggedIn } from '../../support/logins.ts';
import { onStack, unique } from '../../support/stacks.ts';

/** Invitations, sessions and grants, as an administrator manages them. */
onStack((stack) => {
  const make = async (given: object = {}) => {
    const email = `${unique('ada')}@example.com`;
    const { body } = await stack().api.call('POST', '/accounts', { name: 'Ada', email, ...given });
    return { id: String(body.id), path: `/accounts/${body.id}` };
  };
  const invite = async (path: string) => {
    const { status, body } = await stack().api.call('POST', `${path}/invitation`);
    expect(status).toBe(201);
    return { uri: body.invitation_uri, value: body.invitation_uri.split('/').at(-1), ...body };
  };
  const good = 'seven otters read a quiet map';

  test('an invitation is a link to this server with which the person sets a password once', async () => {
    const { domain, issuer, api } = stack();
    const { id, path } = await make();
    expect((await api.call('GET', path)).body).toMatchObject({
      has_password: false,
      last_sign_in_at: null,
    });
    const { uri, value, expires_at } = await invite(path);
    expect(uri).toBe(`${issuer}/invitation/${value}`);
    expect(new Date(expires_at).getTime()).toBeGreaterThan(Date.now());
    expect(await domain.invitations.accept(value, good)).toMatchObject({ accountId: id });
    expect((await api.call('GET', path)).body).toMatchObject({ has_password: true });
    expect(await domain.invitations.accept(value, good)).toBeUndefined();
  });

  test('an invitation says that no email is sent without a mail server, and refuses to send one', async () => {
    const { path } = await make();
    expect(await invite(path)).toMatchObject({ sent_to: null });
    const { status, body } = await stack().api.call('POST', `${path}/invitation`, {
      send_email: true,
    });
    expect([status, body.error]).toEqual([409, 'conflict']);
  });

  test('a new invitation replaces the previous one', async () => {
    const { domain } = stack();
    const { path } = await make();
    const [first, second] = [await invite(path), await invite(path)];
    expect(await domain.invitations.find(first.value)).toBeUndefined();
    expect(await domain.invitations.find(second.value)).toBeDefined();
  });

  test.each([
    ['has no email address to sign in with', { email: null }, undefined],
    ['is disabled', {}, 'disable'],
  ])('an account that %s cannot be invited', async (_what, given, then) => {
    const { path } = await make(given);
    if (then) await stack().api.call('POST', `${path}/${then}`);
    expect(await stack().api.call('POST', `${path}/invitation`)).toMatchObject({
      status: 409,
      body: { error: 'conflict' },
    });
  });

  test('an account shows the time of its last sign-in', async () => {
    const { id, path } = await make();
    await stack().domain.sessions.begin(id, {});
    expect((await stack().api.call('GET', path)).body.last_sign_in_at).toEqual(expect.any(String));
  });

  test('signing a person out revokes all of their sessions, those of no other person, and no tokens', async () => {
    const { domain, api } = stack();
    const [ada, eve] = [await make(), await make()];
    const sessions = await Promise.all([
      domain.sessions.begin(ada.id, {}),
      domain.sessions.begin(ada.id, {}),
    ]);
    const other = await domain.sessions.begin(eve.id, {});
    expect((await api.call('DELETE', `${ada.path}/sessions`)).status).toBe(204);
    for (const { value } of sessions) expect(await domain.sessions.find(value)).toBeUndefined();
    expect(await domain.sessions.find(other.value)).toBeDefined();
    const { items } = await domain.audit.page({ limit: 1, target: ada.id });
    expect(items).toMatchObject([
      { action: 'session.others_ended', actor: { kind: 'client' }, details: { ended: 2 } },
    ]);
  });

  test('the grants of a person are listed, and can be revoked with all of their tokens', async () => {
    const { api, database } = stack();
    const { accountId, grantId, app, refreshToken, refresh } = await makeLoggedIn(stack());
    const device = { user_agent: 'curl/8', ip: '192.0.2.7' };
    await sql`update oauth_grant set device = ${JSON.stringify(device)}::jsonb where id = ${grantId}`.execute(
      database.kysely,
    );
    const listed = await api.call('GET', `/accounts/${accountId}/grants`);
    expect(listed.body).toEqual({
      items: [
        expect.objectContaining({
          id: grantId,
          client_id: app.id,
          device,
          ended_at: null,
          ended_because: null,
        }),
      ],
      next: null,
    });
    expect((await api.call('DELETE', `/grants/${grantId}`)).status).toBe(204);
    expect((await refresh(refreshToken)).body.error).toBe('invalid_grant');
    expect((await api.call('GET', `/accounts/${accountId}/grants`)).body.items).toEqual([]);
    expect((await api.call('DELETE', `/grants/${grantId}`)).status).toBe(404);
  });
});
