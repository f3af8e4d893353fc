import { describe, expect, test } from '@jest/globals';
import { administratorRole } from '../../../config/roles.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onEveryStack } from '../../support/stacks.ts';
import { createResource, thingsRead } from '../token/support.ts';
import { type Begun, expire, makeDevices } from './support.ts';

/** A person decides about a device (RFC 8628 §3.3): the first decision is final. */
onEveryStack((stack) => {
  const grantsOf = (accountId: string) =>
    stack()
      .database.kysely.selectFrom('oauth_grant')
      .selectAll()
      .where('account_id', '=', accountId)
      .execute();
  const eventsOf = async (clientId: string) => {
    const rows = await stack()
      .database.kysely.selectFrom('audit_event')
      .selectAll()
      .where('action', 'like', 'device.%')
      .orderBy('id')
      .execute();
    return rows.filter(({ details }) => details?.['client_id'] === clientId);
  };
  const stateOf = async ({ device_code }: Begun) =>
    (await stack().domain.deviceDecisions.find(sha256(device_code))).decision;

  test('a device is found by its code in any case, with or without dash and spaces', async () => {
    const { begin, logins, person } = await makeDevices(stack());
    const { user_code } = await begin();
    const ada = await person();
    const [left = '', right = ''] = user_code.split('-');
    for (const typed of [
      user_code,
      user_code.toLowerCase(),
      left + right,
      ` ${left} ${right} `,
      `${left}–${right}`.toLowerCase(),
    ])
      expect(await logins.find(typed, ada)).toMatchObject({ userCode: user_code });
  });

  test.each(['', 'BCDF', 'BCDF-BCDF-BCDF', '\u0000', "' or 1=1", 'x'.repeat(10_000)])(
    'no device has the code %j',
    async (typed) => {
      const { begin, logins, person } = await makeDevices(stack());
      await begin();
      const ada = await person();
      expect(await logins.find(typed, ada)).toBeUndefined();
      expect(await logins.approve(typed, ada)).toBeUndefined();
      expect(await logins.deny(typed, ada)).toBeUndefined();
    },
  );

  test('a device code is not a user code', async () => {
    const { begin, logins, person } = await makeDevices(stack());
    const { device_code } = await begin();
    expect(await logins.find(device_code, await person())).toBeUndefined();
  });

  test('the person sees the client, its scopes, the device and when the code expires', async () => {
    const resource = await createResource(stack(), { name: 'Things', scopes: [thingsRead] });
    const { begin, logins, person, client } = await makeDevices(stack(), {
      resources: [resource],
      client_name: 'Toaster',
      client_uri: 'https://toaster.test',
      logo_uri: 'https://toaster.test/logo.png',
      device_lifetimes: [3600, 60],
    });
    const { user_code } = await begin({ scope: 'openid offline_access things:read' });
    const request = await logins.find(user_code, await person());
    expect(request).toEqual({
      userCode: user_code,
      clientId: client.id,
      clientName: 'Toaster',
      app: null,
      clientUri: 'https://toaster.test',
      logoUri: 'https://toaster.test/logo.png',
      scopes: [
        { ...thingsRead, resource: 'Things' },
        { name: 'openid', description: 'Identify you by your account ID', resource: '' },
        {
          name: 'offline_access',
          description: 'Stay connected without asking you again',
          resource: '',
        },
      ],
      details: [],
      asksForEverything: false,
      scopesBeyondRole: [],
      needsRecentSignIn: false,
      device: { userAgent: 'Toaster/1.0', ip: expect.stringMatching(/^127\.0\.0\.1$|^::1$/) },
      requestedAt: expect.any(Date),
      expiresAt: expect.any(Date),
      lifetimes: [3600, 60],
      state: 'pending',
      answeredBy: undefined,
    });
    expect(Number(request?.expiresAt) - Number(request?.requestedAt)).toBe(900_000);
  });

  test('an approval creates a grant of its own, with its device', async () => {
    const { begin, logins, person, client, resource } = await makeDevices(stack());
    const ada = await person();
    for (const _device of [1, 2]) {
      const { user_code } = await begin();
      expect(await logins.approve(user_code, ada)).toMatchObject({
        state: 'approved',
        answeredBy: ada.id,
      });
    }
    const grants = await grantsOf(ada.id);
    expect(grants).toHaveLength(2);
    for (const grant of grants)
      expect(grant).toMatchObject({
        device: { user_agent: 'Toaster/1.0', ip: expect.any(String) },
        payload: { kind: 'Grant', resources: { [resource]: 'things:read' } },
        revoked_at: null,
      });
    expect(await eventsOf(client.id)).toMatchObject(
      Array(2).fill({
        action: 'device.approved',
        result: 'success',
        actor_kind: 'account',
        actor_id: ada.id,
        target_kind: 'grant',
        details: { account_id: ada.id, client_id: client.id, scope: 'things:read' },
      }),
    );
  });

  test('another approval, or a denial after it, changes nothing', async () => {
    const { begin, logins, person, client } = await makeDevices(stack());
    const [ada, bob] = [await person(), await person()];
    const { user_code } = await begin();
    for (const answer of [
      () => logins.approve(user_code, ada),
      () => logins.approve(user_code, ada),
      () => logins.deny(user_code, ada),
      () => logins.approve(user_code, bob),
      () => logins.find(user_code, bob),
    ])
      expect(await answer()).toMatchObject({ state: 'approved', answeredBy: ada.id });
    expect(await grantsOf(ada.id)).toHaveLength(1);
    expect(await grantsOf(bob.id)).toHaveLength(0);
    expect(await eventsOf(client.id)).toHaveLength(1);
  });

  test('a denial is final', async () => {
    const { begin, logins, person, client } = await makeDevices(stack());
    const [ada, bob] = [await person(), await person()];
    const { user_code } = await begin();
    await logins.deny(user_code, ada);
    expect(await logins.approve(user_code, bob)).toMatchObject({
      state: 'denied',
      answeredBy: ada.id,
    });
    expect(await grantsOf(bob.id)).toHaveLength(0);
    expect(await eventsOf(client.id)).toMatchObject([
      { action: 'device.denied', actor_id: ada.id, target_id: client.id },
    ]);
  });

  test('of ten people who approve at once one succeeds, and all see who', async () => {
    const { begin, logins, person, client } = await makeDevices(stack());
    const people = await Promise.all(Array.from({ length: 10 }, () => person()));
    const begun = await begin();
    const decided = await Promise.all(people.map((one) => logins.approve(begun.user_code, one)));
    const winner = (await stateOf(begun))?.accountId;
    for (const request of decided)
      expect(request).toMatchObject({ state: 'approved', answeredBy: winner });
    const grants = await Promise.all(people.map(({ id }) => grantsOf(id)));
    expect(grants.flat()).toHaveLength(1);
    expect(await eventsOf(client.id)).toHaveLength(1);
  });

  test('of simultaneous approvals and denials one counts, and all see which', async () => {
    const { begin, logins, person, poll } = await makeDevices(stack());
    for (const _device of [1, 2, 3]) {
      const people = await Promise.all(Array.from({ length: 6 }, () => person()));
      const begun = await begin();
      const decided = await Promise.all(
        people.map((one, index) =>
          index % 2 ? logins.approve(begun.user_code, one) : logins.deny(begun.user_code, one),
        ),
      );
      const held = await stateOf(begun);
      for (const request of decided)
        expect(request).toMatchObject({ state: held?.decision, answeredBy: held?.accountId });
      const { body } = await poll(begun);
      if (held?.decision === 'denied') expect(body.error).toBe('access_denied');
      else expect(body.access_token).toMatch(/^writ_at_/);
    }
  });

  test('an expired code cannot be decided', async () => {
    const { begin, logins, person } = await makeDevices(stack());
    const begun = await begin();
    const ada = await person();
    await expire(stack(), begun);
    for (const answer of [logins.find, logins.approve, logins.deny])
      expect(await answer(begun.user_code, ada)).toMatchObject({
        state: 'expired',
        answeredBy: undefined,
      });
    expect(await grantsOf(ada.id)).toHaveLength(0);
  });

  test('a code that expires during the decision is refused by the clock of the database', async () => {
    const { person, client } = await makeDevices(stack());
    const ada = await person();
    const { deviceDecisions } = stack().domain;
    const approval = {
      id: sha256('a code of the last second'),
      expiresAt: Math.floor(Date.now() / 1000) - 1,
      accountId: ada.id,
      clientId: client.id,
      device: { userAgent: null, ip: null },
      openIdScope: [],
      resources: new Map(),
    };
    expect(await deviceDecisions.approve(approval)).toBe(false);
    expect(await deviceDecisions.deny(approval)).toBe(false);
    expect(await grantsOf(ada.id)).toHaveLength(0);
  });

  test('a scope that the client is no longer allowed is not granted', async () => {
    const { begin, logins, person, client, resource, poll } = await makeDevices(stack());
    const begun = await begin({ scope: 'things:read things:write' });
    await stack().domain.registry.update(serverActor, client.id, {
      metadata: { scope: 'things:read' },
    });
    const ada = await person();
    const request = await logins.approve(begun.user_code, ada);
    expect(request?.scopes.map(({ name }) => name)).toEqual(['things:read']);
    expect((await grantsOf(ada.id))[0]?.payload).toMatchObject({
      resources: { [resource]: 'things:read' },
    });
    expect((await poll(begun)).body.scope).toBe('things:read');
  });

  test('a client that lost its resource can no longer be approved', async () => {
    const { begin, logins, person, client } = await makeDevices(stack());
    const { user_code } = await begin();
    await stack().domain.registry.update(serverActor, client.id, {
      resources: [],
    });
    const ada = await person();
    await expect(logins.approve(user_code, ada)).rejects.toMatchObject({ code: 'access_denied' });
    expect(await grantsOf(ada.id)).toHaveLength(0);
  });

  describe('nothing is granted for what was disabled or revoked in the meantime', () => {
    test('a disabled client has no pending devices', async () => {
      const { begin, logins, person, client } = await makeDevices(stack());
      const { user_code } = await begin();
      await stack().domain.registry.disable(serverActor, client.id);
      const ada = await person();
      expect(await logins.find(user_code, ada)).toBeUndefined();
      expect(await logins.approve(user_code, ada)).toBeUndefined();
    });

    test('a disabled account approves nothing', async () => {
      const { begin, logins, person } = await makeDevices(stack());
      const begun = await begin();
      const ada = await person();
      await stack().domain.accounts.disable(serverActor, ada.id);
      await expect(logins.approve(begun.user_code, ada)).rejects.toMatchObject({
        code: 'access_denied',
      });
      expect(await stateOf(begun)).toBeUndefined();
    });

    test.each<
      [string, (login: { accountId: string; clientId: string; grantId: string }) => unknown]
    >([
      [
        'the account was disabled, and enabled again',
        async ({ accountId }) => {
          await stack().domain.accounts.disable(serverActor, accountId);
          await stack().domain.accounts.enable(serverActor, accountId);
        },
      ],
      [
        'all tokens of the account were revoked',
        ({ accountId }) => stack().domain.accounts.revokeTokens(serverActor, accountId),
      ],
      [
        'all tokens of the client were revoked',
        ({ clientId }) => stack().domain.registry.revokeTokens(serverActor, clientId),
      ],
      ['the grant was revoked', ({ grantId }) => stack().domain.grants.revoke(grantId)],
    ])('a device that was approved before %s gets nothing', async (_what, end) => {
      const { approved, poll, client } = await makeDevices(stack());
      const begun = await approved();
      await end({ accountId: begun.person.id, clientId: client.id, grantId: begun.grantId });
      expect(await poll(begun)).toMatchObject({ status: 400, body: { error: 'access_denied' } });
    });
  });

  describe("for Writ's own API", () => {
    const operated = () =>
      makeDevices(stack(), {
        resources: [stack().apiResource],
        scope: 'clients:read audit:read',
      });

    test('an account without the administrator role sees what it cannot grant, and grants nothing', async () => {
      const { begin, logins, person, client } = await operated();
      const begun = await begin({ scope: 'clients:read' });
      const ada = await person();
      expect(await logins.find(begun.user_code, ada)).toMatchObject({
        scopesBeyondRole: ['clients:read'],
      });
      await expect(logins.approve(begun.user_code, ada)).rejects.toMatchObject({
        code: 'access_denied',
      });
      expect(await stateOf(begun)).toBeUndefined();
      expect(await eventsOf(client.id)).toMatchObject([
        { action: 'device.approved', result: 'refused', actor_id: ada.id },
      ]);
    });

    test('not even a token without scope', async () => {
      const { begin, logins, person } = await makeDevices(stack(), {
        resources: [stack().apiResource],
      });
      const begun = await begin({ scope: 'openid' });
      await expect(logins.approve(begun.user_code, await person())).rejects.toMatchObject({
        code: 'access_denied',
      });
    });

    test('the current role counts, whatever the session remembers', async () => {
      const { begin, logins, person } = await operated();
      const begun = await begin({ scope: 'clients:read' });
      const { id } = await person();
      const remembered = { id, roles: [administratorRole] };
      await expect(logins.approve(begun.user_code, remembered)).rejects.toMatchObject({
        code: 'access_denied',
      });
      expect(await stateOf(begun)).toBeUndefined();
    });

    test('an administrator can approve the device, or deny it like anyone', async () => {
      const { begin, logins, person, poll } = await operated();
      const [begun, other] = [
        await begin({ scope: 'clients:read' }),
        await begin({ scope: 'clients:read' }),
      ];
      const admin = await person([administratorRole]);
      expect(await logins.approve(begun.user_code, admin)).toMatchObject({
        state: 'approved',
        scopesBeyondRole: [],
      });
      const { body } = await poll(begun);
      const { status } = await stack().get('/api/v1/clients', {
        authorization: `Bearer ${body.access_token}`,
      });
      expect(status).toBe(200);
      expect(await logins.deny(other.user_code, await person())).toMatchObject({ state: 'denied' });
    });
  });
});
