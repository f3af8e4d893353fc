// examples/mcp-server, started as it is, in front of a server that issues its tokens. Its client is that of the official SDK,
// from test/clients: it is given the URL of the MCP server and nothing else.
import { cpSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK } from 'jose';
import { operatorOf } from '../cli/operator.ts';
import { answer, ask } from '../protocol/authorization/support.ts';
import { createSigningClient } from '../protocol/token/support.ts';
import { type DocumentServer, startDocumentServer } from '../support/document-server.ts';
import { installForExample } from '../support/example-packages.ts';
import { createHttp, type Http } from '../support/http.ts';
import { signedIn } from '../support/people.ts';
import { freePort, type Program, startProgram } from '../support/process.ts';
import { loadPublishedClient, mcpPackagesAreThere } from '../support/published-clients.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack } from '../support/stacks.ts';
import type { Visitor } from '../support/visitor.ts';

const root = path.resolve(import.meta.dirname, '../..');
const sources = path.join(root, 'examples/mcp-server');

/** What the SDK stores of an authorization server, or of tokens. */
type Stored = Record<string, unknown>;

interface McpClient {
  connect(transport: Transport): Promise<void>;
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments?: object }): Promise<{ content: { text: string }[] }>;
  close(): Promise<void>;
}

interface Transport {
  finishAuth(code: string): Promise<void>;
}

/** What authenticates a program that acts for no person. */
type Provider = new (options: object) => object;

const isThere = mcpPackagesAreThere();
const load = <Module>(name: string) =>
  loadPublishedClient<Module>(`@modelcontextprotocol/sdk/client/${name}.js`);
const sdk = isThere
  ? {
      ...load<{ Client: new (about: object) => McpClient }>('index'),
      ...load<{
        StreamableHTTPClientTransport: new (url: URL, options: object) => Transport;
      }>('streamableHttp'),
      ...load<Record<'ClientCredentialsProvider' | 'PrivateKeyJwtProvider', Provider>>(
        'auth-extensions',
      ),
    }
  : undefined;

interface AgentOptions {
  client?: Stored | undefined;
  document?: string | undefined;
  /** Whether it wants to stay connected. */
  isPatient?: boolean;
}

/** An agent: a program on the computer of a person, who decides in a browser. */
class Agent {
  readonly redirectUrl = 'http://127.0.0.1:41337/callback';
  readonly clientMetadata = {
    client_name: 'Notes agent',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  /** Where its metadata document is, if it has one. */
  readonly clientMetadataUrl: string | undefined;
  client: Stored | undefined;
  stored: Stored | undefined;
  /** The authorization requests that it has sent the browser to. */
  readonly asked: URL[] = [];
  #verifier = '';
  #transport: Transport | undefined;
  readonly #connected: McpClient[] = [];
  readonly #server: URL;
  readonly #visitor: Visitor;
  readonly #isPatient: boolean;

  constructor(
    server: string,
    visitor: Visitor,
    { client, document, isPatient = false }: AgentOptions = {},
  ) {
    this.clientMetadataUrl = document;
    this.#server = new URL(server);
    this.#visitor = visitor;
    this.client = client;
    this.#isPatient = isPatient;
  }

  clientInformation = () => this.client;
  saveClientInformation = (client: Stored) => {
    this.client = client;
  };
  tokens = () => this.stored;
  saveTokens = (tokens: Stored) => {
    this.stored = tokens;
    for (const name of ['access_token', 'refresh_token'])
      if (tokens[name]) keepSecret(name, String(tokens[name]));
  };
  invalidateCredentials = (what: string) => {
    if (what === 'tokens') this.stored = undefined;
  };
  saveCodeVerifier = (verifier: string) => {
    this.#verifier = verifier;
    keepSecret('code_verifier', verifier);
  };
  codeVerifier = () => this.#verifier;
  redirectToAuthorization = (url: URL) => {
    // The SDK asks for what the challenge names; an agent that wants to stay connected asks for that itself.
    if (this.#isPatient)
      url.searchParams.set('scope', `${url.searchParams.get('scope')} offline_access`);
    this.asked.push(url);
  };

  /** The words of the consent page, which the person then accepts. Returns the response of Writ. */
  async decide(): Promise<{ words: string; response: URL }> {
    const url = this.asked.at(-1) as URL;
    const page = await ask(this.#visitor, { path: `${url.pathname}${url.search}` });
    const { url: response } = await answer(this.#visitor, page.path);
    await this.#transport?.finishAuth(response?.searchParams.get('code') ?? '');
    return { words: page.words, response: response as URL };
  }

  async connect(): Promise<McpClient> {
    if (!sdk) throw new Error('the SDK is not installed');
    this.#transport = new sdk.StreamableHTTPClientTransport(this.#server, { authProvider: this });
    const client = new sdk.Client({ name: 'notes-agent', version: '1.0.0' });
    this.#connected.push(client);
    await client.connect(this.#transport);
    return client;
  }

  close = () => Promise.all(this.#connected.map((client) => client.close()));
}

/** The documents of the test are on this machine. */
const settings = {
  CLIENT_METADATA_DOCUMENTS: 'open',
  CLIENT_REGISTRATION: 'open',
  PRIVATE_CLIENT_URLS: 'on',
};

const textOf = ({ content: [first] }: { content: { text: string }[] }) => first?.text;

/** The commands of a text that create something in Writ, up to the first heading about ways in. */
const registering = (file: string): string[] =>
  readFileSync(path.join(root, file), 'utf8')
    .split('## Which way in')[0]
    ?.replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.startsWith('npx writ ')) ?? [];

test('the page and the README of the example register it with the same commands', () => {
  expect(registering('examples/mcp-server/README.md')).toEqual(
    registering('docs/agents.md').slice(0, 2),
  );
});

test('the example is tried with the versions that it names', () => {
  const read = (file: string) =>
    JSON.parse(readFileSync(path.join(root, file), 'utf8')).dependencies;
  const { '@modelcontextprotocol/sdk': official, zod } = read('examples/mcp-server/package.json');
  expect(read('test/clients/package.json')).toMatchObject({
    '@modelcontextprotocol/sdk': official,
    'zod-4': `npm:zod@${zod}`,
  });
});

(isThere ? describe : describe.skip)('examples/mcp-server', () => {
  onStack((stack) => {
    const operator = operatorOf(stack);
    let resource: string;
    let server: Http;
    let program: Program;
    let visitor: Visitor;
    let documents: DocumentServer;
    /** Of the client `nightly` of the page. */
    let programSecret: string;
    const agents: Agent[] = [];

    /** The commands of the page: they create the server, an agent of a person, and a program. */
    const commands = registering('docs/agents.md').map((line) =>
      [...line.replace(/\s+#.*$/, '').matchAll(/"([^"]*)"|(\S+)/g)]
        .map(([, quoted, plain]) => quoted ?? plain ?? '')
        .slice(2),
    );

    beforeAll(async () => {
      const port = await freePort();
      resource = `http://localhost:${port}/mcp`;
      expect(commands).toHaveLength(4);
      const printed: string[] = [];
      for (const command of commands) {
        const outcome = await operator.script(
          ...command.map((word) => word.replace('http://localhost:8080/mcp', resource)),
        );
        expect(outcome).toMatchObject({ code: 0 });
        printed.push(outcome.out);
      }
      const secretIn = (text = '') => /writ_cs_\w+/.exec(text)?.[0] ?? '';
      const secret = secretIn(printed[1]);
      programSecret = secretIn(printed[3]);
      for (const each of [secret, programSecret]) keepSecret('client_secret', each);
      server = createHttp(new URL(resource).origin);
      const environment = {
        ISSUER: stack().issuer,
        RESOURCE: resource,
        CLIENT_SECRET: secret,
        PORT: String(port),
      };
      program = await startProgram({
        name: 'mcp-server',
        fill: async (directory) => {
          cpSync(sources, directory, { recursive: true });
          installForExample(directory, {
            '@modelcontextprotocol': '@modelcontextprotocol',
            zod: 'zod-4',
          });
        },
        command: () => [
          'env',
          ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
          ...[process.execPath, 'server.js'],
        ],
        ready: () => server.get('/'),
        stopSignal: 'SIGTERM',
        killSignal: 'SIGKILL',
      });
      ({ visitor } = await signedIn(stack()));
      documents = await startDocumentServer();
    });
    afterAll(async () => {
      await documents.close();
      await Promise.all(agents.map((agent) => agent.close()));
      await program.kill();
    });

    const agentOf = (options: AgentOptions, by = visitor): Agent => {
      const agent = new Agent(resource, by, options);
      agents.push(agent);
      return agent;
    };

    /** The client of the page. */
    const registered = (): Stored => ({ client_id: 'my-agent' });

    describe.each<[string, () => Promise<AgentOptions>]>([
      ['that an administrator has registered', async () => ({ client: registered() })],
      [
        'with a metadata document',
        async () => {
          const { redirect_uris } = new Agent(resource, visitor).clientMetadata;
          return { document: documents.publish({ client_name: 'Notes agent', redirect_uris }) };
        },
      ],
      // Older clients know no documents.
      ['that registers itself', async () => ({})],
    ])('an agent %s', (_kind, options) => {
      test('finds Writ from the URL of the server, asks for what the challenge names, and gets in', async () => {
        const agent = agentOf(await options());
        await expect(agent.connect()).rejects.toThrow('Unauthorized');
        const [{ origin, searchParams } = new URL('x:')] = agent.asked;
        expect(origin).toBe(stack().issuer);
        expect(Object.fromEntries(searchParams)).toMatchObject({
          resource,
          scope: 'notes:read',
          code_challenge_method: 'S256',
        });
        const { words, response } = await agent.decide();
        expect(words).toContain('See your notes');
        expect(words).not.toContain('Add notes');
        expect(response.searchParams.get('iss')).toBe(stack().issuer);
        const client = await agent.connect();
        expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
          'list_notes',
          'add_note',
        ]);
        expect(textOf(await client.callTool({ name: 'list_notes' }))).toBe('There are no notes.');
      });

      test('asks for one more scope when it calls the tool that needs it, and keeps what it had', async () => {
        const agent = agentOf(await options(), (await signedIn(stack())).visitor);
        await expect(agent.connect()).rejects.toThrow('Unauthorized');
        await agent.decide();
        const client = await agent.connect();
        const add = { name: 'add_note', arguments: { text: 'Buy milk' } };
        await expect(client.callTool(add)).rejects.toThrow('Unauthorized');
        expect(agent.asked.at(-1)?.searchParams.get('scope')).toBe('notes:read notes:write');
        const [asked, before] = (await agent.decide()).words.split('You have already allowed');
        expect(asked).toContain('Add notes');
        expect(asked).not.toContain('See your notes');
        expect(before).toContain('See your notes');
        expect(textOf(await client.callTool(add))).toBe('Added.');
        expect(textOf(await client.callTool({ name: 'list_notes' }))).toBe('Buy milk');
        expect(agent.asked).toHaveLength(2);
      });

      test('refreshes its token without a page, until the person revokes it while it is connected', async () => {
        const person = await signedIn(stack());
        const agent = agentOf({ ...(await options()), isPatient: true }, person.visitor);
        await expect(agent.connect()).rejects.toThrow('Unauthorized');
        await agent.decide();
        const client = await agent.connect();
        const list = () => client.callTool({ name: 'list_notes' });
        const before = agent.stored?.['access_token'];
        const clientId = String(agent.client?.['client_id']);
        await stack().post('/connect/revocation', { token: String(before), client_id: clientId });
        expect(textOf(await list())).toBe('There are no notes.');
        expect(agent.stored?.['access_token']).not.toBe(before);
        expect(agent.asked).toHaveLength(1);

        await stack().domain.consentMemory.withdraw(person.accountId, clientId);
        await expect(list()).rejects.toThrow('Unauthorized');
        const { words } = await agent.decide();
        expect(words).not.toContain('You have already allowed');
      });
    });

    describe.each<[string, (scope: string) => Promise<object>]>([
      [
        'a secret',
        async (scope) => {
          const expectedIssuer = stack().issuer;
          const credentials = { clientId: 'nightly', clientSecret: programSecret };
          const options = { ...credentials, scope, expectedIssuer };
          return new (sdk as NonNullable<typeof sdk>).ClientCredentialsProvider(options);
        },
      ],
      [
        'a key',
        async (scope) => {
          const { id, privateKey } = await createSigningClient(stack(), { resources: [resource] });
          const options = {
            ...{ clientId: id, algorithm: 'ES256', scope, expectedIssuer: stack().issuer },
            privateKey: { ...(await exportJWK(privateKey)), kid: 'one' },
          };
          return new (sdk as NonNullable<typeof sdk>).PrivateKeyJwtProvider(options);
        },
      ],
    ])('a program that acts for itself, with %s,', (_kind, providerFor) => {
      test.each([
        ['notes:read notes:write', 'Added.'],
        ['notes:read', /after trying upscoping/],
      ])('gets in with %s, and no further', async (scope, outcome) => {
        if (!sdk) throw new Error('the SDK is not installed');
        const authProvider = await providerFor(scope);
        const client = new sdk.Client({ name: 'program', version: '1.0.0' });
        await client.connect(
          new sdk.StreamableHTTPClientTransport(new URL(resource), { authProvider }),
        );
        expect(textOf(await client.callTool({ name: 'list_notes' }))).toBeDefined();
        const adding = client.callTool({ name: 'add_note', arguments: { text: 'Backup done' } });
        if (typeof outcome === 'string') expect(textOf(await adding)).toBe(outcome);
        else await expect(adding).rejects.toThrow(outcome);
        await client.close();
      });
    });

    test('leads a client without a token to its metadata, and from there to Writ (RFC 9728)', async () => {
      const { status, headers } = await server.request('POST', '/mcp');
      const found = `${new URL(resource).origin}/.well-known/oauth-protected-resource/mcp`;
      expect([status, headers.get('www-authenticate')]).toEqual([
        401,
        `Bearer realm="${resource}", scope="notes:read", resource_metadata="${found}"`,
      ]);
      const { body } = await server.get(new URL(found).pathname);
      expect(body).toMatchObject({
        resource,
        authorization_servers: [stack().issuer],
        scopes_supported: ['notes:read', 'notes:write'],
      });
    });

    describe('with a token that can only read', () => {
      let token: unknown;
      beforeAll(async () => {
        const agent = agentOf({ client: registered() }, (await signedIn(stack())).visitor);
        await expect(agent.connect()).rejects.toThrow('Unauthorized');
        await agent.decide();
        token = agent.stored?.['access_token'];
      });

      const send = (body: string, method = 'POST') =>
        server.request(method, '/mcp', {
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
          },
          ...(method === 'POST' && { body }),
        });
      const call = (name: unknown) => ({
        ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
        params: { name, arguments: { text: 'x' } },
      });

      test.each<[string, unknown]>([
        ['a call of the other tool', call('add_note')],
        ['one among others', [{ jsonrpc: '2.0', id: 2, method: 'ping' }, call('add_note')]],
        ['a tool that the list lacks', call('__proto__')],
      ])('%s is refused, with the scope that it needs', async (_what, body) => {
        const refused = await send(JSON.stringify(body));
        expect(refused).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
        expect(refused.headers.get('www-authenticate')).toContain('scope="notes:read notes:write"');
      });

      test.each([
        ['nonsense', 'nonsense'],
        ['null', 'null'],
        ['messages that are none', '[null, 1]'],
      ])('%s ends nothing but the request', async (_what, body) => {
        expect((await send(body)).status).toBe(400);
        expect((await send('', 'GET')).status).toBe(405);
      });

      test('a body that is too long ends nothing but the request', async () => {
        // The server may close the connection before it is read to the end.
        const [{ status = 400 } = {}] = await Promise.allSettled([
          send(`"${'x'.repeat(1_000_000)}"`),
        ]).then(([sent]) => (sent.status === 'fulfilled' ? [sent.value] : []));
        expect(status).toBe(400);
        expect((await send('', 'GET')).status).toBe(405);
      });
    });
  }, settings);
});
