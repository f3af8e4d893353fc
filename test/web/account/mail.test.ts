// A server with a mail server, and the embedded default without one.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { administratorRole } from '../../../config/roles.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { type ReceivedMail, startSmtpServer } from '../../jobs/mail/smtp-server.ts';
import { makeApp } from '../../support/apps.ts';
import { makePerson, signedIn } from '../../support/people.ts';
import { keepSecret } from '../../support/run-records.ts';
import { type Stack, startStack, unique } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';
import { expectEveryFormSent } from '../admin/support.ts';

const chosen = 'quite another long password';

/** The link in a text that begins with this path. */
const linkIn = (text: string, path: string): string => {
  const value = new RegExp(`${path}/(\\w+)`).exec(text)?.[1] ?? '';
  keepSecret('link of an email', value);
  return value;
};

describe('with a mail server', () => {
  let mails: Awaited<ReturnType<typeof startSmtpServer>>;
  let stack: Stack;
  beforeAll(async () => {
    mails = await startSmtpServer();
    stack = await startStack('embedded', {
      SMTP_URL: mails.url,
      SIGN_IN_CHALLENGE: 'unknown-browser',
    });
  });
  afterAll(async () => {
    await stack.close();
    await mails.close();
  });

  /** The email with this subject to an address, once it has arrived. */
  const arrived = async (to: string, subject: RegExp): Promise<ReceivedMail> => {
    for (;;) {
      const mail = mails.received.find(
        ({ to: address, headers }) => address === to && subject.test(headers['subject'] ?? ''),
      );
      if (mail) return mail;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  /** A person who came with the link of an invitation. */
  const newcomer = async (given: { roles?: string[] } = {}) => {
    const { accountId, email } = await makePerson(stack, given);
    const { value } = await stack.domain.invitations.create(serverActor, accountId);
    const visitor = createVisitor(stack.origin);
    await visitor.get(`/invitation/${value}`);
    const password = `correct horse ${unique('battery')}`;
    await visitor.submit('/invitation', { value, password, repeat: password });
    return { accountId, email, password, name: 'Ada Lovelace', visitor };
  };

  test('an administrator sends a trial email to themselves, once in a minute, and lets failed emails be tried again', async () => {
    const home = '/admin/mail';
    const { visitor, email, accountId } = await newcomer({ roles: [administratorRole] });
    expect((await visitor.get(home)).words).toContain(
      `A trial email goes to your address, ${email}`,
    );
    const sent = await visitor.submit(`${home}/trial`);
    expect((await visitor.get(String(sent.location))).words).toContain('The email is on its way');
    await arrived(email, /A trial email/);
    const again = await visitor.submit(`${home}/trial`);
    expect([again.status, again.words]).toEqual([409, expect.stringContaining('a minute ago')]);
    const named = await stack.api.call('POST', '/mails/trial', {});
    expect([named.status, named.text]).toEqual([400, expect.stringContaining('account_id')]);

    const { accountId: other, email: address } = await makePerson(stack);
    const { rows } = await sql<{ id: string }>`
      insert into mail (kind, account_id, details, attempts, next_attempt_at)
      values ('trial', ${other}, '{}', 3, now() + interval '3 hours'), ('trial', ${other}, '{}', 1, now() + interval '1 hour'),
        ('trial', ${other}, '{}', 1, now() + interval '595 seconds'), ('trial', ${other}, '{}', 9, 'infinity')
      returning id`.execute(stack.database.kysely);
    const [failed, _other, beingSent, givenUp] = rows.map(({ id }) => id);
    expect((await visitor.get(home)).words).toMatch(/Try all \d that failed now/);
    await visitor.submit(`${home}/retry`, { id: String(failed) });
    await arrived(address, /A trial email/);
    for (const id of [failed, beingSent, givenUp])
      expect((await stack.api.call('POST', '/mails/retry', { id })).status).toBe(409);
    expect((await stack.api.call('POST', '/mails/retry', { id: randomUUID() })).status).toBe(404);
    await visitor.get(home);
    const all = await visitor.submit(`${home}/retry`);
    expect((await visitor.get(String(all.location))).words).toContain('What failed is tried again');
    expect((await stack.api.call('POST', '/mails/retry', {})).body).toEqual({ retried: 0 });
    const { body } = await stack.api.call('GET', `/audit-events?actor=${accountId}`);
    const actions = body.items.map(({ action }: { action: string }) => action);
    expect(actions.filter((action: string) => action.startsWith('mail.'))).toEqual([
      'mail.retried',
      'mail.retried',
      'mail.trial_sent',
    ]);
    expectEveryFormSent(stack, home);
  });

  test('an invited person gets the link at once, signs in with it, and continues to the device that they came from', async () => {
    const email = `${unique('ada')}@example.com`;
    const { body: account } = await stack.api.call('POST', '/accounts', { name: 'Ada', email });
    const { body } = await stack.api.call('POST', `/accounts/${account.id}/invitation`);
    expect(body).toMatchObject({ sent_to: email });
    const value = linkIn((await arrived(email, /invited/)).text, '/invitation');
    expect(body.invitation_uri).toContain(value);
    const visitor = createVisitor(stack.origin);
    await visitor.follow(await visitor.get('/device?user_code=BCDF-GHJK'));
    await visitor.get(`/invitation/${value}`);
    const done = await visitor.submit('/invitation', { value, password: chosen, repeat: chosen });
    expect(done.location).toBe('/device?user_code=BCDF-GHJK');
    expect((await stack.api.call('GET', `/accounts/${account.id}`)).body).toMatchObject({
      email_verified: true,
    });
  });

  test('a new browser needs the code of an email; where it is known, and with a link of an email, it does not', async () => {
    const { email, password, visitor: home } = await newcomer();
    await home.get('/account');
    await home.submit('/sign-out');
    expect((await home.signIn(email, password)).location).toBe('/account');
    const visitor = createVisitor(stack.origin);
    const first = await visitor.signIn(email, password);
    expect(first.location).toBe('/sign-in/email-code');
    await visitor.follow(first);
    const code = /Code: (\d{8})/.exec((await arrived(email, /sign-in code/)).text)?.[1] ?? '';
    keepSecret('sign-in code', code);
    expect((await visitor.submit('/sign-in/email-code', { code })).location).toBe('/account');
    const other = createVisitor(stack.origin);
    await other.get('/sign-in/forgot');
    await other.submit('/sign-in/forgot', { email });
    const value = linkIn((await arrived(email, /Set a new password/)).text, '/sign-in/reset');
    await other.get(`/sign-in/reset/${value}`);
    const set = await other.submit('/sign-in/reset', { value, password: chosen, repeat: chosen });
    expect(set.location).toContain('/account');
    await arrived(email, /password was changed/);
  });

  test('an Owner invites an address by email, unless they send the link themselves', async () => {
    const owner = await newcomer();
    const { name } = await makeApp(stack, { owner });
    const email = `${unique('eve')}@example.com`;
    const path = `/apps/${name}/members`;
    await owner.visitor.get(path);
    const invite = (fields: Record<string, string>) =>
      owner.visitor.submit(`${path}/invite`, { email, role: 'Editor', ...fields });
    const sent = await invite({ send_email: 'on' });
    expect(sent.words).toContain('is on its way');
    const { text } = await arrived(email, /invited to an app/);
    expect(sent.text).toContain(linkIn(text, '/apps/invitations'));
    await owner.visitor.get(path);
    expect((await invite({})).words).toContain('no email is sent');
  });
});

describe('the embedded default without a mail server', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack('embedded');
  });
  afterAll(() => stack.close());

  test('administrators alone read the emails with their links, and the audit says that they did', async () => {
    const { email, accountId } = await makePerson(stack);
    const visitor = createVisitor(stack.origin);
    expect((await visitor.get('/sign-in/forgot')).words).toContain('sends no email');
    const asked = await visitor.submit('/sign-in/forgot', { email });
    expect((await visitor.follow(asked)).words).toContain('in the outbox');
    const person = await signedIn(stack);
    expect((await person.visitor.get('/account/outbox')).status).toBe(404);
    const administrator = await signedIn(stack, { roles: [administratorRole] });
    let shown = await administrator.visitor.get('/account/outbox');
    while (!shown.words.includes(email)) shown = await administrator.visitor.get('/account/outbox');
    const value = linkIn(shown.text, '/sign-in/reset');
    await visitor.get(`/sign-in/reset/${value}`);
    const set = await visitor.submit('/sign-in/reset', { value, password: chosen, repeat: chosen });
    expect(set.location).toContain('/account');
    // Whoever passed the link on may have used it.
    expect(await stack.domain.accounts.describe(accountId)).toMatchObject({
      email_verified: false,
    });
    const { body } = await stack.api.call('GET', '/audit-events?action=account.outbox_viewed');
    expect(body.items[0]).toMatchObject({ actor: { id: administrator.accountId } });
  });
});
