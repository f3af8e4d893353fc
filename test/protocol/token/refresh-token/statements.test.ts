import { expect, test } from '@jest/globals';
import { parseToken } from '../../../../src/domain/tokens/value.ts';
import { makeLoggedIn } from '../../../support/logins.ts';
import { onEveryStack } from '../../../support/stacks.ts';
import { statementsOf } from '../../../support/statements.ts';

onEveryStack((stack) => {
  test('a refresh reads its client, its token with its parties, and the resource; and writes once', async () => {
    const { refreshToken, refresh } = await makeLoggedIn(stack(), { rotate_refresh_tokens: true });
    const partition = parseToken(refreshToken)?.id.partition;
    const sent = await statementsOf(stack().database, async () => {
      expect((await refresh(refreshToken)).status).toBe(200);
    });
    expect(sent).toEqual([
      'client-lookup',
      `token-lookup-${partition}`,
      'resource-find',
      `redeem-tokens-${partition}`,
    ]);
  });
});
