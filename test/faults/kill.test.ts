import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postgresDatabase, postgresUrl } from '../support/databases.ts';
import type { Credentials } from '../support/http.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { type Installation, install } from './installation.ts';

const jwtResource = 'https://jwt.example.com';

describe.each([
  ['embedded', true],
  ['Postgres', Boolean(postgresUrl)],
])('on %s', (name, present) => {
  const testHere = present ? test : test.skip;
  let installation: Installation;
  let server: ServerProcess;
  let client: Credentials;

  beforeAll(async () => {
    if (!present) return;
    installation = await install(
      name === 'embedded' ? {} : { DATABASE_URL: await postgresDatabase() },
    );
    server = await installation.start();
    const operator = await installation.operator(server);
    await operator.createResource({ identifier: jwtResource, name: 'JWT', token_format: 'jwt' });
    client = await operator.createClient({ resources: [jwtResource] });
  });
  afterAll(() => installation?.remove());

  const killAndRestart = async () => {
    await server.kill();
    server = await installation.start();
  };

  testHere('an issued token is active after kill -9', async () => {
    for (let round = 0; round < 3; round++) {
      const { status, body } = await server.token(client);
      expect(status).toBe(200);
      await killAndRestart();
      expect((await server.introspect(body.access_token, client)).body.active).toBe(true);
    }
  });

  testHere('an issued JWT is active after kill -9', async () => {
    const { status, body } = await server.token(client, { resource: jwtResource });
    expect(status).toBe(200);
    expect(body.access_token).toMatch(/^eyJ/);
    await killAndRestart();
    expect((await server.introspect(body.access_token, client)).body.active).toBe(true);
  });

  testHere(
    'of concurrent token requests, those with a response have active tokens after kill -9',
    async () => {
      const tokens: string[] = [];
      const asked = Array.from({ length: 100 }, async () => {
        const { body } = await server.token(client);
        tokens.push(body.access_token);
        if (tokens.length === 20) await server.kill();
      });
      await Promise.allSettled(asked);
      server = await installation.start();
      expect(tokens.length).toBeGreaterThanOrEqual(20);
      for (const token of tokens)
        expect((await server.introspect(token, client)).body.active).toBe(true);
    },
  );

  testHere('a token whose revocation was confirmed is inactive after kill -9', async () => {
    const { body } = await server.token(client);
    expect((await server.revoke(body.access_token, client)).status).toBe(200);
    await killAndRestart();
    expect((await server.introspect(body.access_token, client)).body).toEqual({ active: false });
  });

  testHere('the tokens of a disabled client stay inactive after kill -9', async () => {
    const operator = await installation.operator(server);
    const other = await operator.createClient({ resources: [jwtResource] });
    const { body } = await server.token(other);
    expect((await server.introspect(body.access_token, other)).body.active).toBe(true);
    expect((await operator.call('POST', `/clients/${other.id}/disable`)).status).toBe(200);
    await killAndRestart();
    const again = await installation.operator(server);
    expect((await again.call('POST', `/clients/${other.id}/enable`)).status).toBe(200);
    expect((await server.introspect(body.access_token, other)).body).toEqual({ active: false });
  });
});
