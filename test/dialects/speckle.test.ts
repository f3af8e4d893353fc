import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { speckle } from '../../src/dialects/speckle/description.ts';
import { speckleScopes } from '../../src/dialects/speckle/scopes.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { logIn } from '../support/login.ts';
import { makePerson, signedIn, type TestPerson } from '../support/people.ts';
import {
  loadPublishedClient,
  publishedClientsAreThere,
  pythonClientsAreThere,
  pythonCommand,
} from '../support/published-clients.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack, unique } from '../support/stacks.ts';
import { type StreamsApi, startStreamsApi } from './streams-api.ts';

const resource = speckle.resource.identifier;
const day = 86_400_000;
/** Tolerance in milliseconds: the clocks of server and database differ a little. */
const daysOf = (milliseconds = Number.NaN) => Math.round(milliseconds / day);

/** The scopes of an app that people allow to create tokens. */
const appScopes =
  'streams:read streams:write profile:read profile:email users:read tokens:read tokens:write apps:read';

const createToken = 'mutation ($token: ApiTokenCreateInput!) { apiTokenCreate(token: $token) }';
const revokeToken = 'mutation ($token: String!) { apiTokenRevoke(token: $token) }';
const listTokens =
  '{ activeUser { apiTokens { id name lastChars scopes createdAt lifespan lastUsed } } }';

onStack(
  (stack) => {
    let app: Credentials;
    let resourceServer: Credentials;
    let person: TestPerson;
    /** The token of an app that the person allowed to create tokens. */
    let token: string;

    const send = (body: unknown, headers: Record<string, string> = {}, path = '/graphql') =>
      stack().request('POST', path, {
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });

    const graphql = (query: string, value?: string, variables?: object): Promise<Answer> =>
      send({ query, variables }, value === undefined ? {} : { authorization: `Bearer ${value}` });

    /** The token of an app in which a person is logged in. */
    const appToken = async (scope = appScopes, accountId?: string): Promise<string> => {
      const { refreshToken } = await logIn(stack(), app.id, {
        resource,
        scope: `${scope} offline_access`,
        ...(accountId !== undefined && { accountId }),
      });
      const { body } = await stack().post(
        '/connect/token',
        { grant_type: 'refresh_token', refresh_token: refreshToken, resource },
        app,
      );
      keepSecret('access_token', body.access_token);
      return body.access_token;
    };

    const create = async (
      wanted: { scopes?: string[]; name?: string; lifespan?: number; limitResources?: object[] },
      by = token,
    ): Promise<Answer> => {
      const answer = await graphql(createToken, by, {
        token: { scopes: ['streams:read'], name: unique('token'), ...wanted },
      });
      const value = answer.body?.data?.apiTokenCreate;
      if (value) keepSecret('personal_access_token', value);
      return answer;
    };
    const created = async (...given: Parameters<typeof create>): Promise<string> =>
      (await create(...given)).body.data.apiTokenCreate;

    interface Listed {
      id: string;
      name: string;
      lastChars: string;
      scopes: string[];
      createdAt: string;
      lifespan: number;
      lastUsed: string;
    }
    const list = async (by = token): Promise<Listed[]> =>
      (await graphql(listTokens, by)).body.data.activeUser.apiTokens;

    const introspect = async (value: string) =>
      (await stack().introspect(value, resourceServer)).body;

    const errorsOf = ({ status, body }: Answer) => [
      status,
      (body.errors ?? []).map(
        ({ message, extensions }: { message: string; extensions?: { code: string } }) => [
          message,
          extensions?.code,
        ],
      ),
    ];

    beforeAll(async () => {
      app = await stack().api.createClient({
        client_name: 'Speckle Connector',
        grant_types: ['refresh_token', 'authorization_code'],
        redirect_uris: ['https://connector.test/cb'],
        response_types: ['code'],
        resources: [resource],
      });
      resourceServer = await stack().api.createClient({ resource_server_for: [resource] });
      person = await makePerson(stack());
      token = await appToken(appScopes, person.accountId);
    });

    test('serverInfo lists the scopes of Speckle with their descriptions to a stranger', async () => {
      const { status, body } = await graphql(
        '{ serverInfo { name canonicalUrl scopes { name description } } }',
      );
      expect([status, body]).toEqual([
        200,
        {
          data: {
            serverInfo: { name: 'Writ', canonicalUrl: stack().issuer, scopes: speckleScopes },
          },
        },
      ]);
    });

    test('a token that is not active is refused as Speckle refuses it, with Bearer and without', async () => {
      const revoked = await created({});
      expect((await graphql(revokeToken, token, { token: revoked })).body).toEqual({
        data: { apiTokenRevoke: true },
      });
      const ofWrit = await stack().token(
        await stack().api.createClient({ resources: [stack().apiResource], scope: 'tokens:read' }),
        { scope: 'tokens:read', resource: stack().apiResource },
      );
      for (const authorization of [
        'Bearer writ_pat_none',
        'writ_pat_none',
        `Bearer ${revoked}`,
        revoked,
        'Basic YTpi',
        'Bearer undefined',
        // For another resource.
        `Bearer ${ofWrit.body.access_token}`,
      ]) {
        const { status, text } = await send(
          { query: '{ serverInfo { name } }' },
          { authorization },
        );
        expect([status, text]).toEqual([403, '{"error":"Your token is not valid."}']);
      }
    });

    test('the request of Speckle’s documents is answered with and without Bearer, and says who keeps the streams', async () => {
      const value = await created({ scopes: ['profile:read', 'streams:read'] });
      for (const authorization of [`Bearer ${value}`, value]) {
        // As in Speckle's documentation.
        const res = await fetch(`${stack().origin}/graphql`, {
          method: 'POST',
          headers: { Authorization: authorization, 'Content-Type': 'application/json' },
          body: JSON.stringify({ query: `{ user { id suuid streams { totalCount } } }` }),
        });
        expect(res.status).toBe(200);
        const { data, errors } = (await res.json()) as { data: unknown; errors: unknown };
        const { accountId } = person;
        expect(data).toEqual({ user: { id: accountId, suuid: accountId, streams: null } });
        expect(errors).toEqual([
          expect.objectContaining({ path: ['user', 'streams'], message: expect.any(String) }),
        ]);
      }
    });

    test('a token is created with its scopes and its lifetime, and is introspected as what it is', async () => {
      const { status, body } = await create({
        name: 'nightly',
        scopes: ['streams:read', 'profile:read'],
        lifespan: 7 * day,
      });
      expect([status, Object.keys(body)]).toEqual([200, ['data']]);
      const value = body.data.apiTokenCreate;
      expect(value).toMatch(/^writ_pat_[A-Za-z0-9]+$/);
      const told = await introspect(value);
      expect(told).toMatchObject({
        active: true,
        sub: person.accountId,
        client_id: 'writ-account',
        aud: resource,
        scope: 'streams:read profile:read',
      });
      expect(daysOf((told.exp - told.iat) * 1000)).toBe(7);
    });

    test('the list has name, last characters, scopes, creation, lifetime and last use, and no value', async () => {
      const name = unique('listed');
      const value = await created({ name, scopes: ['streams:read', 'profile:read'] });
      expect((await graphql('{ activeUser { id } }', value)).status).toBe(200);
      const answer = await graphql(listTokens, token);
      expect(answer.text).not.toContain(value);
      const found = (await list()).find((one) => one.name === name);
      expect(found).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{10}$/),
        name,
        lastChars: value.slice(-4),
        scopes: ['streams:read', 'profile:read'],
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        lifespan: expect.any(Number),
        lastUsed: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
      expect(daysOf(found?.lifespan)).toBe(366);
      const again = (await list()).find((one) => one.name === name);
      expect(again?.id).toBe(found?.id);
    });

    test('a lifetime longer than Writ allows is cut, and the answer says so', async () => {
      for (const lifespan of [3.154e12, undefined]) {
        const { body } = await create(lifespan === undefined ? {} : { lifespan });
        const told = await introspect(body.data.apiTokenCreate);
        expect(daysOf((told.exp - told.iat) * 1000)).toBe(366);
        expect(body.extensions).toEqual(
          lifespan && { writ: [{ lifespan: expect.any(Number), asked_lifespan: lifespan }] },
        );
        if (lifespan) expect(daysOf(body.extensions.writ[0].lifespan)).toBe(366);
      }
      for (const lifespan of [-1, 0.5, '1e3', 2 ** 53])
        expect((await create({ lifespan: lifespan as number })).body.data?.apiTokenCreate).toBe(
          undefined,
        );
      // As clients with 64-bit numbers send them.
      const literal = await graphql(
        'mutation { a: apiTokenCreate(token: {name: "sixty-four", scopes: ["streams:read"], lifespan: 86400000}) }',
        token,
      );
      const told = await introspect(literal.body.data.a);
      expect(daysOf((told.exp - told.iat) * 1000)).toBe(1);
    });

    test('no token has tokens:write, or more than the token that creates it', async () => {
      const narrow = await appToken('streams:read tokens:write', person.accountId);
      const registrar = await appToken('apps:write tokens:write', person.accountId);
      const refusals: [string[], string, string?][] = [
        [
          ['apps:write'],
          "You can't create a personal access token with the apps:write scope",
          registrar,
        ],
        [
          ['streams:read', 'tokens:write'],
          "You can't create a personal access token with the tokens:write scope",
        ],
        [['streams:write'], "You can't create a token with scopes that you don't have", narrow],
        [[], 'No scopes provided'],
        [['no-scope', ''], 'No scopes provided'],
      ];
      for (const [scopes, sentence, by = token] of refusals)
        expect(errorsOf(await create({ scopes }, by))).toEqual([
          200,
          [[sentence, 'TOKEN_CREATE_ERROR']],
        ]);
      // A personal access token has no tokens:write, so it can neither create nor revoke tokens.
      const pat = await created({ scopes: ['streams:read', 'tokens:read'] });
      for (const answer of [await create({}, pat), await graphql(revokeToken, pat, { token: pat })])
        expect(errorsOf(answer)).toEqual([
          200,
          [['Your auth token does not have the required scope: tokens:write.', 'FORBIDDEN']],
        ]);
      expect(await introspect(pat)).toMatchObject({ active: true });
    });

    test('unknown scopes are dropped and reported', async () => {
      const { body } = await create({ scopes: ['streams:read', 'future:scope', 'streams:read'] });
      expect(body.extensions).toEqual({ writ: [{ dropped_scopes: ['future:scope'] }] });
      expect(await introspect(body.data.apiTokenCreate)).toMatchObject({ scope: 'streams:read' });
    });

    test('a second token with the same name gets a number, because Speckle allows duplicate names', async () => {
      const name = unique('twice');
      expect((await create({ name })).body.extensions).toBeUndefined();
      for (const number of [2, 3])
        expect((await create({ name })).body.extensions).toEqual({
          writ: [{ name: `${name} (${number})` }],
        });
    });

    test('limits to projects and workspaces are the authorization details of the token', async () => {
      const value = await created({
        limitResources: [
          { id: 'p1', type: 'project' },
          { id: 'w1', type: 'workspace' },
        ],
      });
      expect((await introspect(value)).authorization_details).toEqual([
        { type: 'project', identifier: 'p1' },
        { type: 'workspace', identifier: 'w1' },
      ]);
      const { status, body } = await create({ limitResources: [{ id: 'p1', type: 'stream' }] });
      expect([status, body.data]).toEqual([400, undefined]);
    });

    test('a revoked token is disabled immediately, by its value, with Bearer, and by its id', async () => {
      // A value is inlined in a document.
      const written = await created({});
      const { body } = await graphql(`mutation { apiTokenRevoke(token: "${written}") }`, token);
      expect(body).toEqual({ data: { apiTokenRevoke: true } });
      expect(await introspect(written)).toEqual({ active: false });
      for (const name of ['value', 'bearer', 'id', 'long id'].map(unique)) {
        const value = await created({ name });
        const { id = '' } = (await list()).find((one) => one.name === name) ?? {};
        const { jti } = await introspect(value);
        const texts: Record<string, string> = {
          value,
          bearer: `Bearer ${value}`,
          id,
          'long id': jti,
        };
        const text = texts[name.replace(/[^a-z ].*$/, '')] ?? value;
        expect((await graphql(revokeToken, token, { token: text })).body).toEqual({
          data: { apiTokenRevoke: true },
        });
        expect(await introspect(value)).toEqual({ active: false });
        expect((await list()).map((one) => one.name)).not.toContain(name);
        // It no longer exists, so it cannot be revoked again.
        expect(errorsOf(await graphql(revokeToken, token, { token: text }))).toEqual([
          200,
          [['Did not revoke token', 'USER_INPUT_ERROR']],
        ]);
      }
    });

    test('tokens of other people are neither listed nor revoked, and other values are not tokens', async () => {
      const other = await appToken();
      const name = unique('mine');
      const value = await created({ name });
      const { id = '' } = (await list()).find((one) => one.name === name) ?? {};
      expect((await list(other)).map((one) => one.name)).not.toContain(name);
      const { jti } = await introspect(value);
      for (const text of [value, `Bearer ${value}`, id, jti, '', 'Bearer', '%', 'x'.repeat(5000)])
        expect(errorsOf(await graphql(revokeToken, other, { token: text }))).toEqual([
          200,
          [['Did not revoke token', 'USER_INPUT_ERROR']],
        ]);
      expect(await introspect(value)).toMatchObject({ active: true });
    });

    test('a token of an app can revoke itself', async () => {
      const value = await appToken();
      expect((await graphql(revokeToken, value, { token: value })).body).toEqual({
        data: { apiTokenRevoke: true },
      });
      expect(await introspect(value)).toEqual({ active: false });
    });

    test('anonymous callers can read only serverInfo, and each scope gives access to its fields', async () => {
      const anonymous = await graphql(
        '{ activeUser { id } user { id } authenticatedAsApp { id } }',
      );
      expect(anonymous.body).toEqual({
        data: { activeUser: null, user: null, authenticatedAsApp: null },
      });
      for (const query of [
        'mutation { apiTokenRevoke(token: "x") }',
        '{ otherUser(id: "x") { id } }',
        '{ project(id: "p") { id } }',
      ])
        expect(errorsOf(await graphql(query))).toEqual([
          200,
          [['Must provide an auth token', 'UNAUTHORIZED']],
        ]);
      const value = await created({ scopes: ['streams:read'] });
      const needs: [string, string][] = [
        ['{ activeUser { id } }', 'profile:read'],
        ['{ user { id } }', 'profile:read'],
        [`{ otherUser(id: "${person.accountId}") { id } }`, 'users:read'],
        ['{ project(id: "p") { embedTokens { totalCount } } }', 'tokens:read'],
      ];
      for (const [query, scope] of needs)
        expect(errorsOf(await graphql(query, value))).toEqual([
          200,
          [[`Your auth token does not have the required scope: ${scope}.`, 'FORBIDDEN']],
        ]);
      const profile = await created({ scopes: ['profile:read'] });
      expect(errorsOf(await graphql(listTokens, profile))).toEqual([
        200,
        [['Your auth token does not have the required scope: tokens:read.', 'FORBIDDEN']],
      ]);
    });

    test('a person reads their own profile, their email address with its scope, and the public profiles of others', async () => {
      const query = 'query { activeUser { id name email verified role } }';
      const own = { id: person.accountId, name: person.name, verified: true, role: 'server:user' };
      const without = await created({ scopes: ['profile:read'] });
      expect((await graphql(query, without)).body.data.activeUser).toEqual({ ...own, email: null });
      const withIt = await created({ scopes: ['profile:read', 'profile:email', 'users:read'] });
      expect((await graphql(query, withIt)).body.data.activeUser).toEqual({
        ...own,
        email: person.email,
      });
      const other = await makePerson(stack(), { name: 'Grace Hopper' });
      const about = `{ otherUser(id: "${other.accountId}") { id name company } }`;
      expect((await graphql(about, withIt)).body.data.otherUser).toEqual({
        id: other.accountId,
        name: 'Grace Hopper',
        company: null,
      });
      const { body } = await graphql(`{ otherUser(id: "${other.accountId}") { email } }`, withIt);
      expect(body.data).toBeUndefined();
      expect(errorsOf(await graphql(`{ user(id: "${other.accountId}") { id } }`, withIt))).toEqual([
        200,
        [['Use otherUser for other people.', 'FORBIDDEN']],
      ]);
      await stack().domain.accounts.disable(serverActor, other.accountId);
      expect((await graphql(about, withIt)).body.data.otherUser).toBeNull();
    });

    test('authenticatedAsApp names the app of a token, and none for a personal access token', async () => {
      const query = '{ authenticatedAsApp { id name redirectUrl } }';
      expect((await graphql(query, token)).body.data.authenticatedAsApp).toEqual({
        id: app.id,
        name: 'Speckle Connector',
        redirectUrl: 'https://connector.test/cb',
      });
      const pat = await created({ scopes: ['apps:read'] }, await appToken());
      expect((await graphql(query, pat)).body.data.authenticatedAsApp).toBeNull();
    });

    test('an embed token reads one project, works in a URL, and is revoked separately or with its project', async () => {
      const project = unique('p');
      const createEmbed =
        'mutation ($token: EmbedTokenCreateInput!) { projectMutations { createEmbedToken(token: $token) { token tokenMetadata { tokenId projectId resourceIdString lifespan user { id } } } } }';
      const make = async () => {
        const { body } = await graphql(createEmbed, token, {
          token: { projectId: project, resourceIdString: 'm1@v1', lifespan: day },
        });
        if (body.errors) throw new Error(JSON.stringify(body));
        const made = body.data.projectMutations.createEmbedToken;
        keepSecret('personal_access_token', made.token);
        return made;
      };
      const [first, second, third] = [await make(), await make(), await make()];
      expect(first.tokenMetadata).toEqual({
        tokenId: expect.stringMatching(/^[0-9a-f]{10}$/),
        projectId: project,
        resourceIdString: 'm1@v1',
        lifespan: expect.any(Number),
        user: { id: person.accountId },
      });
      expect(await introspect(first.token)).toMatchObject({
        active: true,
        scope: 'streams:read',
        authorization_details: [
          {
            type: 'project',
            identifier: project,
            datatypes: ['m1@v1'],
            privileges: ['embed'],
          },
        ],
      });
      // Speckle's clients do not see it as a personal access token.
      expect((await list()).map(({ id }) => id)).not.toContain(first.tokenMetadata.tokenId);

      const ask = (value: string) =>
        send({ query: '{ serverInfo { name } }' }, {}, `/graphql?embedToken=${value}`);
      expect((await ask(first.token)).status).toBe(200);
      // Tokens with more rights must not be in a URL.
      for (const value of [token, await created({}), 'writ_pat_none'])
        expect((await ask(value)).text).toBe('{"error":"Your token is not valid."}');
      expect(stack().logged()).not.toContain(first.token);

      const listEmbeds = async (limit: number, cursor: string | null = null, by = token) =>
        (
          await graphql(
            'query ($id: String!, $limit: Int, $cursor: String) { project(id: $id) { embedTokens(limit: $limit, cursor: $cursor) { totalCount cursor items { tokenId } } } }',
            by,
            { id: project, limit, cursor },
          )
        ).body.data.project.embedTokens;
      const page = await listEmbeds(2);
      expect([page.totalCount, page.items.length]).toEqual([3, 2]);
      expect((await listEmbeds(2, page.cursor)).items).toEqual([
        { tokenId: first.tokenMetadata.tokenId },
      ]);
      expect((await listEmbeds(10, null, await appToken())).totalCount).toBe(0);

      const revokeOne =
        'mutation ($token: String!, $projectId: String!) { projectMutations { revokeEmbedToken(token: $token, projectId: $projectId) } }';
      const revokeFirst = (projectId: string, value: string, by = token) =>
        graphql(revokeOne, by, { token: value, projectId });
      for (const answer of [
        await revokeFirst('another', first.token),
        await revokeFirst(project, first.token, await appToken()),
        await revokeFirst(project, 'none'),
      ])
        expect(errorsOf(answer)).toEqual([200, [['Embed token not found', 'USER_INPUT_ERROR']]]);
      expect((await revokeFirst(project, first.token)).body.data.projectMutations).toEqual({
        revokeEmbedToken: true,
      });
      expect((await revokeFirst(project, second.tokenMetadata.tokenId)).body.errors).toBe(
        undefined,
      );
      expect(await introspect(first.token)).toEqual({ active: false });
      expect(await introspect(second.token)).toEqual({ active: false });
      await graphql(
        'mutation ($projectId: String!) { projectMutations { revokeEmbedTokens(projectId: $projectId) } }',
        token,
        { projectId: project },
      );
      expect(await introspect(third.token)).toEqual({ active: false });
    });

    test('tools read the schema, and documents that are deep, costly or many are refused', async () => {
      const { getIntrospectionQuery, buildClientSchema } = await import('graphql');
      const { status, body } = await graphql(getIntrospectionQuery());
      expect(status).toBe(200);
      expect(buildClientSchema(body.data).getQueryType()?.getFields()['serverInfo']).toBeTruthy();

      const deep = `${'{ project(id: "p") '.repeat(9)}{ id }${' }'.repeat(9)}`;
      const many = Array.from({ length: 40 }, (_, i) => `a${i}: activeUser { apiTokens { id } }`);
      const doubling = Array.from(
        { length: 30 },
        (_, i) => `fragment f${i} on ServerInfo { ...f${i + 1} ...f${i + 1} }`,
      );
      const circle = 'fragment a on ServerInfo { ...b } fragment b on ServerInfo { ...a }';
      const aliased = (field: string, times: number) =>
        Array.from({ length: times }, (_, i) => `a${i}: ${field}`).join(' ');
      const schemas = Array.from({ length: 5 }, (_, i) => `s${i}: __schema { types { name } }`);
      for (const query of [
        deep,
        `{ ${many.join(' ')} }`,
        `{ serverInfo { ...f0 } } ${doubling.join(' ')} fragment f30 on ServerInfo { name }`,
        `{ serverInfo { ...a } } ${circle}`,
        `{ ${schemas.join(' ')} }`,
        `{ serverInfo { ${'name '.repeat(2_001)} } }`,
        `{ ${aliased('app(id: "x") { id }', 60)} }`,
        `mutation { ${aliased('appDelete(appId: "x")', 31)} }`,
        `mutation { projectMutations { ${aliased('revokeEmbedTokens(projectId: "x")', 30)} } }`,
        `{ activeUser { apiTokens { ${aliased('id', 60)} } } }`,
        `{ serverInfo { name } } fragment unused on ServerInfo { ${'name '.repeat(600)} }`,
      ]) {
        const refused = await graphql(query, token);
        expect([query.slice(0, 40), refused.status, refused.body.data]).toEqual([
          query.slice(0, 40),
          400,
          undefined,
        ]);
      }
      const batch = (length: number) =>
        send(Array.from({ length }, () => ({ query: '{ serverInfo { name } }' })));
      expect((await batch(10)).body).toHaveLength(10);
      expect((await batch(11)).status).toBeGreaterThanOrEqual(400);
      // Limits are checked before validation, whose rules compare fields with each other.
      const same = await graphql(`{ ${'serverInfo { name } '.repeat(490)} }`);
      expect(errorsOf(same)).toEqual([
        400,
        [['The request is too complex. Request fewer fields at once.', 'BAD_REQUEST_ERROR']],
      ]);
      // The documents of a request share the cost limit; those within it are executed.
      const half = { query: `{ ${aliased('app(id: "x") { id }', 20)} }` };
      const answers = (await send([half, half, half])).body.map(
        ({ data }: { data?: object }) => data !== undefined,
      );
      expect(answers).toEqual([true, true, false]);
    });

    test('each document of a request gets its own notes', async () => {
      const one = (scope: string) => ({
        query: createToken,
        variables: { token: { name: unique('batch'), scopes: ['streams:read', scope] } },
      });
      const { body } = await send([one('x:a'), one('x:b')], { authorization: `Bearer ${token}` });
      expect(body.map(({ extensions }: { extensions: unknown }) => extensions)).toEqual([
        { writ: [{ dropped_scopes: ['x:a'] }] },
        { writ: [{ dropped_scopes: ['x:b'] }] },
      ]);
    });

    test('requests without a document, and wrong methods, are refused', async () => {
      const plain = (body: string, type = 'application/json') =>
        stack().request('POST', '/graphql', { headers: { 'content-type': type }, body });
      for (const answer of [
        await plain('{'),
        await plain(''),
        await plain('{"query":1}'),
        await plain('{"query":"{"}'),
        await plain('{"query":"{ nothing }"}'),
        await plain('{"query":"subscription { x }"}'),
      ])
        expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('"errors"')]);
      expect((await plain('x', 'text/plain')).status).toBe(415);
      const got = await stack().request('GET', '/graphql');
      expect([got.status, got.text]).toEqual([405, '{"error":"This path accepts POST, OPTIONS."}']);
    });

    test('the audit event of a created token names its app, and the owner gets an email', async () => {
      const value = await created({});
      const { jti } = await introspect(value);
      const event = await stack()
        .database.kysely.selectFrom('audit_event')
        .select(['action', 'actor_kind', 'actor_id', 'token_id', 'details'])
        .where('target_id', '=', jti)
        .executeTakeFirstOrThrow();
      expect(event).toMatchObject({
        action: 'personal_access_token.created',
        actor_kind: 'account',
        actor_id: person.accountId,
        token_id: (await introspect(token)).jti,
        details: { dialect: 'speckle', scope: 'streams:read' },
      });
    });

    test('a person creates a token on the page, which lists all of theirs, with Speckle’s scopes in sentences', async () => {
      const { visitor } = await signedIn(stack());
      const path = `/account/tokens/new?resource=${encodeURIComponent(resource)}`;
      const form = await visitor.get(path);
      for (const { name, description } of speckleScopes)
        if (/^(tokens|apps):write$/.test(name)) expect(form.text).not.toContain(`scope:${name}`);
        else expect(form.words).toContain(description);
      const [, key = ''] = /name="idempotency_key" value="([^"]+)"/.exec(form.text) ?? [];
      const made = await visitor.submit('/account/tokens', {
        idempotency_key: key,
        resource,
        name: 'from the page',
        'scope:streams:read': 'on',
        expiry: String(30 * 86_400),
      });
      const [value = ''] = /writ_pat_[A-Za-z0-9]+/.exec(made.text) ?? [];
      keepSecret('personal_access_token', value);
      expect(made.words).toContain('it is shown only once');
      expect(made.words).toContain('Treat it like a password');
      expect(await introspect(value)).toMatchObject({ active: true, scope: 'streams:read' });
      const shown = await visitor.get('/account/tokens');
      expect(shown.words).toContain('from the page');
      expect(shown.text).not.toContain(value);
    });

    describe('behind the guard', () => {
      let api: StreamsApi;
      const ask = async (query: string, value: string, path = '/graphql') => {
        const answer = await fetch(`${api.origin}${path}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(value !== '' && { authorization: `Bearer ${value}` }),
          },
          body: JSON.stringify({ query }),
        });
        // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers.
        const body: any = await answer.json();
        return {
          status: answer.status,
          data: body.data,
          error: body.error ?? body.errors?.[0]?.message,
        };
      };
      const newStream = async (value: string): Promise<string> =>
        (await ask('mutation { streamCreate(stream: { name: "house" }) }', value)).data
          .streamCreate;
      const commit = (id: string) =>
        `mutation { commitCreate(commit: { streamId: "${id}", objectId: "root", message: "a wall" }) }`;
      const share = (id: string, userId: string, role: string) =>
        `mutation { streamUpdatePermission(permissionParams: { streamId: "${id}", userId: "${userId}", role: "${role}" }) }`;
      const read = (id: string) => `{ stream(id: "${id}") { name commits } }`;
      const lacks = (scope: string) =>
        `Your auth token does not have the required scope: ${scope}.`;

      beforeAll(async () => {
        api = await startStreamsApi({
          issuer: stack().origin,
          resource,
          client: { id: resourceServer.id, secret: resourceServer.secret ?? '' },
        });
      });
      afterAll(() => api.close());

      test('a token acts as its owner: it reads, creates and shares streams, commits, and reads profiles', async () => {
        const other = await makePerson(stack(), { name: 'Grace Hopper' });
        const scopes = ['streams:read', 'streams:write', 'profile:read', 'users:read'];
        const value = await created({ scopes });
        const theirs = await created(
          { scopes: ['streams:read', 'streams:write'] },
          await appToken(appScopes, other.accountId),
        );
        const id = await newStream(value);
        expect((await ask(read(id), theirs)).error).toBe('Stream not found');
        expect((await ask(share(id, other.accountId, 'stream:reviewer'), value)).data).toEqual({
          streamUpdatePermission: true,
        });
        expect((await ask(commit(id), value)).data).toEqual({ commitCreate: 'a wall' });
        expect((await ask(read(id), theirs)).data.stream).toEqual({
          name: 'house',
          commits: ['a wall'],
        });
        // Scopes grant at most what the person can do.
        expect((await ask(commit(id), theirs)).error).toBe('You may not write this stream.');
        // The request of Speckle's documentation, at the URL of the streams.
        const own = await ask('{ user { id suuid streams { totalCount } } }', value);
        expect(own.data.user).toMatchObject({ id: person.accountId, streams: { totalCount: 1 } });
        expect((await ask(`{ otherUser(id: "${other.accountId}") { name } }`, value)).data).toEqual(
          {
            otherUser: { name: 'Grace Hopper' },
          },
        );
      });

      test('a token with streams:read reads and does not write, and one without it does not read', async () => {
        const writer = await created({ scopes: ['streams:read', 'streams:write'] });
        const id = await newStream(writer);
        const reader = await created({ scopes: ['streams:read'] });
        expect((await ask(read(id), reader)).data.stream.name).toBe('house');
        for (const query of [
          'mutation { streamCreate(stream: { name: "no" }) }',
          commit(id),
          share(id, person.accountId, 'stream:owner'),
        ])
          expect((await ask(query, reader)).error).toBe(lacks('streams:write'));
        const onlyWriter = await created({ scopes: ['streams:write'] });
        expect((await ask(read(id), onlyWriter)).error).toBe(lacks('streams:read'));
        expect((await ask(read(id), '')).status).toBe(403);
      });

      test('a token that is limited to a project gives access to that project only, also as an embed token in a URL', async () => {
        const writer = await created({ scopes: ['streams:read', 'streams:write'] });
        const [one, other] = [await newStream(writer), await newStream(writer)];
        const limited = await created({
          scopes: ['streams:read', 'streams:write'],
          limitResources: [{ id: one, type: 'project' }],
        });
        expect((await ask(read(one), limited)).data.stream.name).toBe('house');
        expect((await ask(read(other), limited)).error).toBe('Stream not found');
        expect(
          (await ask('mutation { streamCreate(stream: { name: "no" }) }', limited)).error,
        ).toBe('You are not authorized to create a new project resource.');
        const { body } = await graphql(
          `mutation { projectMutations { createEmbedToken(token: { projectId: "${one}", resourceIdString: "m" }) { token } } }`,
          token,
        );
        const embed = body.data.projectMutations.createEmbedToken.token;
        keepSecret('personal_access_token', embed);
        const path = `/graphql?embedToken=${embed}`;
        expect((await ask(read(one), '', path)).data.stream.name).toBe('house');
        expect((await ask(read(other), '', path)).error).toBe('Stream not found');
        expect((await ask(commit(one), '', path)).error).toBe(lacks('streams:write'));
      });

      (publishedClientsAreThere() ? test : test.skip)(
        'the object loader of Speckle loads with a token, and says that it has no access once that is revoked',
        async () => {
          const ObjectLoader =
            loadPublishedClient<new (options: object) => { getRawRootObject(): Promise<string> }>(
              '@speckle/objectloader',
            );
          const value = await created({ scopes: ['streams:read', 'streams:write'] });
          const streamId = await newStream(value);
          const load = (given: string) =>
            new ObjectLoader({
              serverUrl: api.origin,
              streamId,
              objectId: 'root',
              token: given,
              options: {
                enableCaching: false,
                customLogger: () => {},
                customWarner: () => {},
                fetch,
              },
            }).getRawRootObject();
          expect(JSON.parse(await load(value))).toEqual({ id: 'root', text: 'an object' });
          const words = /You do not have access to the root object! .*Token ID: '(.{10})'/s;
          for (const other of [await created({ scopes: ['streams:write'] }), value]) {
            if (other === value) await graphql(revokeToken, token, { token: value });
            const error = await load(other).catch(({ message }) => message);
            expect(error).toMatch(words);
            // Every response identifies the token without part of its secret.
            expect(words.exec(error)?.[1]).toBe('writ_pat_0');
          }
        },
      );

      (pythonClientsAreThere() ? test : test.skip)(
        'specklepy authenticates with a token, creates one with that of an app, and revokes it',
        async () => {
          const script = `
import json, sys
from specklepy.api.client import SpeckleClient
from specklepy.logging.exceptions import SpeckleException

def told(run):
    try:
        return run()
    except SpeckleException as error:
        return str(error)

host, pat, app, wrong = sys.argv[1:]
def client(token):
    one = SpeckleClient(host=host, use_ssl=False)
    one.authenticate_with_token(token)
    return one

first = client(pat)
by_app = client(app)
made = by_app.server.create_token("specklepy", ["streams:read", "profile:read"], 86400000)
print(json.dumps({
    "id": first.account.userInfo.id,
    "name": first.account.userInfo.name,
    "server": first.account.serverInfo.name,
    "version": list(first.server.version()),
    "scopes": len(first.account.serverInfo.scopes),
    "made": made,
    "as_made": client(made).active_user.get().id,
    "by_pat": told(lambda: first.server.create_token("no", ["streams:read"], 1000)),
    "revoked": by_app.server.revoke_token(made),
    "after": told(lambda: client(made)),
    "wrong": told(lambda: client(wrong)),
}))
`;
          const pat = await created({ scopes: ['profile:read', 'streams:read'] });
          const host = new URL(stack().origin).host;
          const { stdout } = await promisify(execFile)(
            pythonCommand('python'),
            ['-W', 'ignore', '-c', script, host, pat, token, 'writ_pat_wrong'],
            { env: { ...process.env, HOME: tmpdir(), SPECKLE_DISABLE_TRACKING: '1' } },
          );
          const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
          keepSecret('personal_access_token', result.made);
          const denied = expect.stringContaining('403 Client Error: Forbidden');
          expect(result).toEqual({
            id: person.accountId,
            name: person.name,
            server: 'Writ',
            version: [2, 28, 0, 'writ'],
            scopes: speckleScopes.length,
            made: expect.stringMatching(/^writ_pat_/),
            as_made: person.accountId,
            by_pat: expect.stringContaining(
              'Your auth token does not have the required scope: tokens:write.',
            ),
            revoked: true,
            after: denied,
            wrong: denied,
          });
        },
      );
    });
  },
  { DIALECTS: 'speckle' },
);
