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

  test('a follower never sees a number before all the smaller ones, under 50 revocations at once', async () => {
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
      // One of these is what a process has: each sends a statement of its own, on its own connection.
      ...ids.map((id) => createTokenRevocation({ database })(id)),
      // Whole transactions among them, which hold the number longer.
      createGrants({ database }).revoke(grantId),
      // One after the other: to enable what is not disabled yet changes nothing.
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
      // The embedded database answers within a tick, which would leave no turn to anybody else.
      await setImmediate();
    } while (running);
    await revoked;

    expect(await numbers()).toEqual(gapless(before + ids.length + 4));
    const states = await Promise.all(ids.map((id) => domain.lookup(id)));
    expect(states.map((state) => state?.alive)).toEqual(Array(50).fill(false));
  });

  test('processes that revoke the same tokens at once do not wait for each other in a circle', async () => {
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
