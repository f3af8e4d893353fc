import { expect, test } from '@jest/globals';
import { operatorClientId } from '../../config/clients.ts';
import { makeParties } from '../support/parties.ts';
import { onEveryStack, unique } from '../support/stacks.ts';
import { operatorOf } from './operator.ts';

onEveryStack((stack) => {
  const { json, script, onTerminal } = operatorOf(stack);

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
