// The same requests on the fast path of the token endpoint and on that of the engine, and what each leaves.
import { jest } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import Koa from 'koa';
import { sql } from 'kysely';
import { parsePublicId, parseToken } from '../../../src/domain/tokens/value.ts';
import { basicHeader } from '../../../src/protocol/client-authentication.ts';
import { type Answer, type Form, post } from '../../support/form-post.ts';
import type { Credentials } from '../../support/http.ts';
import type { Stack } from '../../support/stacks.ts';

export const basic = ({ id, secret }: Credentials) => ({
  authorization: basicHeader({ clientId: id, secret }),
});

/** Headers, but for what differs between two requests by nature. */
export const steady = ({
  date: _d,
  'x-request-id': id,
  'content-length': _l,
  ...headers
}: Answer['headers']) => ({
  ...headers,
  'x-request-id': typeof id,
});

/** The claims of a JWT, but for what differs between two tokens by nature. */
export const claims = (value: string) => {
  const { jti: _j, iat, exp, ...rest } = decodeJwt(value);
  return { ...rest, lifetime: Number(exp) - Number(iat), header: decodeProtectedHeader(value) };
};

export function tokenPaths(stack: () => Stack) {
  /** The answer to a request, and whether it came from before Koa. `isChunked` makes it take the engine's path. */
  async function ask(form: Form, headers: Record<string, string>, { isChunked = false } = {}) {
    const handled = jest.spyOn(
      Koa.prototype as unknown as { handleRequest: () => void },
      'handleRequest',
    );
    const answer = await post(`${stack().origin}/connect/token`, form, headers, { isChunked });
    const isFast = handled.mock.calls.length === 0;
    handled.mockRestore();
    return { answer, isFast };
  }

  return {
    ask,

    /** The answers of both paths, and whether the first one came from before Koa. */
    async both(form: Form, headers: Record<string, string>) {
      const { answer: fast, isFast } = await ask(form, headers);
      const { answer: slow } = await ask(form, headers, { isChunked: true });
      return { fast, slow, isFast };
    },

    /** Everything that is stored of a token, but for what differs between two tokens by nature. */
    async rowOf(value: string) {
      const jti = value.startsWith('ey') ? String(decodeJwt(value).jti) : undefined;
      const id = jti ? parsePublicId(jti) : parseToken(value)?.id;
      const { rows } = await sql<Record<string, unknown>>`
        select * from token where shelf = ${id?.partition} and key = ${id?.key}`.execute(
        stack().database.kysely,
      );
      const { key: _k, digest, issued_at, expires_at, ...row } = rows[0] ?? {};
      return {
        ...row,
        hasDigest: digest !== null,
        lifetime: Number(expires_at) - Number(issued_at),
      };
    },

    async introspected(value: unknown, asker: Credentials) {
      const {
        iat: _i,
        exp: _e,
        jti: _j,
        ...rest
      } = (await stack().introspect(String(value), asker)).body;
      return rest;
    },
  };
}
