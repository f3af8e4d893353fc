import { describe, expect, test } from '@jest/globals';
import { basic } from '../../support/http.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack } from '../../support/stacks.ts';

/** What introspection and revocation share: authentication and the request. */
onStack((stack) => {
  describe.each(['/connect/introspect', '/connect/revocation'])('%s', (path) => {
    const post = (...rest: unknown[]) =>
      stack().post(path, ...(rest as [Record<string, string>, { id: string; secret: string }]));

    const refused = (status: number, error: string) => ({
      status,
      body: { error, error_description: expect.any(String) },
    });

    test('responds with 401 invalid_client to a wrong secret and an unknown client alike', async () => {
      const { client, issue } = await makeParties(stack());
      const token = await issue();
      const answers = [
        await post({ token }, { id: client.id, secret: 'wrong' }),
        await post({ token }, { id: 'nobody', secret: client.secret }),
      ];
      for (const answer of answers) {
        expect(answer).toMatchObject(refused(401, 'invalid_client'));
        expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
      }
      expect(answers[0]?.text).toBe(answers[1]?.text);
      expect((await stack().introspect(token, client)).body.active).toBe(true);
    });

    test('responds with 401 to a wrong secret in the body, without a Basic challenge', async () => {
      const { client, issue } = await makeParties(stack());
      const answer = await stack().post(path, {
        token: await issue(),
        client_id: client.id,
        client_secret: 'wrong',
      });
      expect(answer).toMatchObject(refused(401, 'invalid_client'));
      expect(answer.headers.has('www-authenticate')).toBe(false);
    });

    test('responds with 401 to a confidential client without a secret', async () => {
      const { client, issue } = await makeParties(stack());
      const form = { token: await issue(), client_id: client.id };
      expect(await stack().post(path, form)).toMatchObject(refused(401, 'invalid_client'));
    });

    test('accepts the credentials in the body as well', async () => {
      const { client, issue } = await makeParties(stack());
      const { status } = await stack().post(path, {
        token: await issue(),
        client_id: client.id,
        client_secret: client.secret,
      });
      expect(status).toBe(200);
    });

    test.each<[string, Record<string, string>]>([
      ['no credentials', {}],
      ['a scheme that is not Basic', { authorization: 'Bearer abc' }],
      ['Basic that is not base64', { authorization: 'Basic ???' }],
      ['Basic without a colon', { authorization: `Basic ${btoa('nobody')}` }],
      ['Basic with a broken percent-encoding', { authorization: `Basic ${btoa('a:%zz')}` }],
    ])('responds with 401 to %s', async (_what, headers) => {
      const { issue } = await makeParties(stack());
      const answer = await stack().post(path, { token: await issue() }, undefined, headers);
      expect(answer).toMatchObject(refused(401, 'invalid_client'));
      const challenge = answer.headers.get('www-authenticate');
      if (headers['authorization']) expect(challenge).toMatch(/^Basic realm=/);
      else expect(challenge).toBeNull();
    });

    test('responds with 400 to two ways of authentication, and to two clients', async () => {
      const { client, issue } = await makeParties(stack());
      const token = await issue();
      for (const more of [{ client_secret: client.secret }, { client_id: 'somebody' }])
        expect(await post({ token, ...more }, client)).toMatchObject(
          refused(400, 'invalid_request'),
        );
    });

    test('responds with 400 if the token is missing or repeated', async () => {
      const { client } = await makeParties(stack());
      const [missing, twice] = [
        await post({}, client),
        await stack().post(
          path,
          [
            ['token', 'a'],
            ['token', 'b'],
          ],
          client,
        ),
      ];
      expect(missing).toMatchObject(refused(400, 'invalid_request'));
      expect(twice).toMatchObject(refused(400, 'invalid_request'));
    });

    test('responds with 405, 413 and 415 to anything but a small posted form', async () => {
      const { client } = await makeParties(stack());
      const authorization = basic(client);
      const send = (method: string, type: string, body?: string) =>
        stack().request(method, path, {
          headers: { authorization, ...(type && { 'content-type': type }) },
          ...(body !== undefined && { body }),
        });
      const form = 'application/x-www-form-urlencoded';
      const get = await send('GET', '');
      expect(get.status).toBe(405);
      expect(get.headers.get('allow')).toContain('POST');
      expect((await send('POST', 'application/json', '{"token":"a"}')).status).toBe(415);
      expect((await send('POST', form, `token=${'a'.repeat(2 << 20)}`)).status).toBe(413);
    });

    test('forbids caching in every response', async () => {
      const { client, issue } = await makeParties(stack());
      const answers = [
        await post({ token: await issue() }, { id: client.id, secret: 'wrong' }),
        await post({ token: await issue() }, client),
        await post({ token: 'unknown' }, client),
        await post({}, client),
      ];
      expect(answers.map(({ headers }) => headers.get('cache-control'))).toEqual(
        Array(4).fill('no-store'),
      );
    });
  });
});
