import { expect, test } from '@jest/globals';
import { logInToApp } from '../../support/app-logins.ts';
import { makeApp, makeOpenApi } from '../../support/apps.ts';
import { makePerson } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { loginsOf } from '../device/support.ts';

onStack((stack) => {
  test('who uses an app, or denies it, is not revealed to its members: neither their account nor their email address', async () => {
    const app = await makeApp(stack());
    const { resource } = await makeOpenApi(stack());
    const device = await app.addClient({ kind: 'device' });
    const [user, refuser] = [await makePerson(stack()), await makePerson(stack())];
    const { refreshToken } = await logInToApp(stack(), device.id, user, { resource });
    await stack().post('/connect/revocation', { token: refreshToken, client_id: device.id });
    const begun = await stack().post('/connect/deviceauthorization', {
      client_id: device.id,
      scope: 'things:read',
      resource,
    });
    await loginsOf(stack()).deny(begun.body.user_code, { id: refuser.accountId, roles: [] });

    const { appActivity } = stack().domain;
    const page = { limit: 50 };
    const seen = await appActivity.page(app.actor, app.name, page);
    const actions = seen.items.map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(['device.approved', 'device.denied', 'grant.revoked']),
    );
    const text = JSON.stringify(seen.items);
    for (const secret of [user.accountId, refuser.accountId, '127.0.0.1', '::1'])
      expect(text).not.toContain(secret);
    expect(text).toContain(device.id);
    const whole = JSON.stringify(
      (await appActivity.page({ kind: 'operator' }, app.name, page)).items,
    );
    for (const known of [user.accountId, refuser.accountId, 'device_ip'])
      expect(whole).toContain(known);
  });
});
