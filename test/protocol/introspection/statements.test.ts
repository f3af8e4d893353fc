import { expect, test } from '@jest/globals';
import { mintToken, parseToken } from '../../../src/domain/tokens/value.ts';
import { makeApp, makeOpenApi } from '../../support/apps.ts';
import { makeParties } from '../../support/parties.ts';
import { onEveryStack } from '../../support/stacks.ts';
import { statementsOf } from '../../support/statements.ts';

onEveryStack((stack) => {
  const placeOf = (token: string) => {
    const id = parseToken(token)?.id;
    if (!id) throw new Error('no token');
    return id;
  };

  test('tokens cost one statement, however many are introspected in the same tick', async () => {
    const { issue } = await makeParties(stack());
    const issued = placeOf(await issue());
    const unknown = mintToken('access_token', issued.partition).id;
    const { database, domain } = stack();
    const sent = await statementsOf(database, async () => {
      const states = await Promise.all(
        Array.from({ length: 100 }, (_, index) => domain.lookup(index % 2 ? issued : unknown)),
      );
      expect(states.map((state) => state?.alive)).toEqual(
        Array.from({ length: 100 }, (_, index) => (index % 2 ? true : undefined)),
      );
    });
    expect(sent).toEqual([`token-lookup-${issued.partition}`]);
  });

  test('tokens of several partitions cost one statement together', async () => {
    const { issue } = await makeParties(stack());
    const issued = placeOf(await issue());
    const elsewhere = mintToken('access_token', issued.partition + 1).id;
    const { database, domain } = stack();
    const sent = await statementsOf(database, async () => {
      const [here, there] = await Promise.all([domain.lookup(issued), domain.lookup(elsewhere)]);
      expect([here?.alive, there]).toEqual([true, undefined]);
    });
    expect(sent).toEqual(['token-lookup']);
  });

  test('an introspection reads the client and the token once each, and writes nothing', async () => {
    const { resourceServer, issue } = await makeParties(stack());
    const token = await issue();
    const sent = await statementsOf(stack().database, () =>
      stack().introspect(token, resourceServer),
    );
    expect(sent.toSorted()).toEqual(['client-lookup', `token-lookup-${placeOf(token).partition}`]);
  });

  test('so does that of a token of an app, with its roles', async () => {
    const app = await makeApp(stack());
    const { resource, resourceServer } = await makeOpenApi(stack());
    const { body } = await stack().token(app.client, { resource });
    const sent = await statementsOf(stack().database, () =>
      stack().introspect(body.access_token, resourceServer),
    );
    const { partition } = placeOf(body.access_token);
    expect(sent.toSorted()).toEqual(['client-lookup', `token-lookup-${partition}`]);
  });

  test('a value with a wrong checksum costs no statement for the token', async () => {
    const { resourceServer } = await makeParties(stack());
    const { value } = mintToken('access_token', 0);
    const broken = value.slice(0, -1) + (value.endsWith('a') ? 'b' : 'a');
    const sent = await statementsOf(stack().database, () =>
      stack().introspect(broken, resourceServer),
    );
    expect(sent).toEqual(['client-lookup']);
  });

  test('a value with a partition that cannot exist costs no statement for the token', async () => {
    const { resourceServer } = await makeParties(stack());
    const current = Math.floor(Date.now() / 1000 / (7 * 86_400));
    for (const partition of [1, current - 3, current + 61, 200_000]) {
      const { value } = mintToken('access_token', partition);
      const sent = await statementsOf(stack().database, () =>
        stack().introspect(value, resourceServer),
      );
      expect(sent).toEqual(['client-lookup']);
    }
  });
});
