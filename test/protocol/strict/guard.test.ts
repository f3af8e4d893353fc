import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGuard, type Guard } from '../../../src/sdk/guard.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack } from '../../support/stacks.ts';
import { ath, createDpopKey, type DpopKey } from './support.ts';

onStack((stack) => {
  let guard: Guard;
  let key: DpopKey;
  let bound: string;
  let bearer: string;
  let resource: string;
  const url = 'https://api.example.com/v1/things';

  beforeAll(async () => {
    const parties = await makeParties(stack());
    resource = parties.resource;
    guard = createGuard({
      issuer: stack().issuer,
      resource,
      client: parties.resourceServer,
      url: 'https://api.example.com/v1/',
      reportSeconds: 3_600,
    });
    key = await createDpopKey();
    bearer = await parties.issue();
    const { body } = await stack().post(
      '/connect/token',
      { grant_type: 'client_credentials' },
      parties.client,
      { DPoP: await key.prove('POST', `${stack().issuer}/connect/token`) },
    );
    bound = body.access_token;
  });
  afterAll(() => guard.close());

  const admit = (authorization: string, dpop?: string, path = '/things?page=2') =>
    guard.admit({
      method: 'GET',
      url: path,
      headers: { authorization, ...(dpop !== undefined && { dpop }) },
    });
  const prove = (changes: Record<string, unknown> = {}, from = key) =>
    from.prove('GET', url, { ath: ath(bound), ...changes });

  test('the guard admits a bound token with a proof of its key, once', async () => {
    const proof = await prove();
    expect((await admit(`DPoP ${bound}`, proof)).caller).toBeDefined();
    expect((await admit(`DPoP ${bound}`, proof)).refusal).toMatchObject({
      status: 401,
      body: { error: 'invalid_dpop_proof' },
      headers: { 'WWW-Authenticate': expect.stringMatching(/^DPoP realm="[^"]+".*algs="/) },
    });
  });

  test('the guard challenges with its resource as realm (RFC 6750 §3)', async () => {
    const challengeTo = async (headers: Record<string, string>) =>
      (await guard.admit({ url: '/things', headers })).refusal?.headers['WWW-Authenticate'];
    const realm = `Bearer realm="${resource}"`;
    expect(await challengeTo({})).toBe(realm);
    expect(await challengeTo({ authorization: 'Bearer writ_at_nobody' })).toBe(
      `${realm}, error="invalid_token", error_description="The token is not active or not for this API."`,
    );
  });

  test('the guard refuses a bound token as Bearer, and a token that is not bound with a proof', async () => {
    expect((await admit(`Bearer ${bound}`)).refusal?.status).toBe(401);
    expect((await admit(`Bearer ${bound}`, await prove())).refusal?.status).toBe(401);
    const proof = await prove({ ath: ath(bearer) });
    expect((await admit(`DPoP ${bearer}`, proof)).refusal?.status).toBe(401);
    expect((await admit(`Bearer ${bearer}`)).caller).toBeDefined();
  });

  test('the guard refuses proofs for another method, URL, token or key', async () => {
    const proofs = [
      undefined,
      'x',
      await prove({ htm: 'POST' }),
      await prove({ htu: 'https://api.example.com/things' }),
      await prove({ htu: 'https://other.example.com/v1/things' }),
      await prove({ ath: ath(bearer) }),
      await prove({ iat: 1 }),
      await prove({}, await createDpopKey()),
      `${await prove()}, ${await prove()}`,
    ];
    for (const proof of proofs)
      expect((await admit(`DPoP ${bound}`, proof)).refusal?.status).toBe(401);
  });
});
