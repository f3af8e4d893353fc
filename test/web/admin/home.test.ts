import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dialectNames } from '../../../config/dialects.ts';
import { requestLimits } from '../../../config/limits.ts';
import { describeSettings } from '../../../config/settings.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, secretKey, unique } from '../../support/stacks.ts';

onStack((stack) => {
  // The server writes its counts once a minute; these are counted again, and written at once.
  const ends: (() => void)[] = [];
  beforeAll(() => {
    const { figures, clientRefusals } = stack().domain;
    ends.push(figures.observe(), clientRefusals.observe());
  });
  afterAll(() => {
    for (const end of ends) end();
  });

  test('the first page says whether all is well, names a client that is refused in a loop, and counts sign-ins and refusals', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const client = await stack().api.createClient({ client_id: unique('backend') });
    const refuse = () =>
      stack().post(
        '/connect/token',
        { grant_type: 'client_credentials' },
        { id: client.id, secret: 'wrong' },
      );
    for (let count = 0; count < 21; count++) expect((await refuse()).status).toBe(401);
    await stack().domain.clientRefusals.write();
    await stack().domain.figures.write();
    const home = await visitor.get('/admin');
    expect(home.status).toBe(200);
    expect(home.words).toMatch(/All checks passed|Running, with|take long/);
    expect(home.words).toMatch(new RegExp(`The client ${client.id} was refused \\d+ times`));
    expect(home.text).toContain(`/admin/clients/${encodeURIComponent(client.id)}"`);
    // With the reason, and from where.
    const reason = /Invalid secret provided invalid_client just now from 127\.0\.0\.1/;
    const item = home.words.slice(home.words.indexOf(`The client ${client.id} was refused`));
    expect(item.slice(0, 200)).toMatch(reason);
    expect((await visitor.get(`/admin/clients/${client.id}`)).words).toMatch(reason);
    const { body: refused } = await stack().api.call('GET', `/clients/${client.id}/refusals`);
    expect(refused.items).toContainEqual({
      error: 'invalid_client',
      reason: 'invalid secret provided',
      address: '127.0.0.1',
      at: expect.any(String),
    });
    const { body } = await stack().api.call('GET', '/diagnostics/figures');
    expect(body).toMatchObject({
      refused_clients: expect.arrayContaining([
        { client_id: client.id, count: expect.any(Number), last: refused.items },
      ]),
    });
    const { sign_ins, refusals } = body as Record<string, { last_hour: number; by_hour: number[] }>;
    expect(sign_ins?.last_hour).toBeGreaterThanOrEqual(1);
    expect(refusals?.last_hour).toBeGreaterThanOrEqual(21);
    expect(refusals?.by_hour).toHaveLength(24);
  });

  test('refusals of clients that do not exist are counted without a row for each name', async () => {
    const name = unique('stranger');
    await stack().post(
      '/connect/token',
      { grant_type: 'client_credentials' },
      { id: name, secret: 'wrong' },
    );
    await stack().domain.figures.write();
    await stack().domain.clientRefusals.write();
    for (const table of ['figure', 'client_refusal'] as const) {
      const rows = await stack()
        .database.kysely.selectFrom(table)
        .select('client_id')
        .where('client_id', '=', name)
        .execute();
      expect(rows).toEqual([]);
    }
  });

  test('people whose role shows clients only see neither the checks nor the figures', async () => {
    const role = unique('role');
    await stack().api.call('PUT', `/roles/${role}`, {
      permissions: [],
      api_scopes: ['clients:read'],
    });
    const { visitor } = await signedIn(stack(), { roles: [role] });
    const { words } = await visitor.get('/admin');
    expect(words).toContain('Home');
    expect(words).not.toMatch(/All checks passed|Running, with|Introspections/);
  });

  test('a job that keeps failing is named on the first page, and its page says since when and why', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const { jobRuns } = stack().domain;
    await jobRuns.record('retire', { seconds: 0.2, error: new Error('out of shared memory') });
    await jobRuns.record('retire', { seconds: 0.2, error: new Error('out of shared memory') });
    await jobRuns.record('retire', { seconds: 0.2, error: new Error('out of shared memory') });
    const jobs = await visitor.get('/admin/jobs');
    expect(jobs.words).toMatch(/retire Failed 3 times.*out of shared memory/);
    const { body } = await stack().api.call('GET', '/jobs');
    expect(body.items).toContainEqual(
      expect.objectContaining({ name: 'retire', state: 'failed', failures: 3 }),
    );
    const { body: report } = await stack().api.call('GET', '/diagnostics');
    const found = report.checks.filter(({ name }: { name: string }) => name === 'jobs');
    expect(JSON.stringify(found)).toMatch(/retire failed 3 times in a row|No server has run/);
    await jobRuns.record('retire', { seconds: 0.1, result: { dropped: 2 } });
    expect((await visitor.get('/admin/jobs')).words).toMatch(/100 ms 2 dropped/);
  });

  test('an email that waits is listed, without its address', async () => {
    const { visitor, accountId } = await signedIn(stack(), { roles: ['administrator'] });
    const address = `${unique('ada')}@example.com`;
    await stack()
      .database.kysely.insertInto('mail')
      .values({
        id: randomUUID(),
        kind: 'token_expiring',
        account_id: accountId,
        recipient: address,
        secret: null,
        details: '{}',
        once: null,
        sent_at: null,
        next_attempt_at: new Date(Date.now() + 3_600_000),
      })
      .execute();
    const page = await visitor.get('/admin/mail');
    expect(page.words).toMatch(/Token expiring A person Waiting/);
    expect(page.text).toContain(`/admin/people/${accountId}"`);
    expect(page.text).not.toContain(address);
    const { body, text } = await stack().api.call('GET', '/mails');
    expect(body.items).toContainEqual(
      expect.objectContaining({ account_id: accountId, state: 'waiting' }),
    );
    expect(text).not.toContain(address);
  });

  test('the products whose clients work here are listed with what is on, as the API says', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const { words, text } = await visitor.get('/admin/dialects');
    const { body } = await stack().api.call('GET', '/dialects');
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual(dialectNames);
    for (const { product, name, on, resource } of body.items) {
      expect(words).toMatch(new RegExp(`${product}${on ? '' : ' Off'} Name ${name} API`));
      expect(text.includes(`/admin/resources/${encodeURIComponent(resource)}"`)).toBe(on);
      if (on)
        expect((await visitor.get(`/admin/resources/${encodeURIComponent(resource)}`)).status).toBe(
          200,
        );
    }
    // Nothing of the notation is left.
    expect(words).not.toMatch(/`|\]\(/);
  });

  test('every setting and limit is listed with its meaning, and secrets are not shown', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['auditor', 'administrator'] });
    const settings = await visitor.get('/admin/settings');
    for (const { name } of describeSettings()) expect(settings.text).toContain(`<code>${name}<`);
    expect(settings.text).not.toContain(secretKey);
    expect(settings.text).not.toMatch(/postgres(ql)?:\/\/[^H.…]/);
    const { body, text } = await stack().api.call('GET', '/settings');
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual(
      describeSettings().map(({ name }) => name),
    );
    const { change } = body.items.find(({ name }: { name: string }) => name === 'SECRET_KEYS');
    expect(settings.text).toContain(`${change.split('`')[0]}`);
    expect(text).not.toContain(secretKey);
    const namesIn = (page: string) =>
      [...page.matchAll(/<summary>\s*<span class="setting-name"><code>([A-Z_]+)</g)].map(
        ([, name]) => name,
      );
    const found = await visitor.get('/admin/settings?search=signing+DAYS');
    expect(namesIn(found.text)).toEqual(['SIGNING_KEY_ROTATION_DAYS']);
    const changed = await visitor.get('/admin/settings?changed=on');
    expect(namesIn(changed.text)).toEqual(
      body.items.flatMap((one: { name: string; changed: boolean }) =>
        one.changed ? [one.name] : [],
      ),
    );
    const limits = await visitor.get('/admin/limits');
    for (const name of Object.keys(requestLimits)) expect(limits.text).toContain(`<code>${name}<`);
  });

  test('the brand is tried on pages without being set, with what the settings permit only, in pictures that run and send nothing', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['auditor'] });
    const page = await visitor.get('/admin/brand?page=consent&name=Acme+%26+Sons&color=%231a5fb4');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("frame-src 'self'");
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.text).toMatch(/<iframe [^>]*sandbox="allow-same-origin"/);
    expect(page.words).toMatch(/BRAND_NAME='Acme & Sons'\s+BRAND_COLOR='#1a5fb4'/);
    const tried = 'name=Acme+%26+Sons&color=%231a5fb4';
    for (const name of ['sign-in', 'consent', 'device', 'mail']) {
      const picture = await visitor.get(`/admin/brand/preview?page=${name}&theme=dark&${tried}`);
      expect(picture.status).toBe(200);
      expect(picture.words).toContain('Acme & Sons');
      const policy = picture.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("form-action 'none'");
      expect(policy).toContain("frame-ancestors 'self'");
      expect(policy).not.toContain('script-src');
      expect(policy.includes("'unsafe-inline'")).toBe(name === 'mail');
      expect(picture.headers.get('cache-control')).toBe('no-store');
    }
    const sheet = await visitor.get('/admin/brand/sheet?part=brand&theme=dark&color=%231a5fb4');
    expect(sheet.text).toContain('#1a5fb4');
    expect(sheet.text).not.toContain('prefers-color-scheme');
    // Neither a style sheet nor markup gets in by the values.
    const hostile = encodeURIComponent('#fff;} body { display: none');
    for (const path of ['sheet?part=brand', 'preview?page=sign-in'])
      expect((await visitor.get(`/admin/brand/${path}&color=${hostile}`)).status).toBe(400);
    const wrong = await visitor.get(`/admin/brand?color=${hostile}&name=${'x'.repeat(61)}`);
    expect(wrong.words).toContain('must be a colour such as #1a5fb4');
    expect(wrong.words).toContain('must have 1 to 60 characters');
    const markup = await visitor.get(
      `/admin/brand/preview?name=${encodeURIComponent('<img src=x onerror=y>')}`,
    );
    expect(markup.text).not.toContain('<img src=x');
    expect((await visitor.get('/sign-in')).text).not.toContain('Acme &');
  });
});
