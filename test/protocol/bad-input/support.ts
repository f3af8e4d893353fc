import * as http from 'node:http';
import { expect } from '@jest/globals';
import { continuePath, endpoints } from '../../../src/oauth/paths.ts';
import type { Stack } from '../../support/stacks.ts';

/** The endpoints that take a form. */
export const formEndpoints = [
  '/connect/token',
  '/connect/deviceauthorization',
  '/connect/introspect',
  '/connect/revocation',
  '/connect/par',
  '/connect/userinfo',
];

/** The codes of RFC 6749 §4.1.2.1 and §5.2, 6750 §3.1, 7009 §2.2.1, 8707 §2 and OpenID Connect Core §3.1.2.6. */
const codes = [
  'access_denied',
  'insufficient_scope',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_request_object',
  'invalid_request_uri',
  'invalid_redirect_uri',
  'invalid_scope',
  'invalid_target',
  'invalid_token',
  'request_not_supported',
  'request_uri_not_supported',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_mode',
  'unsupported_response_type',
  'unsupported_token_type',
];

const statuses = [400, 401, 403, 404, 405, 413, 415];

export interface RawRequest {
  method?: string;
  path: string;
  headers?: http.OutgoingHttpHeaders;
  body?: string | Buffer;
  /** In chunks, without Content-Length. */
  chunked?: boolean;
}

export interface RawAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

export const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** Sends a malformed request. */
export function send(
  { origin }: Pick<Stack, 'origin'>,
  { method = 'POST', path, headers = {}, body, chunked = false }: RawRequest,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request(origin + path, {
      method,
      agent: false,
      headers: {
        ...headers,
        ...(body !== undefined &&
          (chunked
            ? { 'transfer-encoding': 'chunked' }
            : { 'content-length': Buffer.byteLength(body) })),
      },
    });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    if (body !== undefined && chunked) {
      const bytes = Buffer.from(body);
      for (let at = 0; at < bytes.length; at += 16_384)
        request.write(bytes.subarray(at, at + 16_384));
    } else if (body !== undefined) request.write(body);
    request.end();
  });
}

/** Expects an error code of an RFC with its status, a sentence in the characters of RFC 6749, in JSON, and nothing internal. */
export function expectRefusal({ status, headers, text }: RawAnswer): void {
  expect({ status, text }).toEqual({ status: expect.any(Number), text: expect.any(String) });
  if (!statuses.includes(status)) throw new Error(`answered ${status}: ${text}`);
  expect(headers['content-type']).toMatch(/^application\/json/);
  const body = JSON.parse(text);
  expect(codes).toContain(body.error);
  // RFC 6749 §5.2.
  expect(body.error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/);
  expect(text).not.toMatch(/\bat .*\.(js|ts)\b|node_modules|postgres|select /i);
}

/** Expects a refusal, or a response without effect: asking about an unknown token is not an error. */
export function expectNothingGained(path: string, answer: RawAnswer): void {
  // A form from another site has no cookies, so its request is read again from the URL, where it can be refused.
  if (path === endpoints.authorization && answer.status === 303)
    expect(answer.headers.location).toContain(`${continuePath}?request=`);
  else if (answer.status !== 200) expectRefusal(answer);
  else if (path === '/connect/introspect') expect(answer.text).toBe('{"active":false}');
  else {
    expect(path).toBe('/connect/revocation');
    expect(answer.text).toBe('{}');
  }
}

const tables = ['token', 'artifact', 'redemption', 'oauth_grant'] as const;

async function stored({ database }: Stack): Promise<Record<string, number>> {
  const counts = await Promise.all(
    tables.map(async (table) => {
      const { count } = await database.kysely
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow();
      return [table, Number(count)] as const;
    }),
  );
  return Object.fromEntries(counts);
}

/** Runs bad input, and expects that nothing is written, the log has no error, and the server works. */
export async function leavesNoTrace(stack: Stack, run: () => Promise<void>): Promise<void> {
  const before = await stored(stack);
  const logged = stack.logged().length;
  await run();
  expect(await stored(stack)).toEqual(before);
  const troubles = stack
    .logged()
    .slice(logged)
    .split('\n')
    .filter((line) => /"level":[56]0/.test(line));
  expect(troubles).toEqual([]);
  expect((await stack.get('/.well-known/openid-configuration')).status).toBe(200);
}

/** Random numbers from 0 to 1 that are the same in every run, so a failure can be repeated (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
