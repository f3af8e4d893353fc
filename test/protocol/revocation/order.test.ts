import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createGrants } from '../../../src/domain/grants/grants.ts';
import { createTokenRevocation } from '../../../src/domain/tokens/revocation.ts';
import { parsePublicId } from '../../../src/domain/tokens/value.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { onEveryStack } from '../../support/stacks.ts';

onEveryStack((stack) => {
  const numbers = async (): Promise<number[]> =>
    (
      await stack()
        .database.kysely.selectFrom('change')
        .select('number')
        .orderBy('number')
        .execute()
    ).map(({ number }) => Number(number));

  const gapless = (length: number) => Array.from({ length }, (_, index) => index + 1);

  test('a follower never sees a number before all smaller ones, during 50 simultaneous revocations', async () => {
    const { client, issue } = await makeParties(stack());
    const { grantId } = await makeLoggedIn(stack());
    const { database, api, domain } = stack();
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const { jti } = (await stack().introspect(await issue(), client)).body;
        const id = parsePublicId(jti);
        if (!id) throw new Error('no public id');
        return id;
      }),
    );
    const before = (await numbers()).length;

    const revoked = Promise.all([
      // Each of these acts like a process: it sends its own statement on its own connection.
      ...ids.map((id) => createTokenRevocation({ database })(id)),
      // Some are whole transactions, which hold the number longer.
      createGrants({ database }).revoke(grantId),
      // In sequence, because enabling what is not disabled yet changes nothing.
      api
        .call('POST', `/clients/${client.id}/disable`)
        .then(() => api.call('POST', `/clients/${client.id}/enable`)),
      api.setRole('order', []),
    ]);
    let running = true;
    revoked.finally(() => {
      running = false;
    });
    do {
      const seen = await numbers();
      expect(seen).toEqual(gapless(seen.length));
      // The embedded database responds within a tick, which would give the others no turn.
      await setImmediate();
    } while (running);
    await revoked;

    expect(await numbers()).toEqual(gapless(before + ids.length + 4));
    const states = await Promise.all(ids.map((id) => domain.lookup(id)));
    expect(states.map((state) => state?.alive)).toEqual(Array(50).fill(false));
  });

  test('processes that revoke the same tokens at once do not deadlock', async () => {
    const { client, issue } = await makeParties(stack());
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { jti } = (await stack().introspect(await issue(), client)).body;
        return parsePublicId(jti) ?? { partition: 0, key: Buffer.alloc(16) };
      }),
    );
    const before = (await numbers()).length;
    const processes = Array.from({ length: 4 }, () =>
      createTokenRevocation({ database: stack().database }),
    );
    await Promise.all(
      processes.flatMap((revoke, index) =>
        (index % 2 ? ids : ids.toReversed()).map((id) => revoke(id)),
      ),
    );
    expect(await numbers()).toEqual(gapless(before + ids.length));
  });
});
