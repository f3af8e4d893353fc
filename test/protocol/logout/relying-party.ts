import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { keepSecret } from '../../support/run-records.ts';
import { type Stack, unique } from '../../support/stacks.ts';

/** A logout token that arrived at a relying party, verified with the keys of the server. */
export interface Told {
  alg: string | undefined;
  claims: JWTPayload & { sid?: string; events?: object; nonce?: unknown };
}

/**
 * A relying party whose server listens on a loopback address. The server under test never connects to one, so requests to
 * the host of the relying party are led there; everything else about the request stays as it is.
 */
export async function startRelyingParty(stack: () => Stack) {
  const origin = `https://${unique('rp')}.example`;
  const arrived: { path: string; type: string | undefined; form: URLSearchParams; at: Date }[] = [];
  let answer: (attempt: number) => number = () => 200;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    keepSecret('logout_token', form.get('logout_token') ?? '');
    arrived.push({
      path: request.url ?? '',
      type: request.headers['content-type'],
      form,
      at: new Date(),
    });
    response.writeHead(answer(arrived.length)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const url = String(input);
    if (!url.startsWith(`${origin}/`)) return fetch(input, init);
    // Without the guard of the engine, which refuses loopback addresses.
    const { dispatcher: _guard, ...rest } = (init ?? {}) as RequestInit & { dispatcher?: unknown };
    return fetch(url.replace(origin, `http://127.0.0.1:${port}`), rest as RequestInit);
  };
  return {
    origin,
    backchannelUri: `${origin}/backchannel?of=writ`,
    /** What has arrived so far, whatever was answered. */
    arrived,
    /** Responds with these statuses from now on. */
    answerWith: (statuses: (attempt: number) => number) => {
      answer = statuses;
    },
    /** The logout tokens that have arrived, verified for that moment as Back-Channel Logout 1.0 §2.6 wants. */
    async told(clientId: string): Promise<Told[]> {
      const keys = createLocalJWKSet(
        (await stack().get('/.well-known/openid-configuration/jwks')).body,
      );
      return Promise.all(
        arrived.map(async ({ form, at }) => {
          const token = form.get('logout_token') ?? '';
          const { payload } = await jwtVerify(token, keys, {
            issuer: stack().issuer,
            audience: clientId,
            typ: 'logout+jwt',
            currentDate: at,
          });
          return { alg: decodeProtectedHeader(token).alg, claims: payload as Told['claims'] };
        }),
      );
    },
    async close(): Promise<void> {
      globalThis.fetch = fetch;
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type RelyingParty = Awaited<ReturnType<typeof startRelyingParty>>;
