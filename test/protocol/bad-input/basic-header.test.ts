import { beforeAll, describe, expect, test } from '@jest/globals';
import { basic, type Credentials } from '../../support/http.ts';
import { onStack } from '../../support/stacks.ts';
import { expectRefusal, form, leavesNoTrace, send } from './support.ts';

const encoded = (text: string | Buffer) => `Basic ${Buffer.from(text).toString('base64')}`;

const headers: Record<string, string> = {
  'a scheme without credentials': 'Basic',
  'a scheme and a space': 'Basic ',
  'not base64': 'Basic !!!!',
  'base64 with characters of the URL alphabet': 'Basic bm9ib2R5Om5v_-aW5n',
  'truncated base64': 'Basic bm9ib2R5Om5vdGhpb',
  'base64 with too much padding': 'Basic bm9ib2R5Om5vdGhpbmc====',
  'base64 with trailing text': 'Basic bm9ib2R5Om5vdGhpbmc= more',
  'credentials without a colon': encoded('nobody'),
  'only a colon': encoded(':'),
  'a secret without a client': encoded(':secret'),
  'a client without a secret': encoded('nobody:'),
  'a NUL in the client': encoded('no\0body:secret'),
  'an escaped NUL in the client': encoded('no%00body:secret'),
  'a NUL in the secret': encoded('nobody:sec\0ret'),
  'an escaped NUL in the secret': encoded('nobody:sec%00ret'),
  'a lone percent sign': encoded('nobody:100%'),
  'an escape without hex digits': encoded('%zz:secret'),
  'an escape that is not UTF-8': encoded('%ff%fe:secret'),
  'bytes that are not UTF-8': encoded(Buffer.from([0xff, 0xfe, 0x3a, 0x80])),
  'odd Unicode': encoded('\u{1F600}\u202E:e\u0301'),
  '12 kB of credentials': encoded(`${'a'.repeat(4_500)}:${'b'.repeat(4_500)}`),
  'an unknown client': encoded('nobody:nothing'),
  'another scheme': 'Digest username="nobody"',
  'an unknown scheme': 'Nonsense nonsense',
  'a bearer token': 'Bearer writ_at_0000',
  'bytes outside ASCII': 'Basic \u00e9\u00ff',
};

onStack((stack) => {
  let client: Credentials;
  beforeAll(async () => {
    client = await stack().api.createClient();
  });

  describe.each(['/connect/token', '/connect/introspect', '/connect/revocation', '/connect/par'])(
    '%s refuses in the Authorization header',
    (path) => {
      const ask = (authorization: string, more = '') =>
        send(stack(), {
          path,
          headers: { ...form, authorization },
          body: `grant_type=client_credentials&token=x&response_type=code${more}`,
        });

      test.each(Object.entries(headers))('%s', async (_name, authorization) => {
        await leavesNoTrace(stack(), async () => {
          const answer = await ask(authorization);
          expectRefusal(answer);
          expect([400, 401]).toContain(answer.status);
          if (answer.status === 401)
            expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
        });
      });

      test('a client, if the body names another', async () => {
        await leavesNoTrace(stack(), async () => {
          expectRefusal(await ask(basic(client), '&client_id=another'));
        });
      });

      test('a secret that the body repeats: a client authenticates in only one way (RFC 6749 §2.3)', async () => {
        await leavesNoTrace(stack(), async () => {
          const body = `&client_id=${client.id}&client_secret=${client.secret}`;
          expectRefusal(await ask(basic(client), body));
        });
      });

      test('100 kB, before anything reads them', async () => {
        await leavesNoTrace(stack(), async () => {
          const refused = await ask(encoded('a'.repeat(100_000))).then(
            ({ status }) => status,
            // Node closes the connection while the rest is still being sent.
            ({ code }) => code,
          );
          expect([431, 'ECONNRESET', 'EPIPE']).toContain(refused);
        });
      });
    },
  );
});
