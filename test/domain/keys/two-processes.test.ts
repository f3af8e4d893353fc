import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { type Installation, install } from '../../faults/installation.ts';
import { postgresDatabase, postgresUrl } from '../../support/databases.ts';
import type { ApiClient, Credentials, Http } from '../../support/http.ts';
import { until } from '../../support/process.ts';
import type { ServerProcess } from '../../support/server-process.ts';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
const resource = 'https://jwt.example.com';
const issuer = 'http://localhost:3000';

/** A resource server that caches the JWK Set for exactly its max-age and does not refetch it for unknown keys. */
function createVerifier(server: Http) {
  let kept: { keys: ReturnType<typeof createLocalJWKSet>; until: number } | undefined;
  return async (token: string): Promise<void> => {
    if (!kept || performance.now() > kept.until) {
      const { body, headers } = await server.get('/.well-known/openid-configuration/jwks');
      const maxAge = Number(/max-age=(\d+)/.exec(headers.get('cache-control') ?? '')?.[1]);
      kept = { keys: createLocalJWKSet(body), until: performance.now() + maxAge * 1000 };
    }
    await jwtVerify(token, kept.keys, { issuer, audience: resource, typ: 'at+jwt' });
  };
}

const kidOf = (token: string): string => String(decodeProtectedHeader(token).kid);

(postgresUrl && redisUrl ? describe : describe.skip)(
  'keys of two processes on one Postgres',
  () => {
    let installation: Installation;
    let a: ServerProcess;
    let b: ServerProcess;
    let operator: ApiClient;
    let client: Credentials;
    let resourceServer: Credentials;

    beforeAll(async () => {
      installation = await install({
        DATABASE_URL: await postgresDatabase(),
        REDIS_URL: redisUrl,
        JWKS_MAX_AGE_SECONDS: '1',
      });
      [a, b] = await Promise.all([installation.start(), installation.start()]);
      operator = await installation.operator(a);
      await operator.createResource({ identifier: resource, token_format: 'jwt' });
      client = await operator.createClient({ resources: [resource] });
      resourceServer = await operator.createClient({ resource_server_for: [resource] });
    });
    afterAll(() => installation?.remove());

    const issue = async (server: Http): Promise<string> => {
      const { status, body, text } = await server.token(client, { resource });
      if (status !== 200) throw new Error(text);
      return body.access_token;
    };

    /** Rotates as soon as every verifier knows the announced key. */
    const rotate = () =>
      until('the announced keys to be known', async () => {
        const { status, body } = await operator.call('POST', '/keys/rotate', { alg: 'ES256' });
        if (status !== 200) throw new Error(body.error_description);
      });

    test('during rotations, every JWT of both processes verifies at once with a JWK Set cached for its max-age, and all stay active', async () => {
      const verifiers = [a, b, a, b].map(createVerifier);
      const issued = { a: new Map<string, string>(), b: new Map<string, string>() };
      let rotating = true;
      const work = async (server: ServerProcess, tokens: Map<string, string>) => {
        while (rotating || tokens.size < 3) {
          const token = await issue(server);
          for (const verify of verifiers) await verify(token);
          tokens.set(kidOf(token), token);
        }
      };
      const working = [work(a, issued.a), work(b, issued.b)];
      const rotations = (async () => {
        for (let count = 0; count < 2; count++) {
          await rotate();
          const { body } = await operator.call('GET', '/keys');
          const signing = body.items.find(
            (key: { alg: string; state: string }) => key.alg === 'ES256' && key.state === 'signing',
          );
          await until('both to sign with the new key', async () => {
            for (const tokens of [issued.a, issued.b])
              if (!tokens.has(signing.kid)) throw new Error('not yet');
          });
        }
        rotating = false;
      })();
      await Promise.all([...working, rotations]);

      expect([...issued.a.keys()].sort()).toEqual([...issued.b.keys()].sort());
      for (const token of [...issued.a.values(), ...issued.b.values()])
        for (const server of [a, b]) {
          await createVerifier(server)(token);
          const { body } = await server.introspect(token, resourceServer);
          expect(body).toMatchObject({ active: true, client_id: client.id });
        }
    });

    test('a key revoked at one process makes its JWTs inactive at the other, which then publishes and uses the next key', async () => {
      for (let round = 0; round < 3; round++) {
        const token = await issue(a);
        expect((await b.introspect(token, resourceServer)).body.active).toBe(true);
        expect((await operator.call('DELETE', `/keys/${kidOf(token)}`)).status).toBe(204);
        expect((await b.introspect(token, resourceServer)).body).toEqual({ active: false });
        expect((await a.introspect(token, resourceServer)).body).toEqual({ active: false });
        await until('B to sign with another key', async () => {
          const next = await issue(b);
          if (kidOf(next) === kidOf(token)) throw new Error('still the revoked one');
        });
        await until('B to publish it no more', async () =>
          expect(createVerifier(b)(token)).rejects.toThrow('no applicable key'),
        );
      }
    });
  },
);
