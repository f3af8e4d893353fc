import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { basic, type Credentials } from '../../support/http.ts';
import { onStack } from '../../support/stacks.ts';
import {
  expectRefusal,
  form,
  formEndpoints,
  leavesNoTrace,
  type RawRequest,
  send,
} from './support.ts';

const megabytes = Buffer.alloc(2 * 1024 * 1024, 'a');
const type = (name: string) => ({ 'content-type': name });
const grant = 'grant_type=client_credentials';

/** Bodies from which no endpoint can read a request, with the status if only one is correct. */
const bodies: Record<string, Omit<RawRequest, 'path'> & { status?: number }> = {
  'no body at all': {},
  'an empty form': { headers: form, body: '' },
  'a form of separators': { headers: form, body: '&&&===&=&' },
  'a form of names without values': { headers: form, body: 'grant_type&token&client_id' },
  'a form of a NUL': { headers: form, body: '%00' },
  'a form with over a thousand unknown parameters': {
    headers: form,
    body: Array.from({ length: 2_000 }, (_, index) => `p${index}=v`).join('&'),
  },
  'a form with the property names of every object': {
    headers: form,
    body: '__proto__=x&constructor=y&toString=z&hasOwnProperty=1',
  },
  'a form with brackets': { headers: form, body: 'grant_type[]=client_credentials&token[x]=y' },
  'random bytes that are not UTF-8': {
    headers: form,
    body: Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc0, 0xaf, 0xed, 0xa0, 0x80]),
    status: 400,
  },
  'a compressed form': {
    headers: { ...form, 'content-encoding': 'gzip' },
    body: gzipSync(`${grant}&token=x`),
    status: 415,
  },
  'a form in an unknown encoding': {
    headers: { ...form, 'content-encoding': 'klingon' },
    body: grant,
    status: 415,
  },
  'a form in an unknown charset': {
    headers: type('application/x-www-form-urlencoded; charset=klingon'),
    body: 'x=y',
    status: 415,
  },
  'a form of 2 MB': {
    headers: form,
    body: Buffer.concat([Buffer.from('token='), megabytes]),
    status: 413,
  },
  'a form of 2 MB in chunks': {
    headers: form,
    body: Buffer.concat([Buffer.from('token='), megabytes]),
    chunked: true,
  },
  '2 MB of unknown content': { headers: type('application/octet-stream'), body: megabytes },
  '2 MB without a type': { body: megabytes },
  JSON: {
    headers: type('application/json'),
    body: '{"grant_type":"client_credentials"}',
    status: 415,
  },
  'broken JSON': { headers: type('application/json'), body: '{"grant_type":', status: 415 },
  'a multipart form': {
    headers: type('multipart/form-data; boundary=x'),
    body: '--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--x--',
    status: 415,
  },
  'plain text': { headers: type('text/plain'), body: grant, status: 415 },
  XML: {
    headers: type('application/xml'),
    body: '<!DOCTYPE a [<!ENTITY b SYSTEM "c">]>',
    status: 415,
  },
  'an invalid type': { headers: type('nonsense'), body: grant, status: 415 },
};

onStack((stack) => {
  let client: Credentials;
  beforeAll(async () => {
    client = await stack().api.createClient();
  });

  describe.each(formEndpoints)('%s refuses, and writes nothing for,', (path) => {
    test.each(Object.entries(bodies))('%s', async (_name, { status, ...body }) => {
      await leavesNoTrace(stack(), async () => {
        for (const authorization of [undefined, basic(client)]) {
          const headers = { ...body.headers, ...(authorization && { authorization }) };
          const answer = await send(stack(), { path, ...body, headers });
          expectRefusal(answer);
          if (status) expect(answer.status).toBe(status);
        }
      });
    });

    test('a body that is shorter than its length', async () => {
      await leavesNoTrace(stack(), async () => {
        const { hostname, port } = new URL(stack().origin);
        const socket = connect(Number(port), hostname);
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.on('error', () => {});
        socket.resume();
        socket.end(
          `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n${grant}`,
        );
        await closed;
      });
    });
  });
});
