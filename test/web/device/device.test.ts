import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { codeFlood } from '../../../config/attempts.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { grantTypes } from '../../../src/oauth/grant-types.ts';
import { expire } from '../../protocol/device/support.ts';
import { makeDevice } from '../../support/device.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, type Stack } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';

onStack((stack) => {
  test('who is not signed in signs in first, and comes back with the code', async () => {
    const device = await makeDevice(stack());
    const { user_code: code } = await device.start();
    const visitor = createVisitor(stack().origin);
    const page = await visitor.get(`/device?user_code=${code}`);
    expect(page.location).toBe(`/sign-in?return_to=%2Fdevice%3Fuser_code%3D${code}`);
    expect((await visitor.follow(page)).words).toContain('to connect a device');
  });

  test('a person sees what asks, for what, from where, and connects it; the device has tokens then', async () => {
    const device = await makeDevice(stack());
    const started = await device.start('things:read offline_access', {
      'user-agent': 'curl/8.5.0',
    });
    const { visitor } = await signedIn(stack());
    const page = await visitor.get(`/device?user_code=${started.user_code}`);
    expect(page.status).toBe(200);
    for (const words of [
      device.name,
      'curl',
      'See your things',
      'Only connect a device that you use yourself',
    ])
      expect(page.words).toContain(words);
    expect((await device.poll(started)).body.error).toBe('authorization_pending');
    const done = await visitor.submit('/device/decision', {
      user_code: started.user_code,
      decision: 'approve',
    });
    expect([done.status, done.location]).toEqual([303, `/device?user_code=${started.user_code}`]);
    expect((await visitor.follow(done)).words).toContain('connected');
    const { status, body } = await device.poll(started);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      scope: 'offline_access things:read',
      refresh_token: expect.stringMatching(/^writ_rt_/),
    });
    const devices = await visitor.get('/account/connected');
    for (const words of [device.name, 'See your things']) expect(devices.words).toContain(words);
  });

  test('a device can ask for single things: the person reads them, and every token of the login is limited to them', async () => {
    const device = await makeDevice(stack());
    await stack().domain.resources.update(device.resource, {
      detailsTypes: [{ type: 'box', description: 'A box', actions: ['open', 'close'] }],
    });
    const details = [
      { type: 'box', identifier: 'red', actions: ['open', 'close'], privileges: ['owner'] },
    ];
    const ask = (asked: unknown) =>
      stack().post('/connect/deviceauthorization', {
        client_id: device.clientId,
        scope: 'things:read offline_access',
        authorization_details: JSON.stringify(asked),
      });
    for (const wrong of [
      [{ type: 'bag' }],
      [{ type: 'box', actions: ['burn'] }],
      [{ type: 'box', actions: [] }],
      {},
    ]) {
      const { status, body } = await ask(wrong);
      expect([status, body.error]).toEqual([400, 'invalid_authorization_details']);
    }
    const { body: started } = await ask(details);
    const { visitor } = await signedIn(stack());
    const page = await visitor.get(`/device?user_code=${started.user_code}`);
    for (const words of [
      'See your things',
      'A box “red”: open (privileges: owner)',
      'A box “red”: close (privileges: owner)',
    ])
      expect(page.words).toContain(words);
    await visitor.submit('/device/decision', {
      user_code: started.user_code,
      decision: 'approve',
    });
    const { body: first } = await device.poll(started);
    const { body: refreshed } = await stack().post('/connect/token', {
      grant_type: grantTypes.refreshToken,
      client_id: device.clientId,
      refresh_token: first.refresh_token,
    });
    for (const { access_token: token } of [first, refreshed]) {
      const { body } = await stack().introspect(token, device.resourceServer);
      expect([body.scope, body.authorization_details]).toEqual([
        'offline_access things:read',
        details,
      ]);
    }
  });

  test.each([
    (code: string) => code.toLowerCase(),
    (code: string) => code.replace('-', ''),
    (code: string) => ` ${code.replace('-', ' ')} `,
    (code: string) => code.replace('-', '–'),
  ])('a code is taken as people type it: %#', async (typed) => {
    const device = await makeDevice(stack());
    const { user_code: code } = await device.start();
    const { visitor } = await signedIn(stack());
    const page = await visitor.get(`/device?user_code=${encodeURIComponent(typed(code))}`);
    expect([page.status, page.words]).toEqual([200, expect.stringContaining(device.name)]);
  });

  test('who does not want it says so, and the device is told', async () => {
    const device = await makeDevice(stack());
    const started = await device.start();
    const { visitor } = await signedIn(stack());
    await visitor.get(`/device?user_code=${started.user_code}`);
    const form = { user_code: started.user_code, decision: 'deny' };
    await visitor.follow(await visitor.submit('/device/decision', form));
    expect((await device.poll(started)).body.error).toBe('access_denied');
    // Another tab was still open: nothing can be changed there any more.
    const late = await visitor.submit('/device/decision', { ...form, decision: 'approve' });
    expect((await visitor.follow(late)).words).not.toContain('is connected');
    expect((await device.poll(started)).body.error).toBe('access_denied');
  });

  test('a double click connects once', async () => {
    const device = await makeDevice(stack());
    const started = await device.start();
    const { accountId, visitor } = await signedIn(stack());
    await visitor.get(`/device?user_code=${started.user_code}`);
    const form = { user_code: started.user_code, decision: 'approve' };
    const both = await Promise.all([1, 2, 3].map(() => visitor.submit('/device/decision', form)));
    expect(both.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await stack().domain.connectedClients.list(accountId)).toHaveLength(1);
    expect((await device.poll(started)).status).toBe(200);
  });

  test('of two people with one code, the first decides, and the other is told that it is too late', async () => {
    const device = await makeDevice(stack());
    const started = await device.start();
    const [first, second] = [await signedIn(stack()), await signedIn(stack())];
    const path = `/device?user_code=${started.user_code}`;
    await Promise.all([first.visitor.get(path), second.visitor.get(path)]);
    const form = { user_code: started.user_code, decision: 'approve' };
    await first.visitor.submit('/device/decision', form);
    const page = await second.visitor.follow(await second.visitor.submit('/device/decision', form));
    expect(page.words).toContain('already');
    const { body } = await device.poll(started);
    const { body: token } = await stack().introspect(body.access_token, device.resourceServer);
    expect(token.sub).toBe(first.accountId);
    expect(await stack().domain.connectedClients.list(second.accountId)).toEqual([]);
  });

  test('a code that somebody looked at and left is taken up by somebody else', async () => {
    const device = await makeDevice(stack());
    const started = await device.start();
    const path = `/device?user_code=${started.user_code}`;
    await (await signedIn(stack())).visitor.get(path);
    const { visitor, accountId } = await signedIn(stack());
    await visitor.get(path);
    await visitor.submit('/device/decision', { user_code: started.user_code, decision: 'approve' });
    const { body } = await device.poll(started);
    const { body: token } = await stack().introspect(body.access_token, device.resourceServer);
    expect(token.sub).toBe(accountId);
  });

  test('a code that nobody has is told so; guesses end, for this person alone', async () => {
    const device = await makeDevice(stack());
    const { user_code: code } = await device.start();
    const { visitor } = await signedIn(stack());
    const wrong = await visitor.get('/device?user_code=BBBB-CCCC');
    expect([wrong.status, wrong.words]).toEqual([
      404,
      expect.stringContaining('This code does not exist'),
    ]);
    let page = wrong;
    for (let tries = 0; tries < 30 && page.status === 404; tries++)
      page = await visitor.get('/device?user_code=BBBB-CCCC');
    expect([page.status, page.words]).toEqual([429, expect.stringContaining('Try again in')]);
    // A right one is not looked up any more either, or guessing would go on.
    expect((await visitor.get(`/device?user_code=${code}`)).status).toBe(429);
    const other = await signedIn(stack());
    expect((await other.visitor.get(`/device?user_code=${code}`)).status).toBe(200);
  });

  test('a right code between the wrong ones does not make room for more of them', async () => {
    const device = await makeDevice(stack());
    const { user_code: code } = await device.start();
    const { visitor } = await signedIn(stack());
    let wrong = 0;
    for (let tries = 0; tries < 40; tries++) {
      if ((await visitor.get('/device?user_code=BBBB-CCCC')).status === 404) wrong++;
      await visitor.get(`/device?user_code=${code}`);
    }
    expect(wrong).toBeLessThanOrEqual(10);
  });

  test('a slip of the pen is no guess', async () => {
    const { visitor } = await signedIn(stack());
    for (let tries = 0; tries < 30; tries++)
      expect((await visitor.get('/device?user_code=AEIO')).status).toBe(400);
    for (const [typed, problem] of [
      ['', 'Enter the code.'],
      ['BCDF-GHJ7', 'A code has only letters.'],
      ['BCDF', 'A code has eight letters, such as'],
    ])
      expect(await visitor.get(`/device?user_code=${typed}`)).toMatchObject({
        status: 400,
        words: expect.stringContaining(`${problem}`),
      });
  });

  test('an old sign-in is asked for the password again before it connects anything', async () => {
    const device = await makeDevice(stack());
    const started = await device.start();
    const { visitor, email, password } = await signedIn(stack());
    const path = `/device?user_code=${started.user_code}`;
    await visitor.get(path);
    await stack()
      .domain.database.kysely.updateTable('session')
      .set({ signed_in_at: sql<Date>`now() - interval '2 hours'` })
      .execute();
    const refused = await visitor.submit('/device/decision', {
      user_code: started.user_code,
      decision: 'approve',
    });
    expect(refused.location).toMatch(/^\/sign-in\?.*again=1/);
    expect((await device.poll(started)).body.error).toBe('authorization_pending');
    const form = await visitor.follow(refused);
    expect(form.words).toContain('Enter your password again');
    const back = await visitor.submit('/sign-in', { email, password, return_to: path });
    expect(back.location).toBe(path);
  });

  test('an expired code is told so', async () => {
    const device = await makeDevice(stack());
    const started = await device.start();
    const { visitor } = await signedIn(stack());
    await expire(stack(), started);
    const page = await visitor.get(`/device?user_code=${started.user_code}`);
    expect(page.words).toMatch(/expired|too late|new code/i);
    expect((await device.poll(started)).body.error).toBe('expired_token');
  });

  test('a person chooses how long it stays connected, among what the app offers', async () => {
    const device = await makeDevice(stack(), { device_lifetimes: [86_400, 604_800] });
    const started = await device.start('things:read offline_access');
    const { visitor, accountId } = await signedIn(stack());
    const page = await visitor.get(`/device?user_code=${started.user_code}`);
    expect(page.words).toMatch(/1 day.*7 days/);
    const form = { user_code: started.user_code, decision: 'approve' };
    for (const lifetime of ['86401', '-1', 'NaN', '1e9']) {
      const refused = await visitor.submit('/device/decision', { ...form, lifetime });
      expect(refused.status).toBe(400);
    }
    await visitor.submit('/device/decision', { ...form, lifetime: '604800' });
    const { body } = await device.poll(started);
    expect(body.expires_in).toBeLessThanOrEqual(604_800);
    const [login] = await stack().domain.connectedClients.list(accountId);
    const days = ((login?.expiresAt.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
  });

  test('signing out of the browser does not end a device; ending the device does', async () => {
    const device = await makeDevice(stack());
    const started = await device.start('things:read offline_access');
    const { visitor, email, password } = await signedIn(stack());
    await visitor.get(`/device?user_code=${started.user_code}`);
    await visitor.submit('/device/decision', { user_code: started.user_code, decision: 'approve' });
    const { body } = await device.poll(started);
    await visitor.get('/account');
    await visitor.submit('/sign-out');
    const active = () => stack().introspect(body.access_token, device.resourceServer);
    expect((await active()).body.active).toBe(true);
    await visitor.signIn(email, password);
    const page = await visitor.get('/account/connected');
    const grantId = /name="grant_id" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const ended = await visitor.submit('/account/connected/revoke', { grant_id: grantId });
    expect((await visitor.follow(ended)).words).toContain(`Access of ${device.name} is revoked.`);
    expect((await active()).body).toEqual({ active: false });
    const refresh = await stack().post('/connect/token', {
      grant_type: grantTypes.refreshToken,
      refresh_token: body.refresh_token,
      client_id: device.clientId,
    });
    expect(refresh.body.error).toBe('invalid_grant');
  });

  test('nobody ends the device of somebody else', async () => {
    const device = await makeDevice(stack());
    const started = await device.start();
    const owner = await signedIn(stack());
    await owner.visitor.get(`/device?user_code=${started.user_code}`);
    await owner.visitor.submit('/device/decision', {
      user_code: started.user_code,
      decision: 'approve',
    });
    const [login] = await stack().domain.connectedClients.list(owner.accountId);
    const stranger = await signedIn(stack());
    await stranger.visitor.get('/account/connected');
    await stranger.visitor.submit('/account/connected/revoke', { grant_id: login?.grantId ?? '' });
    expect(await stack().domain.connectedClients.list(owner.accountId)).toHaveLength(1);
  });

  test("only administrators connect what asks for Writ's own API", async () => {
    const device = await makeDevice(stack(), {
      resources: [stack().apiResource],
      scope: 'clients:read offline_access',
    });
    const started = await device.start('clients:read', {}, { resource: stack().apiResource });
    const { visitor } = await signedIn(stack());
    const page = await visitor.get(`/device?user_code=${started.user_code}`);
    expect(page.words).toContain('Your account cannot connect this app');
    const forced = await visitor.submit('/device/decision', {
      user_code: started.user_code,
      decision: 'approve',
    });
    expect(forced.status).toBe(403);
    expect((await device.poll(started)).body.error).toBe('authorization_pending');
    const administrator = await signedIn(stack(), { roles: ['administrator'] });
    // The last one could not be demoted.
    await signedIn(stack(), { roles: ['administrator'] });
    await administrator.visitor.get(`/device?user_code=${started.user_code}`);
    await administrator.visitor.submit('/device/decision', {
      user_code: started.user_code,
      decision: 'approve',
    });
    const { body } = await device.poll(started);
    const call = () =>
      stack().get('/api/v1/clients', { authorization: `Bearer ${body.access_token}` });
    expect((await call()).status).toBe(200);
    // The rights are those of today.
    await stack().domain.accounts.update(serverActor, administrator.accountId, { roles: [] });
    expect([401, 403]).toContain((await call()).status);
  });

  test('the picture of the link is an SVG, whether the code is there or not', async () => {
    const pictures = await Promise.all(
      ['BCDF-GHJK', 'bcdfghjk'].map((code) => stack().get(`/device/qr.svg?user_code=${code}`)),
    );
    for (const { status, headers, text } of pictures) {
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^image\/svg\+xml/);
      expect(text).toMatch(/^<svg/);
    }
    expect(pictures[0]?.text).toBe(pictures[1]?.text);
    expect((await stack().get('/device/qr.svg?user_code=<script>')).status).toBe(404);
  });

  test('a flood of wrong codes slows everybody down and locks nobody out', async () => {
    await floodWithGuesses(stack());
    const device = await makeDevice(stack());
    const { user_code: code } = await device.start();
    const { visitor } = await signedIn(stack());
    expect((await visitor.get(`/device?user_code=${code}`)).status).toBe(200);
  });
});

async function floodWithGuesses({ domain }: Stack): Promise<void> {
  const all = domain.limits.limit('user code', { seconds: codeFlood.seconds });
  for (let guess = 0; guess < codeFlood.free + 5; guess++) await all.consume('all');
}
