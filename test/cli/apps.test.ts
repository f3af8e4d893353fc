import { beforeAll, describe, expect, test } from '@jest/globals';
import { makeOpenApi } from '../support/apps.ts';
import { makePerson } from '../support/people.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack, unique } from '../support/stacks.ts';
import { operatorOf } from './operator.ts';

onStack((stack) => {
  const { json, script, onTerminal } = operatorOf(stack);

  // Clients of apps get tokens for what is open to apps.
  beforeAll(() => makeOpenApi(stack()));

  /** An app of nobody. */
  const makeApp = async (): Promise<string> => {
    const { name } = await json('apps', 'create', unique('app'));
    return name;
  };

  describe('writ apps', () => {
    test('create makes an app with an owner, and shows the secret of its first client, which works', async () => {
      const { email } = await makePerson(stack());
      const name = unique('app');
      const made = await json('apps', 'create', name, '--name', 'Acme & Sons', '--owner', email);
      expect(made).toMatchObject({ name, display_name: 'Acme & Sons', members: 1, clients: 1 });
      const { client_id, client_secret } = made.client;
      expect(client_id).toBe(`${name}:default`);
      const { status } = await stack().token({ id: client_id, secret: client_secret });
      expect(status).toBe(200);
      const { client: _client, ...app } = made;
      expect(await json('apps', 'show', name)).toEqual(app);
      expect(await json('apps', 'list')).toContainEqual(app);
    });

    test('create takes the name that people call it alone, or the app alone', async () => {
      const text = unique('Some Thing');
      const made = await json('apps', 'create', '--name', text);
      expect(made).toMatchObject({ name: text.toLowerCase().replace(' ', '-') });
      const name = unique('app');
      expect(await json('apps', 'create', name)).toMatchObject({ name, display_name: name });
      expect(await script('apps', 'create')).toMatchObject({ code: 2, out: '' });
      expect(await script('apps', 'create', name)).toMatchObject({ code: 1, out: '' });
    });

    test('create tells a person to keep the secret', async () => {
      const { out } = await onTerminal(['apps', 'create', unique('app')]);
      const [, secret] = /^client_secret +(\S+)$/m.exec(out) ?? [];
      keepSecret('client_secret', secret);
      expect(secret).toMatch(/^writ_cs_/);
      expect(out).toMatch(/^client_id +\S+:default$/m);
      expect(out).toMatch(/Store the secret now/);
    });

    test('update changes what people call it', async () => {
      const name = await makeApp();
      expect(await json('apps', 'update', name, '--name', 'New')).toMatchObject({
        name,
        display_name: 'New',
      });
      expect(await script('apps', 'update', name)).toMatchObject({ code: 2, out: '' });
    });

    test('disable ends the tokens of its clients, and enable lets them have others', async () => {
      const { name, client } = await json('apps', 'create', unique('app'));
      const credentials = { id: client.client_id, secret: client.client_secret };
      const old = (await stack().token(credentials)).body.access_token;
      const isActive = async (token: string) =>
        (await stack().introspect(token, credentials)).body.active;
      expect(await isActive(old)).toBe(true);
      expect((await json('apps', 'disable', name)).disabled_at).not.toBeNull();
      expect((await stack().token(credentials)).status).toBe(401);
      const { out } = await script('apps', 'enable', name);
      expect(out).toBe(`${name} is enabled.\n`);
      expect(await isActive(old)).toBe(false);
      expect(await isActive((await stack().token(credentials)).body.access_token)).toBe(true);
    });

    test('delete asks first; then it is gone, and its name is never given again', async () => {
      const name = await makeApp();
      expect((await onTerminal(['apps', 'delete', name], { answer: 'n' })).code).toBe(1);
      expect(await json('apps', 'show', name)).toMatchObject({ name });
      expect(await json('apps', 'delete', name, '--yes')).toEqual({ name, deleted: true });
      expect(await script('apps', 'show', name)).toMatchObject({ code: 1, out: '' });
      expect(await script('apps', 'create', name)).toMatchObject({ code: 1, out: '' });
    });
  });

  describe('writ apps clients', () => {
    let app: string;
    beforeAll(async () => {
      app = await makeApp();
    });

    test('create, show, list, update, disable, enable and delete', async () => {
      const id = `${app}:website`;
      await json('resources', 'create', `https://${unique('api')}.test`, '--apps');
      const made = await json(
        ...['apps', 'clients', 'create', id, '--role', 'Reader', '--kind', 'website'],
        ...['--name', 'Website', '--redirect-uri', 'https://www.acme.test/cb'],
        ...['--access-token-ttl', '90', '--id-token-alg', 'ES256'],
      );
      expect(made).not.toHaveProperty('client_secret');
      expect(made).toMatchObject({
        client_id: id,
        name: 'website',
        display_name: 'Website',
        kind: 'website',
        role: 'Reader',
        redirect_uris: ['https://www.acme.test/cb'],
        access_token_ttl: 90,
        access_token_format: null,
        api_calls_limit: null,
        api_traffic_limit: null,
        allow_anonymous: false,
        id_token_signed_response_alg: 'ES256',
      });
      expect(await json('apps', 'clients', 'show', id)).toEqual(made);
      expect(await json('apps', 'clients', 'list', app)).toContainEqual(made);
      const updated = await json(
        ...['apps', 'clients', 'update', id, '--role', 'Editor', '--clear', 'access-token-ttl'],
        ...['--add', 'redirect-uri=https://www.acme.test/other', '--clear', 'id-token-alg'],
        ...['--post-logout-redirect-uri', 'https://www.acme.test/bye'],
        ...['--backchannel-logout-uri', 'https://www.acme.test/logout'],
        ...['--optional-scope', 'email', '--default-max-age', '1h', '--require-auth-time'],
        ...['--no-claims-in-id-token', '--userinfo-alg', 'ES256', '--first-party'],
      );
      expect(updated).toMatchObject({
        post_logout_redirect_uris: ['https://www.acme.test/bye'],
        backchannel_logout_uri: 'https://www.acme.test/logout',
        optional_scopes: ['email'],
        default_max_age: 3600,
        require_auth_time: true,
        claims_in_id_token: false,
        userinfo_signed_response_alg: 'ES256',
        first_party: true,
        role: 'Editor',
        access_token_ttl: null,
        id_token_signed_response_alg: 'RS256',
        redirect_uris: ['https://www.acme.test/cb', 'https://www.acme.test/other'],
      });
      expect((await json('apps', 'clients', 'disable', id)).disabled_at).not.toBeNull();
      expect((await json('apps', 'clients', 'enable', id)).disabled_at).toBeNull();
      expect(await json('apps', 'clients', 'delete', id, '--yes')).toEqual({
        client_id: id,
        deleted: true,
      });
      expect(await script('apps', 'clients', 'show', id)).toMatchObject({ code: 1, out: '' });
    });

    test('an agent is created, given limits, listed with the people for whom it acts, and ended for one', async () => {
      const { accountId, email } = await makePerson(stack());
      await json('apps', 'members', 'set', app, email, 'Developer');
      const id = `${app}:sorter`;
      const create = ['apps', 'clients', 'create', id, '--role', 'Reader', '--token-exchange'];
      const made = await json(...create, '--agent', 'Sorts invoices.', '--agent-owner', email);
      keepSecret('client_secret', made.client_secret);
      const agent = { purpose: 'Sorts invoices.', owner: accountId };
      expect(made).toMatchObject({ kind: 'agent', token_exchange: true, agent });
      const update = (...rest: string[]) => json('apps', 'clients', 'update', id, ...rest);
      const hours = ['--hours', '08:00-18:00 Europe/Berlin'];
      expect((await update('--tokens-per-hour', '100', ...hours)).agent).toEqual({
        ...agent,
        tokens_per_hour: 100,
        hours: { from: '08:00', to: '18:00', time_zone: 'Europe/Berlin' },
      });
      const unlimited = await update('--hours', 'none', '--no-token-exchange');
      expect(unlimited).toMatchObject({ token_exchange: false });
      expect(unlimited.agent).toEqual({ ...agent, tokens_per_hour: 100 });
      expect((await script('apps', 'clients', 'show', id)).out).toMatch(/Sorts invoices\./);

      const client = await stack().domain.clients(id);
      await stack().domain.delegations.grantFor({ accountId, client: String(client?.id) }, id);
      const people = { account_id: accountId, ended_at: null };
      expect(await json('delegations', 'list', '--client', id)).toEqual([
        expect.objectContaining(people),
      ]);
      expect(await json('delegations', 'list', '--account', email)).toEqual([
        expect.objectContaining({ client_id: id, purpose: 'Sorts invoices.' }),
      ]);
      await json('delegations', 'end', id, email);
      expect((await script('delegations', 'end', id, email)).code).toBe(1);
      expect((await script('delegations', 'list')).code).toBe(2);
      const [ended] = await json('delegations', 'list', '--client', id);
      expect(ended.ended_at).not.toBeNull();
    });

    test('an initial access token of an app is created, listed and revoked', async () => {
      const command = ['apps', 'initial-access-tokens'];
      const create = [...command, 'create', app, 'Deployment', '--role', 'Reader', '--uses', '3'];
      const made = await json(...create);
      keepSecret('initial access token', made.initial_access_token);
      const { initial_access_token: _value, ...token } = made;
      expect(token).toMatchObject({ app, role: 'Reader', max_uses: 3 });
      expect(await json(...command, 'list', app)).toEqual([token]);
      expect(await json(...command, 'revoke', app, token.id)).toEqual({
        id: token.id,
        revoked: true,
      });
      expect((await script(...command, 'revoke', app, token.id)).code).toBe(1);
      expect(await json(...command, 'list', app)).toEqual([]);
    });

    test('create gives a server a secret, and tells a person to keep it', async () => {
      const command = ['apps', 'clients', 'create', `${app}:backend`, '--role', 'Reader'];
      const { out } = await onTerminal(command);
      const [, secret = ''] = /^client_secret +(\S+)$/m.exec(out) ?? [];
      keepSecret('client_secret', secret);
      expect(out).toMatch(/Store the secret now/);
      expect((await stack().token({ id: `${app}:backend`, secret })).status).toBe(200);
      const device = [...command.with(3, `${app}:tv`), '--kind', 'device'];
      expect((await onTerminal(device)).out).not.toMatch(/secret/);
    });

    test('a client is also known by the id with a tilde', async () => {
      expect(await json('apps', 'clients', 'show', `${app}~default`)).toMatchObject({
        client_id: `${app}:default`,
      });
    });

    test('a secret is added, which works, and the old one is revoked, which then does not', async () => {
      const id = `${app}:default`;
      const [old] = await json('apps', 'secrets', 'list', id);
      const { client_secret, ...added } = await json('apps', 'secrets', 'add', id);
      const secrets = await json('apps', 'secrets', 'list', id);
      expect(secrets).toHaveLength(2);
      expect(secrets).toContainEqual(added);
      expect(await json('apps', 'secrets', 'revoke', id, old.id)).toEqual({
        id: old.id,
        revoked: true,
      });
      expect(await json('apps', 'secrets', 'list', id)).toMatchObject([{ id: added.id }]);
      expect((await stack().token({ id, secret: client_secret })).status).toBe(200);
    });
  });

  describe('writ apps members, invitations and hand-over', () => {
    test('members are made, listed, given other roles and taken out, by id or by address', async () => {
      const app = await makeApp();
      const [ada, bob] = [
        await makePerson(stack(), { name: 'Ada' }),
        await makePerson(stack(), { name: 'Bob' }),
      ];
      await json('apps', 'members', 'set', app, ada.accountId, 'Owner');
      expect(await json('apps', 'members', 'set', app, bob.email, 'Reader')).toMatchObject({
        account_id: bob.accountId,
        role: 'Reader',
      });
      await json('apps', 'members', 'set', app, bob.email.toUpperCase(), 'Editor');
      expect(await json('apps', 'members', 'list', app)).toMatchObject([
        { account_id: ada.accountId, role: 'Owner' },
        { account_id: bob.accountId, role: 'Editor', name: 'Bob' },
      ]);
      expect(await json('apps', 'members', 'credentials', app, bob.email)).toEqual([]);
      expect(await json('apps', 'members', 'remove', app, bob.email.toUpperCase())).toEqual({
        account_id: bob.accountId,
        removed: true,
      });
      expect(await script('apps', 'members', 'remove', app, bob.email)).toMatchObject({
        code: 1,
        err: `writ: ${app} has no member with the email address ${bob.email}.\n`,
      });
      expect(await script('apps', 'members', 'remove', app, ada.email)).toMatchObject({ code: 1 });
      expect(await json('apps', 'members', 'list', app)).toHaveLength(1);
    });

    test('an app is handed over to a member; who had it stays as a Developer, or leaves', async () => {
      const app = await makeApp();
      const [ada, bob] = [await makePerson(stack()), await makePerson(stack())];
      await json('apps', 'members', 'set', app, ada.email, 'Owner');
      await json('apps', 'members', 'set', app, bob.email, 'Reader');
      expect(await json('apps', 'hand-over', app, bob.email)).toEqual({
        app,
        owner: bob.accountId,
      });
      expect(await json('apps', 'members', 'list', app)).toMatchObject([
        { account_id: bob.accountId, role: 'Owner' },
        { account_id: ada.accountId, role: 'Developer' },
      ]);
      await json('apps', 'hand-over', app, ada.email, '--from', bob.email, '--leave');
      expect(await json('apps', 'members', 'list', app)).toMatchObject([
        { account_id: ada.accountId, role: 'Owner' },
      ]);
    });

    test('an invitation is made with a link, listed without it, and taken back', async () => {
      const app = await makeApp();
      const { email } = await makePerson(stack());
      const { invitation_uri, sent_to, ...made } = await json(
        ...['apps', 'invitations', 'create', app, email, 'Editor'],
      );
      keepSecret('invitation', new URL(invitation_uri).pathname.split('/').at(-1));
      expect(invitation_uri).toMatch(new RegExp(`^${stack().issuer}/apps/invitations/.+`));
      expect([made, sent_to]).toMatchObject([{ email, role: 'Editor' }, null]);
      expect(await json('apps', 'invitations', 'list', app)).toEqual([made]);
      expect(await json('apps', 'invitations', 'revoke', app, made.id)).toEqual({
        id: made.id,
        revoked: true,
      });
      expect(await json('apps', 'invitations', 'list', app)).toEqual([]);
    });
  });

  describe('writ apps roles', () => {
    test('set, show, list and delete', async () => {
      const app = await makeApp();
      const made = await json(
        ...[
          'apps',
          'roles',
          'set',
          app,
          'auditor',
          '--permission',
          '*.read',
          '--permission',
          'a|b',
        ],
        ...['--description', 'Sees things', '--manages', 'clients'],
      );
      expect(made).toEqual({
        name: 'auditor',
        description: 'Sees things',
        permissions: ['*.read', 'a|b'],
        manages: 'clients',
        built_in: false,
      });
      expect(await json('apps', 'roles', 'show', app, 'auditor')).toEqual(made);
      const all: { name: string }[] = await json('apps', 'roles', 'list', app);
      expect(all.map(({ name }) => name)).toEqual([
        ...['Owner', 'Developer', 'Editor', 'Reader'],
        'auditor',
      ]);
      await json('apps', 'clients', 'create', `${app}:audit`, '--role', 'auditor');
      expect(await script('apps', 'roles', 'delete', app, 'auditor', '--yes')).toMatchObject({
        code: 1,
        out: '',
      });
      await json('apps', 'clients', 'update', `${app}:audit`, '--role', 'Reader');
      expect(await json('apps', 'roles', 'delete', app, 'auditor', '--yes')).toEqual({
        name: 'auditor',
        deleted: true,
      });
      expect((await script('apps', 'roles', 'show', app, 'auditor')).code).toBe(1);
    });

    test('what is no pattern is refused, and named', async () => {
      const app = await makeApp();
      expect(
        await script('apps', 'roles', 'set', app, 'auditor', '--permission', 'things.rea*'),
      ).toMatchObject({ code: 1, out: '', err: expect.stringContaining('things.rea*') });
    });
  });

  test('writ app-roles changes what a built-in role permits, in all apps at once', async () => {
    const app = await makeApp();
    const before = await json('app-roles', 'show', 'Reader');
    const permissions = [...before.permissions, 'extra.sight'];
    const given = permissions.flatMap((permission) => ['--permission', permission]);
    try {
      expect(await json('app-roles', 'set', 'Reader', ...given)).toEqual({
        ...before,
        permissions,
      });
      expect(await json('apps', 'roles', 'show', app, 'Reader')).toMatchObject({ permissions });
      expect(await json('app-roles', 'list')).toContainEqual({ ...before, permissions });
    } finally {
      await stack().api.call('PUT', '/app-roles/Reader', { permissions: before.permissions });
    }
  });

  test('without --json a person reads tables', async () => {
    const app = await makeApp();
    const see = async (...args: string[]) => (await onTerminal(['apps', ...args])).out;
    expect(await see('list')).toMatch(/^NAME +DISPLAY NAME +CLIENTS +MEMBERS/m);
    expect(await see('clients', 'list', app)).toMatch(new RegExp(`^${app}:default `, 'm'));
    expect(await see('secrets', 'list', `${app}:default`)).toMatch(/^ID +HINT/);
    expect(await see('roles', 'list', app)).toMatch(/^Owner +\* +app/m);
    expect(await see('members', 'list', app)).toContain(`${app} has no members.`);
    expect(await see('invitations', 'list', app)).toBe(`${app} has no open invitations.\n`);
  });
});
