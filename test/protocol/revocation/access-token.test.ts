import { describe, expect, test } from '@jest/globals';
import { mintToken } from '../../../src/domain/tokens/value.ts';
import type { Answer } from '../../support/http.ts';
import { makeParties, type TokenFormat } from '../../support/parties.ts';
import { onStack } from '../../support/stacks.ts';

/** Some libraries parse the body, which RFC 7009 §2.2 leaves open, as JSON. */
const revoked = { status: 200, text: '{}', body: {} };

/** Everything in which responses could differ. */
const seen = ({ status, text, headers }: Answer) => ({
  status,
  text,
  headers: [...headers.keys()],
});

onStack((stack) => {
  describe.each<TokenFormat>(['opaque', 'jwt'])('an access token, %s,', (format) => {
    test('that its client revoked is inactive at once for every client, and a second revocation gets 200', async () => {
      const { client, resourceServer, issue } = await makeParties(stack(), { format });
      const token = await issue();
      for (let time = 1; time <= 2; time++) {
        expect(await stack().revoke(token, client)).toMatchObject(revoked);
        for (const asker of [client, resourceServer])
          expect((await stack().introspect(token, asker)).text).toBe('{"active":false}');
      }
    });

    test('is revoked individually: its client’s other tokens stay active', async () => {
      const { client, resourceServer, issue } = await makeParties(stack(), { format });
      const [revoked, other] = [await issue(), await issue()];
      await stack().revoke(revoked, client);
      expect((await stack().introspect(other, resourceServer)).body.active).toBe(true);
    });

    test.each(['otherClient', 'resourceServer'] as const)(
      'stays active when the %s revokes it, with the response for an unknown token',
      async (asker) => {
        const parties = await makeParties(stack(), { format });
        const token = await parties.issue();
        const [answer, unknown] = [
          await stack().revoke(token, parties[asker]),
          await stack().revoke('none', parties[asker]),
        ];
        expect(answer).toMatchObject(revoked);
        expect(seen(answer)).toEqual(seen(unknown));
        expect((await stack().introspect(token, parties.client)).body.active).toBe(true);
      },
    );

    test.each([
      ['right', 'access_token'],
      ['wrong', 'refresh_token'],
      ['unknown', 'saml2'],
    ])('is revoked with a hint that is %s, too', async (_what, hint) => {
      const { client, issue } = await makeParties(stack(), { format });
      const token = await issue();
      const { status } = await stack().revoke(token, client, { token_type_hint: hint });
      expect(status).toBe(200);
      expect((await stack().introspect(token, client)).body.active).toBe(false);
    });

    test('that ten requests revoke at once is revoked once, and all get 200', async () => {
      const { client, issue } = await makeParties(stack(), { format });
      const token = await issue();
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => stack().revoke(token, client)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      const { jti } = JSON.parse(
        format === 'jwt'
          ? Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
          : '{}',
      );
      const changes = await stack()
        .database.kysely.selectFrom('change')
        .select('token_id')
        .where('client_id', '=', client.id)
        .execute();
      expect(changes).toEqual([{ token_id: jti ?? expect.stringMatching(/^tok_/) }]);
    });
  });

  test.each([
    ['a token that was never issued', () => mintToken('access_token', 0).value],
    ['any other text', () => 'something else'],
    ['a JWT of another issuer', () => 'eyJhbGciOiJub25lIn0.eyJqdGkiOiJ0b2tfIn0.'],
  ])('%s gets 200 (RFC 7009 §2.2)', async (_what, value) => {
    const { client } = await makeParties(stack());
    expect(await stack().revoke(value(), client)).toMatchObject(revoked);
  });
});
