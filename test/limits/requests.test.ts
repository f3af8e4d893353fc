// Limits for strangers, on a server with small limits. Each test uses networks of its own.
import { beforeAll, describe, expect, test } from '@jest/globals';
import bcrypt from 'bcrypt';
import { makeLoginClient } from '../protocol/authorization/support.ts';
import type { Credentials } from '../support/http.ts';
import { openApi } from '../support/open-api.ts';
import { makePerson } from '../support/people.ts';
import { onStack, unique } from '../support/stacks.ts';
import { statementsOf } from '../support/statements.ts';
import { createVisitor } from '../support/visitor.ts';

let networks = 0;
/** An address in a network that no other test uses. */
const network = () => `198.51.100.${++networks}`;

const limits = [
  'authorization.network=3/60',
  'authorization.account_client=2/60',
  'authorization.account=3/60',
  'device_authorization.network=5/60',
  'device_authorization.client=3/60',
  'pushed_authorization.client=2/60',
  'client_authentication.network=12/60',
  'client_authentication.client=3/60',
  'grant.network=2/60',
  'bearer.network=2/60',
  'graphql.network=2/60',
  'pages.network=2/60',
  'documents.network=2/60',
].join(',');

onStack(
  (stack) => {
    const from = (ip: string) => ({ 'x-forwarded-for': ip });
    const post = (path: string, form: Record<string, string>, ip: string, client?: Credentials) =>
      stack().post(path, form, client, from(ip));
    const begin = (ip: string, client: Credentials) =>
      post('/connect/deviceauthorization', { client_id: client.id }, ip);
    const token = (ip: string, client: Credentials) =>
      post('/connect/token', { grant_type: 'client_credentials' }, ip, client);
    const wrongOf = ({ id }: Credentials) => ({ id, secret: 'wrong' });

    let resource: string;
    let speckleApp: string;
    beforeAll(async () => {
      resource = await openApi(stack(), { isDefault: true });
      const { id } = await stack().api.createClient({
        resources: ['https://speckle.systems'],
        redirect_uris: ['https://app.example/back'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_post',
        scope: 'streams:read',
      });
      speckleApp = id;
    });
    const makeDeviceClient = () =>
      stack().api.createClient({
        token_endpoint_auth_method: 'none',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
      });
    const makeClient = () =>
      stack().api.createClient({
        grant_types: ['client_credentials'],
        resource_server_for: [resource],
      });
    /** A client whose secret needs a slow hash. */
    const makeSlowClient = async () => {
      const client = await makeClient();
      const hash = await bcrypt.hash('a phrase that people chose', 4);
      const { status } = await stack().api.call('POST', `/clients/${client.id}/secrets`, { hash });
      expect(status).toBe(201);
      return { id: client.id, secret: 'a phrase that people chose', generated: client };
    };

    test('each response of a limited endpoint states what is left, and a 429 when to retry, in the RateLimit fields of the IETF draft', async () => {
      const client = await makeDeviceClient();
      const ip = network();
      const first = await begin(ip, client);
      expect(first.status).toBe(200);
      expect(first.headers.get('ratelimit-policy')).toMatch(
        /^"device_authorization\.client";q=3;w=60$/,
      );
      expect(first.headers.get('ratelimit')).toMatch(/^"device_authorization\.client";r=2;t=\d+$/);
    });

    test('a network that floods device logins is refused, stores nothing more, and others are served', async () => {
      const ip = network();
      for (let sent = 0; sent < 5; sent++)
        expect((await begin(ip, await makeDeviceClient())).status).toBe(200);
      const client = await makeDeviceClient();
      const statements = await statementsOf(stack().database, async () => {
        const refused = await begin(ip, client);
        expect(refused).toMatchObject({ status: 429, body: { error: 'too_many_requests' } });
        expect(refused.headers.get('ratelimit')).toMatch(
          /^"device_authorization\.network";r=0;t=\d+$/,
        );
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(refused.headers.get('content-type')).toContain('json');
      });
      expect(statements).toEqual([]);
      expect((await begin(network(), client)).status).toBe(200);
    });

    test('addresses of one IPv6 /64 count as one network', async () => {
      const client = await makeClient();
      for (let sent = 0; sent < 3; sent++)
        expect((await token(`2001:db8:1:1::${sent + 1}`, wrongOf(client))).status).toBe(401);
      expect((await token('2001:db8:1:1::ffff', wrongOf(client))).status).toBe(429);
      expect((await token('2001:db8:1:2::1', wrongOf(client))).status).toBe(401);
    });

    test('the device logins of one client are limited, and each network keeps its share', async () => {
      const client = await makeDeviceClient();
      const [greedy, other] = [network(), network()];
      for (let sent = 0; sent < 3; sent++) await begin(greedy, client);
      const answers = [];
      for (let sent = 0; sent < 6; sent++) answers.push((await begin(other, client)).status);
      // Five from its share; the sixth exceeds the share of its network.
      expect(answers).toEqual([200, 200, 200, 200, 200, 429]);
    });

    test('pushed requests of an authenticated client are limited', async () => {
      const client = await stack().api.createClient({
        grant_types: ['authorization_code'],
        resources: [resource],
        response_types: ['code'],
        redirect_uris: ['https://app.example/cb'],
      });
      const ip = network();
      const push = (secret = client.secret) =>
        post(
          '/connect/par',
          {
            client_id: client.id,
            response_type: 'code',
            scope: 'things:read',
            redirect_uri: 'https://app.example/cb',
            code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
            code_challenge_method: 'S256',
          },
          ip,
          { id: client.id, secret },
        );
      for (let sent = 0; sent < 3; sent++) expect((await push('wrong')).status).toBe(401);
      const bodies = [];
      for (let sent = 0; sent < 8; sent++) bodies.push((await push()).body);
      // Two from the client's limit, and five more from the share of its network.
      expect(bodies.filter(({ request_uri }) => request_uri)).toHaveLength(7);
      expect(bodies.at(-1)).toMatchObject({ error: 'too_many_requests' });
    });

    test('too many authorization requests of a network result in a page that says so', async () => {
      const ip = network();
      const ask = () => stack().get('/connect/authorize?client_id=none', from(ip));
      for (let sent = 0; sent < 3; sent++) expect((await ask()).status).toBe(400);
      const refused = await ask();
      expect(refused.status).toBe(429);
      expect(refused.headers.get('content-type')).toContain('text/html');
      expect(refused.text).toContain('Too many requests');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    test('each process limits pages and documents without a store', async () => {
      const ip = network();
      for (const path of ['/sign-in', '/.well-known/openid-configuration']) {
        const statuses: number[] = [];
        const statements = await statementsOf(stack().database, async () => {
          for (let sent = 0; sent < 3; sent++)
            statuses.push((await stack().get(path, from(ip))).status);
        });
        // The metadata itself has the types of authorization details of all resources.
        const ofLimits = statements.filter((name) => name !== 'resource-details-types');
        expect([path, statuses, ofLimits]).toEqual([path, [200, 200, 429], []]);
      }
    });

    describe('wrong credentials of clients', () => {
      test('are refused above the limit across all endpoints, and the correct generated secret never is', async () => {
        const client = await makeClient();
        const ip = network();
        const { access_token: value } = (await token(ip, client)).body;
        const tries = [
          () => token(ip, wrongOf(client)),
          () => post('/connect/introspect', { token: value }, ip, wrongOf(client)),
          () => post('/connect/revocation', { token: value }, ip, wrongOf(client)),
        ];
        for (const attempt of tries) expect((await attempt()).status).toBe(401);
        for (const attempt of tries) {
          const refused = await attempt();
          expect(refused).toMatchObject({ status: 429, body: { error: 'too_many_requests' } });
          expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
          expect(refused.headers.get('www-authenticate')).toBeNull();
        }
        expect((await token(ip, client)).status).toBe(200);
        expect((await post('/connect/introspect', { token: value }, ip, client)).status).toBe(200);
        expect((await post('/connect/revocation', { token: value }, ip, client)).status).toBe(200);
      });

      test('of unknown client ids count for their network', async () => {
        const ip = network();
        const attempt = () => token(ip, { id: unique('nobody'), secret: 'wrong' });
        for (let sent = 0; sent < 12; sent++) expect((await attempt()).status).toBe(401);
        expect((await attempt()).status).toBe(429);
      });

      test('are counted before a slow hash is computed: above the limit none is computed, not even for the correct secret', async () => {
        const client = await makeSlowClient();
        const ip = network();
        // Concurrently: only as many as the limit are hashed.
        const statuses = await Promise.all(
          Array.from({ length: 8 }, async () => (await token(ip, wrongOf(client))).status),
        );
        expect(statuses.filter((status) => status === 401)).toHaveLength(3);
        expect(statuses.filter((status) => status === 429)).toHaveLength(5);
        expect((await token(ip, client)).status).toBe(429);
        expect((await token(ip, client.generated)).status).toBe(200);
        expect((await token(network(), client)).status).toBe(200);
      });
    });

    test('an ordinary token request uses no store for its limits', async () => {
      const client = await makeClient();
      const ip = network();
      await token(ip, client);
      const { redis, database } = stack();
      const keys = async () => (await redis?.keys('writ:limit:*'))?.length;
      const before = await keys();
      const statements = await statementsOf(database, () => token(ip, client));
      expect(await keys()).toBe(before);
      expect(statements.filter((name) => /rlflx|limit/.test(name))).toEqual([]);
    });

    test('unknown codes and refresh tokens count for their network', async () => {
      const client = await makeClient();
      const ip = network();
      const attempt = () =>
        post('/connect/token', { grant_type: 'refresh_token', refresh_token: 'none' }, ip, client);
      await stack().api.call('PATCH', `/clients/${client.id}`, {
        grant_types: ['client_credentials', 'refresh_token'],
      });
      for (let sent = 0; sent < 2; sent++)
        expect((await attempt()).body.error).toBe('invalid_grant');
      expect((await attempt()).status).toBe(429);
      expect((await token(ip, client)).status).toBe(200);
    });

    test.each(['/connect/userinfo', '/api/v1/clients'])(
      'refused bearer tokens at %s count for their network',
      async (path) => {
        const ip = network();
        const ask = (value: string) =>
          stack().get(path, { ...from(ip), authorization: `Bearer ${value}` });
        for (let sent = 0; sent < 2; sent++) expect((await ask('none')).status).toBe(401);
        expect((await ask('none')).status).toBe(429);
      },
    );

    test.each([
      ['GET', (value: string) => `/auth/accesscode?appId=${speckleApp}&challenge=c&token=${value}`],
      ['POST', () => '/auth/logout'],
    ] as const)(
      'tokens that a dialect refuses in its own format count too: %s',
      async (method, pathOf) => {
        const ip = network();
        const ask = (value: string) =>
          stack().request(method, pathOf(value), {
            headers: { ...from(ip), 'content-type': 'application/json' },
            ...(method === 'POST' && { body: JSON.stringify({ token: value }) }),
          });
        for (let sent = 0; sent < 2; sent++)
          expect((await ask(`writ_at_${sent}`)).status).toBe(400);
        expect((await ask('writ_at_2')).status).toBe(429);
      },
    );

    test('a signed-in person cannot store more authorization requests than their limits, across networks; one client leaves some to others', async () => {
      const { begin: beginLogin } = await makeLoginClient(stack());
      const others = await Promise.all([1, 2].map(() => makeLoginClient(stack())));
      const { email, password } = await makePerson(stack());
      const headers: Record<string, string> = from(network());
      const visitor = createVisitor(stack().origin, headers);
      const ask = (changed = {}) => {
        Object.assign(headers, from(network()));
        return visitor.get(beginLogin(changed).path);
      };
      expect((await visitor.signIn(email, password)).status).toBe(303);
      for (let sent = 0; sent < 2; sent++) expect((await ask()).status).toBe(303);
      const refused = await ask();
      expect(refused).toMatchObject({ status: 429, location: null });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.words).toContain('Try again later');
      // Requests that store nothing are still served.
      expect((await ask({ prompt: 'none' })).location).toContain('error=consent_required');
      const [next, last] = others.map(({ begin }) => begin().path);
      Object.assign(headers, from(network()));
      expect((await visitor.get(String(next))).status).toBe(303);
      expect((await visitor.get(String(last))).status).toBe(429);
    });

    test('a network that floods GraphQL documents is refused', async () => {
      const headers = { ...from(network()), 'content-type': 'application/json' };
      const ask = async () =>
        (await stack().request('POST', '/graphql', { headers, body: '{"query":"{ _ }"}' })).status;
      expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
    });

    test('a refusal by a limit writes one log line with the limit and the address', async () => {
      const ip = network();
      const ask = () => stack().get('/connect/authorize?client_id=none', from(ip));
      for (let sent = 0; sent < 4; sent++) await ask();
      expect(stack().logged()).toContain('the limit authorization.network is reached');
    });
  },
  { TRUST_PROXY: 'true', LIMITS: limits, DIALECTS: 'speckle' },
);
