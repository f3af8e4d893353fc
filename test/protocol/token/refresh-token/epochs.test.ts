import { expect, test } from '@jest/globals';
import { serverActor } from '../../../../src/domain/roles/server-actor.ts';
import { parseToken } from '../../../../src/domain/tokens/value.ts';
import { makeLoggedIn } from '../../../support/logins.ts';
import { makeParties } from '../../../support/parties.ts';
import { onEveryStack } from '../../../support/stacks.ts';
import { watchStatements } from '../../../support/statements.ts';

/** Requests that authenticated before a revocation and store their tokens after it. */
onEveryStack((stack) => {
  /** Revokes at the last moment: right before the statement with that name. */
  const endingBefore = async <Result>(
    name: string,
    end: () => Promise<unknown>,
    request: () => Promise<Result>,
  ): Promise<Result> => {
    let revoked = false;
    const result = await watchStatements(
      stack().database,
      async (sent) => {
        if (!sent.startsWith(name) || revoked) return;
        revoked = true;
        await end();
      },
      request,
    );
    expect(revoked).toBe(true);
    return result;
  };

  /** Disables and enables again, so that only the epoch shows that the token is too old. */
  const blink = (clientId: string) => async () => {
    await stack().api.call('POST', `/clients/${clientId}/disable`);
    await stack().api.call('POST', `/clients/${clientId}/enable`);
  };

  test.each(['opaque', 'jwt'] as const)(
    'a token that is stored after its client was disabled is never active, %s',
    async (format) => {
      const { client, resourceServer, issue } = await makeParties(stack(), { format });
      const token = await endingBefore('token-insert', blink(client.id), issue);
      expect((await stack().introspect(token, resourceServer)).text).toBe('{"active":false}');
      expect((await stack().introspect(await issue(), resourceServer)).body.active).toBe(true);
    },
  );

  test('a refresh that is stored after its account was disabled returns nothing that is active', async () => {
    const { accountId, app, refreshToken, refresh, resourceServer } = await makeLoggedIn(stack(), {
      rotate_refresh_tokens: true,
    });
    const { accounts } = stack().domain;
    const { body } = await endingBefore(
      'redeem-token',
      async () => {
        await accounts.disable(serverActor, accountId);
        await accounts.enable(serverActor, accountId);
      },
      () => refresh(refreshToken),
    );
    for (const [token, asker] of [
      [body.access_token, resourceServer],
      [body.refresh_token, app],
    ])
      expect((await stack().introspect(token ?? 'none', asker)).text).toBe('{"active":false}');
    expect((await refresh(body.refresh_token ?? 'none')).body.error).toBe('invalid_grant');
  });

  test('no JWT is issued if the account is disabled while it is created: a verifier that follows the feed would not know', async () => {
    const { accountId, refreshToken, refresh } = await makeLoggedIn(stack(), {
      format: 'jwt',
      rotate_refresh_tokens: true,
    });
    const { accounts } = stack().domain;
    // After the refresh token was read, and before a new one is created.
    const between = ['grant-find', 'account-find', 'resource-find'];
    let blinked = false;
    const { body } = await watchStatements(
      stack().database,
      async (sent) => {
        if (!between.includes(sent) || blinked) return;
        blinked = true;
        await accounts.disable(serverActor, accountId);
        await accounts.enable(serverActor, accountId);
      },
      () => refresh(refreshToken),
    );
    expect(blinked).toBe(true);
    expect([body.error, body.access_token]).toEqual(['invalid_grant', undefined]);
  });

  test('a refresh that is stored after its grant was revoked returns nothing that is active', async () => {
    const { grantId, app, refreshToken, refresh, resourceServer } = await makeLoggedIn(stack(), {
      rotate_refresh_tokens: true,
    });
    const { body } = await endingBefore(
      'redeem-token',
      () => stack().domain.grants.revoke(grantId),
      () => refresh(refreshToken),
    );
    for (const [token, asker] of [
      [body.access_token, resourceServer],
      [body.refresh_token, app],
    ])
      expect((await stack().introspect(token ?? 'none', asker)).text).toBe('{"active":false}');
  });

  test('a refresh token that was revoked by itself during its refresh redeems nothing', async () => {
    const { refreshToken, refresh } = await makeLoggedIn(stack(), { rotate_refresh_tokens: true });
    const id = parseToken(refreshToken)?.id;
    if (!id) throw new Error('no refresh token');
    const answer = await endingBefore(
      'redeem-token',
      () => stack().domain.revoke(id),
      () => refresh(refreshToken),
    );
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});
