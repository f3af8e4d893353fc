// One flow for each page that changes something, on every stack.
import { beforeAll, expect, test } from '@jest/globals';
import { defaultPersonalPolicy } from '../../src/domain/resources/resources.ts';
import type { Credentials } from '../support/http.ts';
import { openApi } from '../support/open-api.ts';
import { makePerson, signedIn } from '../support/people.ts';
import { onEveryStack, unique } from '../support/stacks.ts';
import { createVisitor, type Page } from '../support/visitor.ts';
import { secretOf } from '../web/apps/support.ts';

/** What the form of a page carries unseen. */
const hiddenOn = ({ text }: Page): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );

onEveryStack((stack) => {
  let resource: string;
  let resourceServer: Credentials;
  beforeAll(async () => {
    resource = await openApi(stack(), {
      isDefault: true,
      personalPolicy: defaultPersonalPolicy,
    });
    resourceServer = await stack().api.createClient({ resource_server_for: [resource] });
  });

  test('the sign-in page takes the right password only, slows down who guesses, and signs out', async () => {
    const { email, password } = await makePerson(stack(), { name: 'Grace Hopper' });
    const visitor = createVisitor(stack().origin);
    const sent = await visitor.get('/account/devices');
    expect(sent.location).toBe('/sign-in?return_to=%2Faccount%2Fdevices');
    await visitor.follow(sent);
    const form = { email, return_to: '/account/devices' };
    expect((await visitor.submit('/sign-in', { ...form, password: 'wrong' })).status).toBe(400);
    const after = await visitor.submit('/sign-in', { ...form, password });
    expect([after.status, after.location]).toEqual([303, '/account/devices']);
    expect((await visitor.follow(after)).words).toContain('Grace Hopper');
    await visitor.follow(await visitor.submit('/sign-out'));
    expect((await visitor.get('/account')).location).toContain('/sign-in');
    const { email: victim } = await makePerson(stack());
    const stranger = createVisitor(stack().origin);
    let page = await stranger.signIn(victim, 'wrong');
    for (let tries = 0; tries < 30 && page.status === 400; tries++)
      page = await stranger.submit('/sign-in', { email: victim, password: `wrong ${tries}` });
    expect(page.status).toBe(429);
  });

  test('a personal access token is created on its page, shown once, and revoked there', async () => {
    const { accountId, visitor } = await signedIn(stack());
    const form = await visitor.get(`/account/tokens/new?resource=${encodeURIComponent(resource)}`);
    const name = unique('token');
    const fields = {
      ...hiddenOn(form),
      resource,
      name,
      'scope:things:read': 'on',
      expiry: String(30 * 86_400),
    };
    const made = await visitor.submit('/account/tokens', fields);
    const value = /writ_pat_[A-Za-z0-9]+/.exec(made.text)?.[0] ?? '';
    expect([made.status, value]).toEqual([200, expect.stringMatching(/^writ_pat_/)]);
    expect((await stack().introspect(value, resourceServer)).body).toMatchObject({
      active: true,
      sub: accountId,
      aud: resource,
      scope: 'things:read',
    });
    const list = await visitor.get('/account/tokens');
    expect(list.words).toContain(name);
    expect(list.text).not.toContain(value);
    const path = /\/account\/tokens\/tok_\w+/.exec(list.text)?.[0] ?? '';
    const page = await visitor.get(path);
    await visitor.submit(`${path}/revoke`, hiddenOn(page));
    expect((await stack().introspect(value, resourceServer)).body).toEqual({ active: false });
  });

  test('an app is created on its page, its client has tokens, and both end when it is deleted', async () => {
    const { visitor } = await signedIn(stack());
    const name = unique('acme');
    const form = await visitor.get('/apps/new');
    const made = await visitor.submit('/apps/new', {
      ...hiddenOn(form),
      display_name: 'Acme',
      name,
    });
    expect([made.status, made.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const client = { id: `${name}:default`, secret: secretOf(made) };
    const { status, body } = await stack().token(client, { resource });
    expect(status).toBe(200);
    expect((await stack().introspect(body.access_token, resourceServer)).body).toMatchObject({
      active: true,
      client_id: client.id,
      roles: ['Owner'],
    });
    expect((await visitor.get('/apps')).words).toContain('Acme');
    await visitor.get(`/apps/${name}/settings`);
    const deleted = await visitor.submit(`/apps/${name}/delete`, { name });
    expect(deleted.status).toBe(303);
    expect((await visitor.get(`/apps/${name}`)).status).toBe(404);
    expect((await stack().introspect(body.access_token, resourceServer)).body).toEqual({
      active: false,
    });
    expect((await stack().token(client, { resource })).body.error).toBe('invalid_client');
  });
});
