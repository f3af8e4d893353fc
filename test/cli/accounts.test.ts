import { expect, test } from '@jest/globals';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { addAuthenticator } from '../support/factors.ts';
import { makeLoggedIn } from '../support/logins.ts';
import { onStack, unique } from '../support/stacks.ts';
import { operatorOf } from './operator.ts';

onStack((stack) => {
  const { json, script, onTerminal } = operatorOf(stack);
  const newEmail = () => `${unique('ada')}@example.com`;

  test('accounts create, show by id and by e-mail address, and list', async () => {
    const [email, role] = [newEmail(), unique('role')];
    await stack().api.setRole(role, []);
    const { invitation_uri, invitation_expires_at, ...created } = await json(
      ...['accounts', 'create', '--name', 'Ada Lovelace', '--email', email, '--role', role],
    );
    expect(created).toMatchObject({ name: 'Ada Lovelace', email, roles: [role] });
    expect([invitation_uri, invitation_expires_at]).toEqual([
      expect.any(String),
      expect.any(String),
    ]);
    const shown = { ...created, factors: [] };
    expect(await json('accounts', 'show', created.id)).toEqual(shown);
    expect(await json('accounts', 'show', email.toUpperCase())).toEqual(shown);
    expect(await json('accounts', 'list')).toContainEqual(created);
    const { out } = await onTerminal(['accounts', 'list']);
    expect(out).toMatch(new RegExp(`^${created.id} `, 'm'));
  });

  test('accounts update sets and clears what apps can read about a person', async () => {
    const [email] = [newEmail()];
    await json('accounts', 'create', '--name', 'Ada', '--email', email, '--nickname', 'Countess');
    const update = (...options: string[]) => json('accounts', 'update', email, ...options);
    expect(
      await update(
        ...['--email-verified', '--locale', 'en-gb', '--phone', '+44 20 7946 0018'],
        ...['--address', '{"country":"GB"}', '--attributes', '{"tenant_id":"acme"}'],
      ),
    ).toMatchObject({
      nickname: 'Countess',
      email_verified: true,
      locale: 'en-GB',
      phone_number: '+442079460018',
      address: { country: 'GB' },
      attributes: { tenant_id: 'acme' },
    });
    expect(await update('--no-email-verified', '--clear', 'nickname')).toMatchObject({
      email_verified: false,
      nickname: null,
    });
    const wrong = await onTerminal(['accounts', 'update', email, '--attributes', '[1]']);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('a JSON object')]);
  });

  const linkIn = (out: string) => /^invitation_uri +(\S+)$/m.exec(out)?.[1] ?? '';
  const isLive = async (uri: string) =>
    (await stack().domain.invitations.find(uri.split('/').at(-1) ?? '')) !== undefined;

  test('accounts create shows a link to choose a password at, and says what to do with it', async () => {
    const { out } = await onTerminal([
      'accounts',
      'create',
      '--name',
      'Ada',
      '--email',
      newEmail(),
    ]);
    expect(linkIn(out)).toMatch(new RegExp(`^${stack().issuer}/invitation/writ_inv_`));
    expect(await isLive(linkIn(out))).toBe(true);
    expect(out).toContain('Send the link only to them');
    expect(out).toContain(`They sign in at ${stack().issuer}/.`);
  });

  test('accounts create makes no link where none is wanted, nor where nobody could sign in', async () => {
    const wanted = ['accounts', 'create', '--name', 'Ada', '--email', newEmail()];
    const without = await onTerminal([...wanted, '--no-invitation']);
    expect(without).toMatchObject({ code: 0, out: expect.not.stringContaining('invitation') });
    const nameless = await onTerminal(['accounts', 'create', '--name', 'Ada']);
    expect(linkIn(nameless.out)).toBe('');
    expect(nameless.out).toContain('Without an email address they cannot sign in');
    expect(await json('accounts', 'create', '--name', 'Ada')).not.toHaveProperty('invitation_uri');
  });

  test('accounts invite makes another link, which ends the one before, and lets an address without a domain be named', async () => {
    const email = `${unique('ada')}@localhost`;
    await stack().domain.accounts.create(serverActor, { name: 'Ada', email });
    const [first, second] = [
      await json('accounts', 'invite', email),
      await json('accounts', 'invite', email),
    ];
    expect(await isLive(first.invitation_uri)).toBe(false);
    expect(await isLive(second.invitation_uri)).toBe(true);
    const { out } = await onTerminal(['accounts', 'invite', email]);
    expect(await isLive(linkIn(out))).toBe(true);
  });

  test('accounts show tells whether they have a password, and when they signed in last', async () => {
    const { id } = await json('accounts', 'create', '--name', 'Ada', '--email', newEmail());
    expect(await json('accounts', 'show', id)).toMatchObject({
      has_password: false,
      last_sign_in_at: null,
    });
    await stack().domain.sessions.begin(id, {});
    const { out } = await onTerminal(['accounts', 'show', id]);
    expect(out).toMatch(/^has_password +no$/m);
    expect(out).toMatch(/^last_sign_in_at +\d{4}-/m);
  });

  test('accounts show and list tell who has a second factor, and reset-factors plans and cancels its removal', async () => {
    const [email, plain] = [newEmail(), newEmail()];
    const { id } = await json('accounts', 'create', '--name', 'Ada', '--email', email);
    await json('accounts', 'create', '--name', 'Eve', '--email', plain);
    expect(await script('accounts', 'reset-factors', email)).toMatchObject({
      code: 1,
      err: expect.stringContaining('has no second factor'),
    });
    await addAuthenticator(stack().database.kysely, id);
    const without = await json('accounts', 'list', '--without-second-factor');
    expect(without).toContainEqual(expect.objectContaining({ email: plain }));
    expect(without).not.toContainEqual(expect.objectContaining({ email }));
    const planned = await json('accounts', 'reset-factors', email);
    expect(planned).toMatchObject({ account_id: id, done: false, due_at: expect.any(String) });
    expect(await json('accounts', 'show', email)).toMatchObject({
      second_factor: true,
      factors: [{ kind: 'authenticator', last_used_at: expect.any(String) }],
      factors_reset_at: planned.due_at,
    });
    expect((await script('accounts', 'show', email)).out).toMatch(/^factors +authenticator$/m);
    expect(await json('accounts', 'reset-factors', email, '--cancel')).toMatchObject({
      cancelled: true,
    });
    expect((await script('accounts', 'reset-factors', email, '--cancel')).code).toBe(1);
  });

  test('accounts sign-out ends their sessions', async () => {
    const email = newEmail();
    const { id } = await json('accounts', 'create', '--name', 'Ada', '--email', email);
    const { value } = await stack().domain.sessions.begin(id, {});
    expect(await script('accounts', 'sign-out', email)).toMatchObject({
      code: 0,
      out: `${email} is signed out everywhere.\n`,
    });
    expect(await stack().domain.sessions.find(value)).toBeUndefined();
  });

  test('accounts devices shows what they have let in, and tokens revoke --grant ends it', async () => {
    const { accountId, grantId, app } = await makeLoggedIn(stack());
    expect(await json('accounts', 'devices', accountId)).toMatchObject([
      { id: grantId, client_id: app.id },
    ]);
    const { out } = await onTerminal(['accounts', 'devices', accountId]);
    expect(out).toMatch(new RegExp(`^${grantId} `, 'm'));
    expect(await script('tokens', 'revoke', '--grant', grantId)).toMatchObject({
      code: 0,
      out: `The login ${grantId} and its tokens are revoked.\n`,
    });
    const none = await onTerminal(['accounts', 'devices', accountId]);
    expect(none.out).toBe(`${accountId} has no connected devices or apps.\n`);
    expect(await script('tokens', 'revoke', '--grant', grantId)).toMatchObject({
      code: 1,
      err: `writ: There is no grant ${grantId}.\n`,
    });
  });

  test('accounts update replaces, adds, removes and clears', async () => {
    const [email, reader, editor] = [newEmail(), unique('reader'), unique('editor')];
    for (const role of [reader, editor]) await stack().api.setRole(role, []);
    const { id } = await json('accounts', 'create', '--name', 'Ada', '--email', email);
    await json('accounts', 'update', email, '--role', reader, '--name', 'Ada L.');
    expect(
      await json('accounts', 'update', id, '--add', `role=${editor}`, '--remove', `role=${reader}`),
    ).toMatchObject({ name: 'Ada L.', email, roles: [editor] });
    expect(await json('accounts', 'update', id, '--clear', 'email')).toMatchObject({ email: null });
  });

  test('accounts disable ends their tokens, and enable lets them have tokens again', async () => {
    const email = newEmail();
    const { id } = await json('accounts', 'create', '--name', 'Ada', '--email', email);
    expect((await json('accounts', 'disable', email)).disabled_at).not.toBeNull();
    expect(await stack().domain.accounts.find(id)).toBeUndefined();
    expect(await script('accounts', 'enable', id)).toMatchObject({
      code: 0,
      out: `${id} is enabled.\n`,
    });
    expect(await stack().domain.accounts.find(id)).toBeDefined();
  });

  test('an account that is not there, or an e-mail address that another has, is refused', async () => {
    const email = newEmail();
    await json('accounts', 'create', '--name', 'Ada', '--email', email);
    for (const [args, words] of [
      [['accounts', 'show', 'nobody@example.com'], 'There is no account with the email address'],
      [['accounts', 'disable', 'nobody'], 'There is no account nobody.'],
      [['accounts', 'invite', 'nobody@localhost'], 'There is no account with the email address'],
      [['accounts', 'create', '--name', 'Eve', '--email', email], 'Another account has'],
    ] as const)
      expect(await script(...args)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining(words),
      });
  });
});
