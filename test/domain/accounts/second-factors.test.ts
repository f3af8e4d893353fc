import { expect, test } from '@jest/globals';
import { TOTP } from 'otpauth';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { TypedCode } from '../../../src/domain/accounts/factor-step.ts';
import type { SignInRequest } from '../../../src/domain/accounts/sign-in.ts';
import {
  anotherAddress,
  goodPassword,
  onEveryStore,
  openPeople,
  outcomes,
  quickHasher,
  tally,
  watchedHasher,
} from './people.ts';

const step = 30_000;
const browser = 'the secret of a browser';

onEveryStore((store) => {
  /** A person with an authenticator app, its codes, and the steps of a sign-in. */
  const someone = async () => {
    const clock = { now: Date.parse('2026-11-30T12:00:15Z') };
    const people = openPeople(store(), {
      hasher: watchedHasher(quickHasher),
      now: () => clock.now,
    });
    const { id, email } = await people.person();
    const { value } = await people.signIn({ email });
    const session = await people.sessions.find(value);
    const sessionId = session?.id ?? '';
    const { secret, sealed } = people.authenticators.begin(id, sessionId);
    const codeAt = (steps = 0) =>
      TOTP.generate({ secret: new TOTP({ secret }).secret, timestamp: clock.now + steps * step });
    const setUp = { accountId: id, sessionId, sealed, ip: anotherAddress() };
    const confirmed = await people.authenticators.confirm({ ...setUp, code: codeAt() });
    clock.now += 10 * step;

    const firstStep = async (request: Partial<SignInRequest> = {}) => {
      const ip = anotherAddress();
      const origin = { ip, userAgent: 'a browser', browser, ...request };
      const signIn = await people.firstStep({ email, ...origin });
      return { signIn, origin };
    };
    /** Signs in with the password and a code. */
    const secondStep = async (
      code: string,
      {
        kind = 'authenticator',
        remember = false,
        ...request
      }: Partial<SignInRequest> & { kind?: TypedCode['kind']; remember?: boolean } = {},
    ) => {
      const { signIn, origin } = await firstStep(request);
      const pending =
        signIn.outcome === 'more'
          ? people.completion.openPending(signIn.pending, origin)
          : undefined;
      if (!pending) throw new Error('nothing is pending');
      return people.factorStep.signInWithCode(pending, { kind, code }, { remember, origin });
    };
    /** The emails about factors. */
    const factorMails = async (accountId: string) =>
      (await people.mails(accountId)).filter((kind) => kind !== 'new_sign_in');
    return {
      ...{ people, id, email, clock, codeAt, setUp, confirmed },
      ...{ firstStep, secondStep, sessionId, factorMails },
    };
  };

  test('after the password, one code signs in once, however many requests have it', async () => {
    const { people, id, codeAt, firstStep, secondStep, confirmed } = await someone();
    expect(confirmed.recoveryCodes).toHaveLength(10);
    expect(await people.sessions.find(String(confirmed.session))).toMatchObject({
      amr: ['mfa', 'otp', 'pwd'],
      factorAt: expect.any(Date),
      lacksFactor: false,
    });
    expect((await firstStep()).signIn).toMatchObject({ outcome: 'more', next: 'factor' });
    const code = codeAt();
    const results = outcomes(Array.from({ length: 5 }, () => secondStep(code)));
    expect(tally(await results)).toEqual({ in: 1, wrong: 4 });
    const { signIn } = await secondStep(codeAt(1));
    expect(
      signIn.outcome === 'signed_in' && (await people.sessions.find(signIn.value)),
    ).toMatchObject({
      account: { id },
      amr: ['pwd', 'otp', 'mfa'],
      factorAt: expect.any(Date),
    });
  });

  test('a code of the step before or after is accepted, none of an earlier step than the last, and none of other steps', async () => {
    const { clock, codeAt, secondStep } = await someone();
    for (const steps of [-2, 2])
      expect(await outcomes([secondStep(codeAt(steps))])).toEqual(['wrong']);
    expect(await outcomes([secondStep(` ${codeAt(1).slice(0, 3)} ${codeAt(1).slice(3)}`)])).toEqual(
      ['in'],
    );
    for (const steps of [-1, 0, 1])
      expect(await outcomes([secondStep(codeAt(steps))])).toEqual(['wrong']);
    clock.now += 3 * step;
    expect(await outcomes([secondStep(codeAt(-1))])).toEqual(['in']);
  });

  test('a recovery code signs in once, however many requests have it, and its owner is notified', async () => {
    const { id, confirmed, people, secondStep, factorMails } = await someone();
    const [first = '', second = ''] = confirmed.recoveryCodes ?? [];
    const kind = 'recovery';
    const results = outcomes(Array.from({ length: 5 }, () => secondStep(first, { kind })));
    expect(tally(await results)).toEqual({ in: 1, wrong: 4 });
    const typed = ` ${second.toUpperCase().replaceAll('-', ' ').replaceAll('1', 'l').replaceAll('0', 'O')} `;
    await secondStep(typed, { kind });
    expect(await people.recoveryCodes.state(id)).toMatchObject({ left: 8 });
    expect(await factorMails(id)).toEqual([
      'factor_added',
      'recovery_code_used',
      'recovery_code_used',
    ]);
    expect((await people.events(id)).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['account.factor_added', 'account.recovery_code_used']),
    );
    const replaced = await people.recoveryCodes.replace(id, undefined);
    expect((await factorMails(id)).filter((one) => one === 'recovery_codes_replaced')).toHaveLength(
      1,
    );
    const [, , old = ''] = confirmed.recoveryCodes ?? [];
    expect(
      await outcomes([secondStep(old, { kind }), secondStep(replaced[0] ?? '', { kind })]),
    ).toEqual(['wrong', 'in']);
  });

  test('a remembered browser is not asked again, until the password or a factor changes or the person ends it', async () => {
    const { people, id, clock, codeAt, firstStep, secondStep, sessionId } = await someone();
    const remember = async () => {
      clock.now += 3 * step;
      const { remembered } = await secondStep(codeAt(), { remember: true });
      return { rememberedBrowser: remembered };
    };
    const isAsked = async (request: Partial<SignInRequest>) =>
      (await firstStep(request)).signIn.outcome === 'more';
    const kept = await remember();
    const other = await someone();
    expect([
      await isAsked(kept),
      await isAsked({ rememberedBrowser: 'x'.repeat(43) }),
      (await other.firstStep(kept)).signIn.outcome,
    ]).toEqual([false, true, 'more']);
    expect(await people.rememberedBrowsers.list(id)).toMatchObject([{ user_agent: 'a browser' }]);

    await people.rememberedBrowsers.forgetAll(id, undefined);
    const outEverywhere = await remember();
    await people.sessions.revokeOthers(id, sessionId);
    const changed = await remember();
    const next = 'another good password';
    const [session] = await people.sessions.list(id);
    await people.passwords.change({
      accountId: id,
      sessionId: session?.id ?? '',
      current: goodPassword,
      next,
      ip: undefined,
    });
    for (const ended of [kept, outEverywhere, changed])
      expect(await isAsked({ ...ended, password: next })).toBe(true);
    expect(await people.rememberedBrowsers.list(id)).toEqual([]);
  });

  test('what is pending is useless in another browser, after its time, and after the password has changed', async () => {
    const { people, id, codeAt, firstStep, sessionId } = await someone();
    const { signIn, origin } = await firstStep();
    const value = signIn.outcome === 'more' ? signIn.pending : '';
    const open = (secret: string | undefined) =>
      people.completion.openPending(value, { browser: secret });
    const pending = open(browser);
    expect([
      pending?.accountId,
      open('another'),
      open(undefined),
      people.completion.openPending(`${value.slice(0, -2)}xx`, { browser }),
    ]).toEqual([id, undefined, undefined, undefined]);
    const before = Date.now;
    try {
      Date.now = () => before() + (lifetimes.pendingSignIn + 1) * 1000;
      expect(open(browser)).toBeUndefined();
    } finally {
      Date.now = before;
    }
    await people.passwords.change({
      accountId: id,
      sessionId,
      current: goodPassword,
      next: 'another good password',
      ip: undefined,
    });
    if (!pending) throw new Error('nothing is pending');
    const late = people.factorStep.signInWithCode(
      pending,
      { kind: 'authenticator', code: codeAt() },
      { remember: false, origin },
    );
    await expect(late).rejects.toMatchObject({ code: 'access_denied' });
  });

  test('wrong codes are limited by network and in a row, also at once; known browsers and recovery codes still work', async () => {
    const { codeAt, secondStep, confirmed, clock } = await someone();
    const ip = anotherAddress();
    const wrong = outcomes(Array.from({ length: 8 }, () => secondStep('000000', { ip })));
    expect(tally(await wrong)).toEqual({ wrong: 5, limited: 3 });
    expect(await outcomes([secondStep(codeAt(), { ip })])).toEqual(['limited']);
    const { signIn } = await secondStep(codeAt());
    const known = signIn.outcome === 'signed_in' ? { knownBrowser: signIn.knownBrowser } : {};
    clock.now += 3 * step;
    for (let tried = 0; tried < 50; tried++) await outcomes([secondStep('000000')]);
    expect(await outcomes([secondStep(codeAt())])).toEqual(['limited']);
    expect(
      await outcomes([secondStep(confirmed.recoveryCodes?.[0] ?? '', { kind: 'recovery' })]),
    ).toEqual(['in']);
    expect(await outcomes([secondStep(codeAt(), known)])).toEqual(['in']);
  });

  test('a factor that is proven in a session gives it a new value, and is recorded', async () => {
    const { people, id, codeAt, sessionId } = await someone();
    const ip = anotherAddress();
    const raise = (code: string) =>
      people.factorStep.raiseWithCode(
        { accountId: id, sessionId, ip },
        { kind: 'authenticator', code },
      );
    const value = await raise(codeAt());
    expect(await people.sessions.find(String(value))).toMatchObject({ id: sessionId });
    expect(await outcomes([raise(codeAt())])).toEqual(['wrong']);
    const proven = (await people.events(id)).filter(
      ({ action }) => action === 'account.factor_proven',
    );
    expect(proven).toEqual([
      expect.objectContaining({
        ...{ actor_kind: 'account', actor_id: id, target_id: id, ip },
        details: { session_id: sessionId, amr: ['otp', 'mfa'] },
      }),
    ]);
  });

  test('a program that takes the password gets nothing, with the reason', async () => {
    const { people, email } = await someone();
    await expect(
      people.logIn(
        { email, password: goodPassword, ip: anotherAddress(), userAgent: undefined },
        { clientId: '', resource: '', lifetime: 60 },
      ),
    ).rejects.toMatchObject({
      reason: 'needs_factor',
      message: expect.stringContaining('second factor'),
    });
  });

  test('a key counts only after a code confirms it, in its session, once; removing it ends the second factor', async () => {
    const { people, id, setUp, codeAt, firstStep, secondStep, factorMails } = await someone();
    const fresh = await people.person();
    const { sealed } = people.authenticators.begin(fresh.id, setUp.sessionId);
    const confirm = (code: string, changed: object = {}) =>
      people.authenticators.confirm({ ...setUp, code, ...changed });
    expect(
      await outcomes([
        confirm('000000', { accountId: fresh.id, sealed }),
        confirm(codeAt(), { accountId: fresh.id }),
        confirm(codeAt(), { sessionId: fresh.id }),
        confirm(codeAt()),
      ]),
    ).toEqual(['wrong', 'conflict', 'conflict', 'conflict']);
    expect((await people.firstStep({ email: fresh.email })).outcome).toBe('signed_in');
    const { remembered } = await secondStep(codeAt(), { remember: true });
    expect(await people.authenticators.remove(id, undefined)).toBe(true);
    expect(await people.recoveryCodes.state(id)).toEqual({ left: 0, createdAt: null });
    expect((await firstStep()).signIn.outcome).toBe('signed_in');
    expect(await people.rememberedBrowsers.list(id)).toEqual([]);
    expect([remembered?.length, await factorMails(id)]).toEqual([
      43,
      ['factor_added', 'factor_removed'],
    ]);
  });
});
