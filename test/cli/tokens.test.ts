import { describe, expect, test } from '@jest/globals';
import { operatorClientId } from '../../config/clients.ts';
import { makeBackend } from '../api/backend.ts';
import { writ } from '../support/command.ts';
import { openApi } from '../support/open-api.ts';
import { makeParties } from '../support/parties.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack, unique } from '../support/stacks.ts';
import { operatorOf } from './operator.ts';

onStack((stack) => {
  const { environment, json, script, onTerminal } = operatorOf(stack);

  test('tokens show and revoke', async () => {
    const { client, issue } = await makeParties(stack());
    const token = await issue();
    const { jti } = (await stack().introspect(token, client)).body;
    expect(await json('tokens', 'show', jti)).toMatchObject({
      id: jti,
      client_id: client.id,
      active: true,
    });
    expect(await json('tokens', 'revoke', jti)).toEqual({ id: jti, revoked: true });
    expect((await stack().introspect(token, client)).body.active).toBe(false);
    expect(await json('tokens', 'show', jti)).toMatchObject({ active: false });
  });

  test('tokens revoke --matching revokes all active tokens that fit, follows it to its end, and refuses what is no filter', async () => {
    const { client, make } = await makeBackend(stack());
    const name = unique('ci');
    const [one, two] = [await make({ name: `${name} 1` }), await make({ name: `${name} 2` })];
    const args = [
      'tokens',
      'revoke',
      '--matching',
      `name=${name}`,
      '--matching',
      `client=${client.id}`,
    ];
    expect(await json(...args, '--yes')).toMatchObject({ state: 'done', revoked: 2, refused: 0 });
    for (const { id } of [one, two])
      expect((await stack().api.call('GET', `/tokens/${id}`)).body.active).toBe(false);
    for (const wrong of ['ci', 'colour=red', 'name='])
      expect(
        await writ(['tokens', 'revoke', '--matching', wrong, '--yes'], environment),
      ).toMatchObject({
        code: 2,
        err: expect.stringContaining(`--matching ${wrong}`),
      });
  });

  test('tokens revoke --client ends all that a client has, and lets it have new ones', async () => {
    const { client, issue } = await makeParties(stack());
    const tokens = [await issue(), await issue()];
    expect(await json('tokens', 'revoke', '--client', client.id, '--yes')).toEqual({
      client_id: client.id,
      revoked: true,
    });
    for (const token of tokens)
      expect((await stack().introspect(token, client)).body).toEqual({ active: false });
    expect((await stack().token(client)).status).toBe(200);
  });

  test('tokens revoke --account ends all that an account has, found by its e-mail address', async () => {
    const email = `${unique('ada')}@example.com`;
    const { id } = await json('accounts', 'create', '--name', 'Ada', '--email', email);
    const before = (await stack().domain.accounts.find(id))?.epoch ?? 0;
    expect(await json('tokens', 'revoke', '--account', email, '--yes')).toEqual({
      account_id: id,
      revoked: true,
    });
    expect((await stack().domain.accounts.find(id))?.epoch).toBe(before + 1);
  });

  test('on a terminal one is asked first, and no is what an empty line says', async () => {
    const { client, issue } = await makeParties(stack());
    const token = await issue();
    const args = ['tokens', 'revoke', '--client', client.id];
    for (const answer of ['', 'n', 'what?'])
      expect(await onTerminal(args, { answer })).toMatchObject({
        code: 1,
        err: 'writ: Nothing was done.\n',
        questions: [expect.stringContaining(client.id)],
      });
    expect((await stack().introspect(token, client)).body.active).toBe(true);
    expect(await onTerminal(args, { answer: 'y' })).toMatchObject({ code: 0, err: '' });
    expect((await stack().introspect(token, client)).body.active).toBe(false);
  });

  describe('API tokens', () => {
    /** A client with an API of its own and a role, whose tokens these are. */
    const makeBackend = async () => {
      const { api } = stack();
      const resource = await openApi(stack());
      const role = unique('role');
      await api.setRole(role, ['things.read']);
      const client = await api.createClient({
        resources: [resource],
        scope: 'things:read things:write',
        roles: [role],
      });
      return { client, resource, role };
    };

    const create = async (client: { id: string }, ...args: string[]) => {
      const made = await json(
        ...['tokens', 'create', '--client', client.id, '--name', 'Laptop', ...args],
      );
      keepSecret('api_token', made.token);
      return made;
    };

    test('tokens create makes one for somebody of the backend’s own, and shows its value this once', async () => {
      const { client, resource, role } = await makeBackend();
      const given = [
        ...['--subject', 'user:42:b', '--scope', 'things:read', '--scope', 'things:write'],
        ...['--role', role, '--resource', resource, '--expires', '30d'],
      ];
      const made = await create(client, ...given, '--attribute', 'plan=free', '--attribute', 'a==');
      expect(made).toMatchObject({
        token: expect.stringMatching(/^writ_tk_/),
        kind: 'api_token',
        client_id: client.id,
        name: 'Laptop',
        subject: { type: 'user', id: '42:b' },
        scope: 'things:read things:write',
        roles: [role],
        attributes: { plan: 'free', a: '=' },
        audience: [resource],
      });
      const days = (Date.parse(made.expires_at) - Date.now()) / 86_400_000;
      expect([days > 29.9, days <= 30]).toEqual([true, true]);
      expect((await stack().introspect(made.token, client)).body).toMatchObject({
        active: true,
        attributes: { plan: 'free', a: '=' },
      });
      const shown = await script('tokens', 'show', made.id);
      expect(shown.out).not.toContain(made.token);
      const told = await script(
        ...['tokens', 'create', '--client', client.id, '--name', 'B', '--subject', 'device:1'],
        ...['--attributes', '{"deep":{"is":[1]}}', '--expires', 'never'],
      );
      keepSecret('api_token', /writ_tk_\w+/.exec(told.out)?.[0] ?? '');
      expect(told.out).toContain('Store the token now: it is not shown again.');
      expect(told.out).toContain('{"deep":{"is":[1]}}');
    });

    test('tokens create limits one to single things by JSON', async () => {
      const { api } = stack();
      const resource = await openApi(stack(), {
        detailsTypes: [{ type: 'database', description: 'A database', actions: ['read'] }],
      });
      const client = await api.createClient({ resources: [resource] });
      const details = [{ type: 'database', identifier: 'db1', actions: ['read'] }];
      const args = ['--subject', 'user:1', '--details', JSON.stringify(details)];
      const made = await create(client, ...args);
      expect(made.authorization_details).toEqual(details);
    });

    test('tokens update takes from a token, and changes its name, attributes and end', async () => {
      const { client } = await makeBackend();
      const { id } = await create(
        client,
        ...['--subject', 'user:1', '--scope', 'things:read', '--scope', 'things:write'],
        ...['--attribute', 'plan=free', '--attribute', 'city=Berlin', '--expires', '7d'],
      );
      const update = (...args: string[]) => json('tokens', 'update', id, ...args);
      expect(
        await update(
          '--remove',
          'scope=things:write',
          '--name',
          'Phone',
          '--attribute',
          'plan=paid',
        ),
      ).toMatchObject({
        scope: 'things:read',
        name: 'Phone',
        attributes: { plan: 'paid', city: 'Berlin' },
      });
      expect(await update('--expires', '2999-01-01T00:00Z')).toMatchObject({
        expires_at: '2999-01-01T00:00:00.000Z',
      });
      expect(
        await update(
          '--clear',
          'expires',
          '--clear',
          'attributes',
          '--remove',
          'scope=things:read',
        ),
      ).toMatchObject({ expires_at: null, attributes: null, name: 'Phone' });
      expect((await json('tokens', 'show', id)).scope ?? '').toBe('');
      expect(await script('tokens', 'update', id, '--scope', 'things:write')).toMatchObject({
        code: 1,
        out: '',
      });
    });

    test('tokens list finds them by client, subject, name and state', async () => {
      const { client } = await makeBackend();
      const laptop = await create(client, '--subject', 'user:1');
      const phone = await create(client, '--subject', 'user:2', '--name', 'Phone');
      const tenant = await create(client, '--subject', 'tenant:1');
      await json('tokens', 'revoke', phone.id);
      const list = async (...args: string[]) =>
        (await json('tokens', 'list', '--client', client.id, ...args))
          .map(({ id }: { id: string }) => id)
          .toSorted();
      const ids = (...tokens: { id: string }[]) => tokens.map(({ id }) => id).toSorted();
      expect(await list()).toEqual(ids(laptop, phone, tenant));
      expect(await list('--kind', 'api_token')).toEqual(ids(laptop, phone, tenant));
      expect(await list('--kind', 'api_key')).toEqual([]);
      expect(await list('--subject', 'user')).toEqual(ids(laptop, phone));
      expect(await list('--subject', 'user:1')).toEqual(ids(laptop));
      expect(await list('--name', 'LAP')).toEqual(ids(laptop, tenant));
      expect(await list('--state', 'revoked')).toEqual(ids(phone));
      const { out } = await script('tokens', 'list', '--client', client.id);
      expect(out).toMatch(new RegExp(`^${laptop.id} .*api_token +user:1 +active`, 'm'));
    });

    test('tokens check tells what a value is, and nothing of one that is none', async () => {
      const { client } = await makeBackend();
      const { id, token } = await create(client, '--subject', 'user:1');
      const check = (input: string, ...args: string[]) =>
        writ(['tokens', 'check', ...args], environment, input);
      for (const args of [['--json'], ['-', '--json']])
        expect((await check(`${token}\n`, ...args)).json).toMatchObject({
          active: true,
          token: { id, state: 'active' },
        });
      const told = await check(token);
      expect([told.code, told.out]).toEqual([0, expect.stringContaining(id)]);
      expect(await check('writ_tk_nothing')).toMatchObject({
        code: 0,
        out: 'It is no whole token: it was cut off or mistyped.\n',
      });
      expect(await json('tokens', 'check', 'nothing')).toMatchObject({
        active: false,
        token: null,
        reasons: [{ code: 'no_token' }],
      });
    });

    test('tokens revoke --subject ends all that somebody has, of one client or of all', async () => {
      const [one, other] = [await makeBackend(), await makeBackend()];
      const subject = ['--subject', `user:${unique('user')}`];
      for (const { client } of [one, one, other]) await create(client, ...subject);
      const revoke = ['tokens', 'revoke', ...subject];
      expect((await script(...revoke)).code).toBe(2);
      expect(await json(...revoke, '--client', one.client.id, '--yes')).toMatchObject({
        revoked: 2,
      });
      const asked = await onTerminal(revoke, { answer: 'y' });
      expect(asked).toMatchObject({ code: 0, out: '1 token is revoked.\n' });
      expect(asked.questions[0]).toContain(subject[1]);
      expect(await json('tokens', 'list', ...subject, '--state', 'active')).toEqual([]);
    });

    test('what makes no sense is wrong usage', async () => {
      for (const args of [
        ['create', '--name', 'a', '--subject', 'user'],
        ['create', '--subject', 'user:1'],
        ['create', '--name', 'a', '--subject', 'user:1', '--attribute', 'plan'],
        ['create', '--name', 'a', '--subject', 'user:1', '--attributes', '[1]'],
        ['create', '--name', 'a', '--subject', 'user:1', '--attributes', '{'],
        [
          'create',
          '--name',
          'a',
          '--subject',
          'user:1',
          '--attributes',
          '{}',
          '--attribute',
          'a=b',
        ],
        ['create', '--name', 'a', '--subject', 'user:1', '--details', '{}'],
        ['create', '--name', 'a', '--subject', 'user:1', '--expires', 'soon'],
        ['update', 'tok_1'],
        ['update', 'tok_1', '--add', 'name=a'],
        ['list', '--subject', ':1'],
        ['list', '--state', 'inactive'],
        ['revoke', 'tok_1', '--subject', 'user:1'],
        ['revoke', '--subject', 'user:1', '--account', 'ada@example.com'],
      ])
        expect([args, (await script('tokens', ...args)).code]).toEqual([args, 2]);
    });
  });

  test('tokens list shows those that have an owner, by owner and by kind', async () => {
    const listed = await json('tokens', 'list', '--client', operatorClientId, '--kind', 'api_key');
    expect(listed).toContainEqual(expect.objectContaining({ name: 'a test', kind: 'api_key' }));
    expect(await json('tokens', 'list', '--kind', 'personal_access_token')).toEqual([]);
    const { id } = await json('accounts', 'create', '--name', 'Ada');
    const none = await onTerminal(['tokens', 'list', '--account', id]);
    expect(none).toMatchObject({ code: 0, out: 'There are no such tokens.\n' });
  });

  test('a token that is not there is refused', async () => {
    for (const operation of ['show', 'revoke'])
      expect(await script('tokens', operation, 'tok_nothing')).toMatchObject({
        code: 1,
        out: '',
        err: 'writ: There is no token tok_nothing.\n',
      });
  });
});
