import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { parseToken } from '../../../src/domain/tokens/value.ts';
import { onEveryStack } from '../../support/stacks.ts';
import { createResource } from '../token/support.ts';
import { type Begun, type Devices, forget, makeDevices } from './support.ts';

const offline = { scope: 'openid offline_access things:read' };

/** An approved device: its code is redeemed once, its grant lives until it expires, and its owner sees it. */
onEveryStack((stack) => {
  const active = async (token: string, { client }: Pick<Devices, 'client'>) =>
    (await stack().introspect(token, client)).body.active;
  const refresh = ({ client }: Pick<Devices, 'client'>, token: string) => {
    const form = { grant_type: 'refresh_token', refresh_token: token };
    return client.secret
      ? stack().post('/connect/token', form, client)
      : stack().post('/connect/token', { client_id: client.id, ...form });
  };
  /** Long enough ago that the response is no longer repeated. */
  const ageRedemptions = async () => {
    const { kysely: db } = stack().database;
    await sql`update redemption set redeemed_at = redeemed_at - interval '31 seconds'`.execute(db);
    await sql`update token set consumed_at = consumed_at - interval '31 seconds'`.execute(db);
  };
  const stateOf = (token: string) => {
    const parsed = parseToken(token);
    return parsed && stack().domain.lookup(parsed.id);
  };
  const eventsOf = (grantId: string) =>
    stack()
      .database.kysely.selectFrom('audit_event')
      .selectAll()
      .where('target_id', '=', grantId)
      .orderBy('id')
      .execute();

  describe('redeeming', () => {
    test('ten simultaneous polls all get the same response, whose tokens are active', async () => {
      const devices = await makeDevices(stack(), { isPublicClient: false });
      const begun = await devices.approved(offline);
      const answers = await Promise.all(Array.from({ length: 10 }, () => devices.poll(begun)));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      const { access_token, refresh_token } = answers[0]?.body ?? {};
      for (const token of [access_token, refresh_token])
        expect(await active(token, devices)).toBe(true);
    });

    test('a device that lost its response gets it again within 30 seconds, and not later', async () => {
      const { approved, poll } = await makeDevices(stack());
      const begun = await approved();
      const first = await poll(begun);
      expect((await poll(begun)).text).toBe(first.text);
      await ageRedemptions();
      expect((await poll(begun)).body.error).toBe('invalid_grant');
    });

    test('a redeemed code stays redeemed if the store forgets it and brings it back', async () => {
      const devices = await makeDevices(stack(), { isPublicClient: false });
      const begun = await devices.approved(offline);
      const { body } = await devices.poll(begun);
      const bringBack = await forget(stack(), begun);
      expect(await active(body.access_token, devices)).toBe(true);
      expect((await refresh(devices, body.refresh_token)).status).toBe(200);
      expect((await devices.poll(begun)).body.error).toBe('invalid_grant');
      await bringBack();
      const tokens = async () =>
        (
          await stack()
            .database.kysely.selectFrom('token')
            .selectAll()
            .where('grant_id', '=', begun.grantId)
            .execute()
        ).length;
      const before = await tokens();
      await devices.poll(begun);
      await ageRedemptions();
      expect((await devices.poll(begun)).body.error).toBe('invalid_grant');
      expect(await tokens()).toBe(before);
    });

    test('a decision counts although the store forgot the code in the meantime', async () => {
      const { begin, logins, person, poll } = await makeDevices(stack());
      const [letIn, refused] = [await begin(), await begin()];
      const ada = await person();
      await logins.approve(letIn.user_code, ada);
      await logins.deny(refused.user_code, ada);
      for (const begun of [letIn, refused]) await (await forget(stack(), begun))();
      expect((await poll(refused)).body.error).toBe('access_denied');
      expect((await poll(letIn)).status).toBe(200);
    });
  });

  describe('a grant with a chosen lifetime', () => {
    const short = () =>
      makeDevices(stack(), {
        isPublicClient: false,
        device_lifetimes: [7200, 60],
        rotate_refresh_tokens: true,
      });
    const endOf = async (token: string) => (await stateOf(token))?.expiresAt ?? Infinity;
    const expiresAt = async (begun: Begun & { grantId: string }) =>
      Number((await stack().domain.grants.find(begun.grantId))?.payload['ends_at']);

    test.each([
      ['the time that the person chose', { lifetime: 60 }, 60],
      ['the first choice by default', undefined, 7200],
    ])('lives for %s', async (_what, choice, seconds) => {
      const devices = await short();
      const begun = await devices.approved(offline, choice);
      const grant = await stack().domain.grants.find(begun.grantId);
      expect(Number(grant?.payload['ends_at']) - Number(grant?.payload['iat'])).toBe(seconds);
      const { body } = await devices.poll(begun);
      expect(body.expires_in).toBeLessThanOrEqual(seconds);
      for (const token of [body.access_token, body.refresh_token])
        expect(await endOf(token)).toBe(await expiresAt(begun));
    });

    test('is not extended by refreshing, however often', async () => {
      const devices = await short();
      const begun = await devices.approved(offline, { lifetime: 7200 });
      let { body } = await devices.poll(begun);
      for (const _time of [1, 2, 3]) {
        ({ body } = await refresh(devices, body.refresh_token));
        for (const token of [body.access_token, body.refresh_token])
          expect(await endOf(token)).toBe(await expiresAt(begun));
      }
    });

    test('limits a JWT as well, which no refresh can extend', async () => {
      const resource = await createResource(stack(), { token_format: 'jwt' });
      const devices = await makeDevices(stack(), {
        isPublicClient: false,
        resources: [resource],
        device_lifetimes: [3600],
      });
      const begun = await devices.approved();
      const { body } = await devices.poll(begun);
      const claims = JSON.parse(
        Buffer.from(body.access_token.split('.')[1], 'base64url').toString(),
      );
      expect(claims).toMatchObject({
        exp: await expiresAt(begun),
        sub: begun.person.id,
        aud: resource,
        scope: 'things:read',
        grant_id: begun.grantId,
      });
      expect(await active(body.access_token, devices)).toBe(true);
    });

    test('cannot be refreshed after it has expired', async () => {
      const devices = await short();
      const begun = await devices.approved(offline);
      const { body } = await devices.poll(begun);
      await sql`update oauth_grant set payload = payload || '{"ends_at": 1, "exp": 1}' where id = ${begun.grantId}`.execute(
        stack().database.kysely,
      );
      expect((await refresh(devices, body.refresh_token)).body.error).toBe('invalid_grant');
    });

    test.each([61, 0, -60, 1.5, Number.NaN])(
      'cannot live %d seconds, which is not one of the choices',
      async (lifetime) => {
        const { begin, logins, person, poll } = await short();
        const begun = await begin();
        await expect(
          logins.approve(begun.user_code, await person(), { lifetime }),
        ).rejects.toMatchObject({ code: 'invalid_request' });
        expect((await poll(begun)).body.error).toBe('authorization_pending');
      },
    );

    test('offers no choice if the client has none', async () => {
      const { begin, logins, person } = await makeDevices(stack());
      const { user_code } = await begin();
      const ada = await person();
      expect(await logins.find(user_code, ada)).toMatchObject({ lifetimes: [] });
      await expect(logins.approve(user_code, ada, { lifetime: 60 })).rejects.toMatchObject({
        code: 'invalid_request',
      });
    });

    test.each([[[]], [[59]], [[366 * 86_400 + 1]], [[60.5]], [['60']], [60], [Array(11).fill(60)]])(
      'a client cannot offer %j',
      async (device_lifetimes) => {
        const { status } = await stack().api.call('POST', '/clients', { device_lifetimes });
        expect(status).toBe(400);
      },
    );
  });

  describe('the owner', () => {
    const list = (accountId: string) => stack().domain.connectedClients.list(accountId);

    test('sees each grant, with its device and its scopes', async () => {
      const devices = await makeDevices(stack(), { client_name: 'Toaster' });
      const begun = await devices.approved(offline);
      await devices.poll(begun);
      expect(await list(begun.person.id)).toEqual([
        {
          grantId: begun.grantId,
          details: [],
          clientId: devices.client.id,
          clientName: 'Toaster',
          device: { userAgent: 'Toaster/1.0', ip: expect.any(String) },
          approvedAt: expect.any(Date),
          lastUsedAt: null,
          expiresAt: expect.any(Date),
          scopes: [
            { name: 'things:read', description: 'See your things', resource: expect.any(String) },
            { name: 'openid', description: 'Identify you by your account ID', resource: '' },
            {
              name: 'offline_access',
              description: 'Stay connected without asking you again',
              resource: '',
            },
          ],
          kind: 'device',
          publisher: null,
          registeredItself: false,
          revokedBecause: null,
          revokedAt: null,
          initiateLoginUri: null,
        },
      ]);
    });

    test('revokes a grant with all its tokens, and no other', async () => {
      const devices = await makeDevices(stack(), { isPublicClient: false });
      const ada = await devices.person();
      const letIn = async () => {
        const begun = await devices.begin(offline);
        await devices.logins.approve(begun.user_code, ada);
        return (await devices.poll(begun)).body;
      };
      const [first, second] = [await letIn(), await letIn()];
      const grantId = (await stateOf(first.access_token))?.grantId ?? '';
      expect(await stack().domain.connectedClients.disconnect(ada.id, grantId)).toBe(true);
      for (const token of [first.access_token, first.refresh_token])
        expect(await active(token, devices)).toBe(false);
      for (const token of [second.access_token, second.refresh_token])
        expect(await active(token, devices)).toBe(true);
      expect((await list(ada.id)).map((device) => device.grantId)).toEqual([
        (await stateOf(second.access_token))?.grantId,
      ]);
      expect(await stack().domain.connectedClients.disconnect(ada.id, grantId)).toBe(false);
      expect(await eventsOf(grantId)).toMatchObject([
        { action: 'device.approved' },
        {
          action: 'grant.revoked',
          actor_kind: 'account',
          actor_id: ada.id,
          details: { account_id: ada.id, revoked_because: 'owner' },
        },
      ]);
    });

    test('cannot revoke grants of others or unknown ones', async () => {
      const devices = await makeDevices(stack(), { isPublicClient: false });
      const begun = await devices.approved();
      const { body } = await devices.poll(begun);
      const bob = await devices.person();
      const { disconnect } = stack().domain.connectedClients;
      for (const [account, grant] of [
        [bob.id, begun.grantId],
        [begun.person.id, bob.id],
        [begun.person.id, 'nothing'],
      ] as const)
        expect(await disconnect(account, grant)).toBe(false);
      expect(await active(body.access_token, devices)).toBe(true);
    });

    test('does not see a grant whose tokens were all revoked otherwise', async () => {
      const devices = await makeDevices(stack());
      const revocations: ((
        begun: Begun & { person: { id: string }; grantId: string },
      ) => unknown)[] = [
        ({ person }) => stack().domain.accounts.revokeTokens(serverActor, person.id),
        () => stack().domain.registry.revokeTokens(serverActor, devices.client.id),
        ({ grantId }) =>
          sql`update oauth_grant set live_until = now() where id = ${grantId}`.execute(
            stack().database.kysely,
          ),
      ];
      for (const end of revocations) {
        const begun = await devices.approved();
        await devices.poll(begun);
        expect(await list(begun.person.id)).toHaveLength(1);
        await end(begun);
        expect(await list(begun.person.id)).toEqual([]);
      }
    });

    test('sees for 30 days which grant was revoked because a refresh token was used twice', async () => {
      const devices = await makeDevices(stack());
      const begun = await devices.approved(offline);
      const { body } = await devices.poll(begun);
      await refresh(devices, body.refresh_token);
      await ageRedemptions();
      expect((await refresh(devices, body.refresh_token)).body.error).toBe('invalid_grant');
      expect(await list(begun.person.id)).toMatchObject([
        { grantId: begun.grantId, revokedBecause: 'reuse', revokedAt: expect.any(Date) },
      ]);
      const events = await eventsOf(begun.grantId);
      expect(events.map(({ action }) => action)).toEqual([
        'device.approved',
        'refresh_token.reused',
        'grant.revoked',
      ]);
      expect(events[1]?.details).toEqual({
        account_id: begun.person.id,
        client_id: devices.client.id,
        token_id: expect.stringMatching(/^tok_/),
      });
      expect(events[2]?.details).toMatchObject({ revoked_because: 'reuse' });
      await sql`update oauth_grant set revoked_at = now() - interval '31 days' where id = ${begun.grantId}`.execute(
        stack().database.kysely,
      );
      expect(await list(begun.person.id)).toEqual([]);
    });

    test('does not see a theft warning if the client itself revoked the grant', async () => {
      const devices = await makeDevices(stack());
      const begun = await devices.approved(offline);
      const { body } = await devices.poll(begun);
      await stack().post('/connect/revocation', {
        client_id: devices.client.id,
        token: body.refresh_token,
      });
      expect(await list(begun.person.id)).toEqual([]);
      const events = await eventsOf(begun.grantId);
      expect(events.map(({ action }) => action)).toEqual(['device.approved', 'grant.revoked']);
      expect(events[1]?.details).toMatchObject({ revoked_because: 'client' });
    });
  });
});
