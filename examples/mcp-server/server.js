// An MCP server behind Writ: people's own notes, a tool that reads them, and one that adds one.
// Every request has a token, which the guard checks: a token that is revoked ends the connection with the next request.
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createGuard } from 'writ-sdk/resource-server';
import { z } from 'zod';

const {
  ISSUER = 'http://localhost:3000',
  RESOURCE = 'http://localhost:8080/mcp',
  CLIENT_ID = 'notes-mcp',
  CLIENT_SECRET,
  PORT = '8080',
} = process.env;

const guard = createGuard({
  issuer: ISSUER,
  resource: RESOURCE,
  client: { id: CLIENT_ID, secret: CLIENT_SECRET },
  name: 'Notes',
  scopes: ['notes:read', 'notes:write'],
});

/** The scope that a call of each tool needs. One that is missing here needs the most. */
const scopes = new Map([
  ['list_notes', 'notes:read'],
  ['add_note', 'notes:write'],
]);

/** The notes of each person. */
const notes = new Map();

/** The tools, for the person that the token is from. */
function createTools({ subject }) {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  const own = notes.get(subject) ?? [];
  const answer = (text) => ({ content: [{ type: 'text', text }] });
  server.registerTool('list_notes', { description: 'Your notes, one a line.' }, () =>
    answer(own.join('\n') || 'There are no notes.'),
  );
  server.registerTool(
    'add_note',
    { description: 'Adds a note.', inputSchema: { text: z.string().max(1000) } },
    ({ text }) => {
      notes.set(subject, [...own, text]);
      return answer('Added.');
    },
  );
  return server;
}

/** What the messages of a request need: `notes:read` for the server itself, and the scopes of the tools that they call. */
const scopeOf = (messages) => [
  ...new Set([
    'notes:read',
    ...messages
      .filter((message) => message?.method === 'tools/call')
      .map(({ params }) => scopes.get(params?.name) ?? 'notes:write'),
  ]),
];

const send = (response, { status, headers, body }) =>
  response
    .writeHead(status, { 'Content-Type': 'application/json', ...headers })
    .end(JSON.stringify(body));

const refuse = (response, status, error, headers) =>
  send(response, { status, headers, body: { error } });

/** The body as JSON; undefined if it is none, too long, or broken off. */
async function read(request) {
  let text = '';
  try {
    for await (const chunk of request.setEncoding('utf8')) {
      text += chunk;
      if (text.length > 100_000) return undefined;
    }
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const mcp = guard.protect(
  async (request, response, caller) => {
    if (request.method !== 'POST') return refuse(response, 405, 'Use POST.', { Allow: 'POST' });
    const body = await read(request);
    if (!body) return refuse(response, 400, 'Send a JSON-RPC message of at most 100 kB.');
    const refusal = guard.requireScope(request, caller, scopeOf([body].flat()));
    if (refusal) return send(response, refusal);
    const tools = createTools(caller);
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    response.on('close', () => tools.close());
    await tools.connect(transport);
    await transport.handleRequest(request, response, body);
  },
  { scopeOf: () => 'notes:read' },
);

createServer(mcp).listen(Number(PORT), () => console.log(`Listening on port ${PORT}`));
