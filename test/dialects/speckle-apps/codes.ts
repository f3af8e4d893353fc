import { expect, test } from '@jest/globals';
import { sha256 } from '../../../src/crypto/digest.ts';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { ephemeralPlace } from '../../../src/domain/short-lived/sealing.ts';
import { ephemeralOf } from '../../protocol/device/support.ts';
import { signedIn } from '../../support/people.ts';
import { type Stack, secretKey } from '../../support/stacks.ts';
import type { SpeckleApps } from './support.ts';

/** What an access code gives, once. */
export function codesTests(stack: () => Stack, apps: SpeckleApps): void {
  const {
    makeApp,
    newChallenge,
    decide,
    codeIn,
    authToken,
    redeem,
    refresh,
    logIn,
    introspect,
    letTheWindowPass,
    refused,
    noCode,
    noSecret,
    noRefresh,
  } = apps;

  test('a code is redeemed once: an immediate repetition gets the same tokens, a later one revokes the grant', async () => {
    const { app, code, challenge, token, refreshToken } = await logIn();
    expect(refused(await redeem(app, code, challenge))).toEqual([200, { token, refreshToken }]);
    await letTheWindowPass();
    expect(refused(await redeem(app, code, challenge))).toEqual([401, noCode]);
    expect(await introspect(token)).toEqual({ active: false });
    expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
  });

  test('ten concurrent requests for one code get one pair of tokens', async () => {
    const person = await signedIn(stack());
    const app = await makeApp();
    const challenge = newChallenge();
    const code = codeIn(await decide(person.visitor, app, challenge));
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => redeem(app, code, challenge)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test('a wrong secret, a wrong challenge and another app get nothing for a code, which stays valid', async () => {
    const person = await signedIn(stack());
    const [app, other] = [await makeApp(), await makeApp()];
    const challenge = newChallenge();
    const code = codeIn(await decide(person.visitor, app, challenge));
    expect(refused(await redeem({ ...app, secret: other.secret }, code, challenge))).toEqual([
      401,
      noSecret,
    ]);
    expect(refused(await redeem({ ...app, id: 'no-such-app' }, code, challenge))).toEqual([
      401,
      noSecret,
    ]);
    expect(refused(await redeem(app, code, `${challenge} `))).toEqual([401, noCode]);
    expect(refused(await redeem(other, code, challenge))).toEqual([401, noCode]);
    expect((await redeem(app, code, challenge)).status).toBe(200);
  });

  test('a code expires after ten minutes', async () => {
    const person = await signedIn(stack());
    const app = await makeApp();
    const challenge = newChallenge();
    const code = codeIn(await decide(person.visitor, app, challenge));
    const [kind, id] = ['AuthorizationCode', sha256(code)];
    const place = ephemeralPlace(kind, id);
    const keyring = createKeyring([secretKey]);
    const { sealed = Buffer.of() } = (await ephemeralOf(stack()).get(kind, id)) ?? {};
    const payload = JSON.parse(keyring.open(place, sealed).toString());
    expect(payload.exp - payload.iat).toBe(600);
    const over = keyring.seal(place, JSON.stringify({ ...payload, exp: payload.iat - 1 }));
    await ephemeralOf(stack()).put(kind, id, over, 600);
    expect(refused(await redeem(app, code, challenge))).toEqual([401, noCode]);
  });

  test('a public client cannot redeem a code, because its id alone would suffice', async () => {
    const app = await makeApp('streams:read offline_access', {
      token_endpoint_auth_method: 'none',
      rotate_refresh_tokens: undefined,
    });
    for (const secret of ['', app.id, 'anything'])
      expect((await redeem({ id: app.id, secret }, 'code', 'challenge')).status).toBe(401);
  });

  test('missing fields are named, whatever the body', async () => {
    const app = await makeApp();
    const whole = { appId: app.id, appSecret: app.secret, accessCode: 'c', challenge: 'd' };
    const without = (field: keyof typeof whole) =>
      authToken({ ...whole, [field]: undefined }).then(refused);
    const err = (sentence: string) => [
      401,
      { err: `Invalid request, insufficient information provided. ${sentence}` },
    ];
    expect(await without('appId')).toEqual(err('App Id is required.'));
    expect(await without('appSecret')).toEqual(err('App Secret is required.'));
    expect(await without('accessCode')).toEqual(err('Access Code is required.'));
    expect(await without('challenge')).toEqual(err('Challenge is required.'));
    expect(refused(await authToken({ ...whole, refreshToken: '' }))).toEqual(
      err('A valid refresh token is required.'),
    );
    for (const appId of [7, null, [app.id], { id: app.id }])
      expect(refused(await authToken({ ...whole, appId }))).toEqual(err('App Id is required.'));
  });
}
