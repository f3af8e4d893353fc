import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { makeApp } from '../../support/apps.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { expectDone } from '../apps/support.ts';
import { expectEveryFormSent } from './support.ts';

const home = '/admin/clients';

/** A value that the page shows to be copied. */
const shownOn = (text: string, pattern: RegExp) => pattern.exec(text)?.[0] ?? '';

onStack((stack) => {
  test('an administrator creates a service, its secret gets tokens, and each way of ending it works', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const resource = `https://${unique('api')}.test`;
    await stack().api.createResource({ identifier: resource, scopes: [{ name: 'things:read' }] });
    const clientId = unique('billing');
    await visitor.get(`${home}/new`);
    const wrong = await visitor.submit(home, { kind: 'website', client_name: 'Website' });
    expect([wrong.status, wrong.words]).toEqual([400, expect.stringMatching(/redirect/i)]);
    const form = {
      kind: 'server',
      client_name: 'Billing',
      client_id: clientId,
      [`resources:${resource}`]: 'on',
    };
    const created = await visitor.submit(home, form);
    const secret = shownOn(created.text, /writ_cs_\w+/);
    const token = async (value: string) =>
      (await stack().token({ id: clientId, secret: value }, { resource })).body;
    const { access_token: first } = await token(secret);
    const isActive = async () =>
      (await stack().introspect(first, { id: clientId, secret })).body.active;
    expect(await isActive()).toBe(true);
    expect(
      (await visitor.get(`${home}?search=${clientId.slice(2).toUpperCase()}`)).words,
    ).toContain('Billing');

    const path = `${home}/${clientId}`;
    await visitor.get(path);
    const ended = await visitor.submit(`${path}/end-tokens`);
    await expectDone(visitor, ended, path, 'All tokens of the client are revoked');
    expect(await isActive()).toBe(false);

    const second = await visitor.submit(`${path}/secrets`);
    const other = shownOn(second.text, /writ_cs_\w+/);
    expect((await token(other)).access_token).toBeDefined();
    const [, secretId = ''] =
      /name="secret_id" value="([^"]+)"/.exec((await visitor.get(path)).text) ?? [];
    const revoked = await visitor.submit(`${path}/secrets/revoke`, { secret_id: secretId });
    await expectDone(visitor, revoked, path, 'The secret is revoked');
    expect((await token(secret)).error).toBe('invalid_client');

    const saved = await visitor.submit(`${path}/settings`, { client_name: 'Billing 2' });
    await expectDone(
      visitor,
      saved,
      path,
      /The client is saved.*Billing 2|Billing 2.*The client is saved/s,
    );
    await expectDone(
      visitor,
      await visitor.submit(`${path}/disable`),
      path,
      'The client is disabled',
    );
    expect((await token(other)).error).toBe('invalid_client');
    await expectDone(
      visitor,
      await visitor.submit(`${path}/enable`),
      path,
      'The client is enabled',
    );
    await expectDone(
      visitor,
      await visitor.submit(`${path}/delete`),
      home,
      'The client is deleted',
    );
    expect((await visitor.get(path)).status).toBe(404);
  });

  test('a form that is sent twice creates one client, and shows its secret again', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const page = await visitor.get(`${home}/new`);
    const [, key = ''] = /name="idempotency_key" value="([^"]+)"/.exec(page.text) ?? [];
    const name = unique('Twice');
    const form = { kind: 'server', client_name: name, idempotency_key: key };
    const [one, other] = await Promise.all([
      visitor.submit(home, form),
      visitor.submit(home, form),
    ]);
    expect(shownOn(one.text, /writ_cs_\w+/)).toBe(shownOn(other.text, /writ_cs_\w+/));
    expect((await visitor.get(`${home}?search=${name}`)).text.match(/class="named"/g)).toHaveLength(
      1,
    );
  });

  test('a client keeps the roles and APIs that its form does not offer, because there are too many', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const [role, identifier] = [unique('zz'), `https://zz-${unique('api')}.test`];
    await stack().api.setRole(role, []);
    await stack().api.createResource({ identifier });
    const { id } = await stack().api.createClient({ roles: [role], resources: [identifier] });
    const before = unique('aa');
    const { kysely } = stack().database;
    await sql`insert into role (name, permissions) select ${before}::text || i, '{}' from generate_series(1, 500) i`.execute(
      kysely,
    );
    try {
      const page = await visitor.get(`${home}/${id}`);
      expect(page.text).toContain(`name="roles:${role}" checked`);
    } finally {
      await sql`delete from role where name like ${`${before}%`}`.execute(kysely);
    }
  });

  test('clients of apps are shown with their app, and built-in ones cannot be changed', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const { name } = await makeApp(stack());
    const shown = await visitor.get(`${home}/${encodeURIComponent(`${name}:default`)}`);
    expect(shown.words).toContain('It belongs to an app');
    expect(shown.text).not.toMatch(/action="[^"]*\/settings"/);
    await visitor.get(`${home}/writ-operator`);
    expect((await visitor.submit(`${home}/writ-operator/disable`)).status).toBe(403);
  });

  test('a trial token of a client has what its own tokens have, ends with them, and is in the audit', async () => {
    const { visitor, accountId } = await signedIn(stack(), { roles: ['administrator'] });
    const resource = `https://${unique('api')}.test`;
    const scopes = [{ name: 'things:read' }, { name: 'things:write' }, { name: 'things:delete' }];
    await stack().api.createResource({ identifier: resource, scopes });
    const client = await stack().api.createClient({
      client_id: unique('billing'),
      resources: [resource],
      scope: 'things:read things:write',
    });
    const path = `${home}/${client.id}`;
    const connect = await visitor.get(`${path}/connect`);
    expect(connect.text).toContain(client.id);
    expect(connect.text).toContain(`${stack().origin}/connect/token`);
    // No secret is shown again, and no scope is offered that the client lacks.
    expect(connect.text).not.toContain(client.secret);
    expect(connect.text).not.toContain('things:delete');
    const submit = (fields: Record<string, string>) =>
      visitor.submit(`${path}/connect/token`, fields);
    expect((await submit({ resource })).status).toBe(400);
    expect((await submit({ resource: 'https://other.test' })).status).toBe(400);
    const tried = await submit({
      resource,
      'scope:things:read': 'on',
      // Not its own.
      'scope:things:delete': 'on',
    });
    const value = shownOn(tried.text, /writ_at_\w+/);
    const introspected = async () => (await stack().introspect(value, client)).body;
    const seen = await introspected();
    expect(seen).toMatchObject({
      active: true,
      client_id: client.id,
      aud: resource,
      scope: 'things:read',
    });
    expect(seen.exp - seen.iat).toBeLessThanOrEqual(3600);
    const { body } = await stack().api.call('GET', `/audit-events?about=${client.id}`);
    expect(JSON.stringify(body)).toContain(accountId);
    expect(body.items).toContainEqual(expect.objectContaining({ action: 'token.tried' }));
    await visitor.get(path);
    await visitor.submit(`${path}/disable`);
    expect((await introspected()).active).not.toBe(true);
    await visitor.get(`${path}/connect`);
    expect((await submit({ resource, 'scope:things:read': 'on' })).status).toBe(409);
  });

  test('each kind of client sees the code that fits it, and a trial token only where it gets tokens for itself', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const resource = `https://${unique('api')}.test`;
    await stack().api.createResource({ identifier: resource, scopes: [{ name: 'things:read' }] });
    const connectOf = async (body: Record<string, unknown>) => {
      const { id } = await stack().api.createClient({
        client_id: unique('c'),
        resources: [resource],
        ...body,
      });
      const path = `${home}/${id}/connect`;
      const page = await visitor.get(path);
      const tried = await visitor.submit(`${path}/token`, { resource, 'scope:things:read': 'on' });
      return { page, tried };
    };
    const publicly = { token_endpoint_auth_method: 'none' };
    const device = await connectOf({
      ...publicly,
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    });
    expect(device.page.text).toContain('/connect/deviceauthorization');
    const website = await connectOf({
      ...publicly,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: ['https://website.test/callback'],
    });
    expect(website.page.text).toContain('https://website.test/callback');
    const server = await connectOf({ resources: [], resource_server_for: [resource] });
    expect(server.page.text).toContain('/connect/introspect');
    const bound = await connectOf({ dpop_bound_access_tokens: true });
    for (const { page, tried } of [device, website, bound]) {
      expect(page.status).toBe(200);
      expect(page.text).not.toContain('/connect/token"');
      expect(tried.status).toBe(409);
      expect(tried.text).not.toMatch(/writ_at_\w{20}/);
    }
  });

  test('every form of the section was sent above', () => expectEveryFormSent(stack(), home));
});
