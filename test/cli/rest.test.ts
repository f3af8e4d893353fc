import { beforeAll, expect, test } from '@jest/globals';
import { writHere } from '../support/command.ts';
import { makeParties } from '../support/parties.ts';
import { onEveryStack, unique } from '../support/stacks.ts';
import { operatorKey } from './operator.ts';

onEveryStack((stack) => {
  let environment: Record<string, string>;
  beforeAll(async () => {
    environment = { WRIT_URL: stack().issuer, WRIT_TOKEN: await operatorKey(stack()) };
  });

  const json = async (...args: string[]) => {
    const outcome = await writHere([...args, '--json'], environment);
    expect(outcome).toMatchObject({ code: 0, err: '' });
    return outcome.json;
  };

  test('roles set and list', async () => {
    const name = unique('role');
    const role = { name, description: 'What it is for', permissions: ['a', 'b'] };
    expect(
      await json(
        ...['roles', 'set', name, '--permission', 'a', '--permission', 'b'],
        ...['--description', 'What it is for'],
      ),
    ).toEqual(role);
    expect(await json('roles', 'list')).toContainEqual(role);
  });

  test('resources create and list', async () => {
    const identifier = `https://${unique('api')}.test`;
    const created = await json(
      ...['resources', 'create', identifier, '--name', 'An API', '--format', 'jwt'],
      ...['--alg', 'EdDSA', '--scope', 'things:read=See = look at things', '--scope', 'things:all'],
      ...['--access-token-ttl', '90'],
    );
    expect(created).toEqual({
      identifier,
      name: 'An API',
      scopes: [
        { name: 'things:read', description: 'See = look at things' },
        { name: 'things:all', description: '' },
      ],
      token_format: 'jwt',
      signing_alg: 'EdDSA',
      access_token_ttl: 90,
      default: false,
    });
    expect(await json('resources', 'list')).toContainEqual(created);
    const client = await stack().api.createClient({ resources: [identifier] });
    expect((await stack().token(client)).body.access_token).toMatch(/^eyJ/);
  });

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

  test('without --json a person reads lines and tables', async () => {
    const name = unique('role');
    const set = await writHere(['roles', 'set', name, '--permission', 'things.read'], environment);
    expect(set.out).toMatch(new RegExp(`^name +${name}$`, 'm'));
    const { out } = await writHere(['roles', 'list'], environment);
    expect(out).toMatch(/^NAME +PERMISSIONS +DESCRIPTION$/m);
    expect(out).toMatch(new RegExp(`^${name} +things\\.read$`, 'm'));
    const created = await writHere(['clients', 'create'], environment);
    expect(created.out).toMatch(/^client_secret +writ_cs_\w+$/m);
    expect(created.out).toContain('it is not shown again');
  });
});
