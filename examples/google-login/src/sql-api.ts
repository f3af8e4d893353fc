/** THE SQL API: `POST /v2/weblite/sql` over SQLite, for callers with a token of Writ. */
import type { IncomingMessage } from 'node:http';
import type { Data } from './database.ts';
import { introspect, type ResourceServer } from './introspection.ts';
import { type Listening, listen } from './listen.ts';

export interface SqlApiSettings {
  port: number;
  resourceServer: ResourceServer;
  data: Data;
  /** What the one database is called. */
  database: string;
}

/** Pages of every origin may call: what they may see depends on the token, and on no cookie. */
const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'POST',
  'Access-Control-Allow-Headers': 'authorization, content-type',
};

const longestBody = 64 * 1024;

/** A refusal. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const startSqlApi = ({ port, ...settings }: SqlApiSettings): Promise<Listening> =>
  listen(port, async (request, response) => {
    const send = (status: number, body?: unknown) =>
      response
        .writeHead(status, { ...cors, 'Content-Type': 'application/json' })
        .end(body === undefined ? undefined : JSON.stringify(body));
    try {
      if (request.url !== '/v2/weblite/sql') throw new Refusal(404, 'There is nothing here.');
      if (request.method === 'OPTIONS') return void send(204);
      if (request.method !== 'POST') throw new Refusal(405, 'Send a POST.');
      send(200, await answer(request, settings));
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500;
      if (status === 500) console.error(error);
      if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="SQL"');
      const detail = status === 500 ? 'Something went wrong here.' : (error as Error).message;
      send(status, { errors: [{ status: String(status), detail }] });
    }
  });

async function answer(
  request: IncomingMessage,
  { resourceServer, data, database }: Omit<SqlApiSettings, 'port'>,
): Promise<unknown> {
  const came = performance.now();
  const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const user = token && (await introspect(resourceServer, token));
  if (!user) throw new Refusal(401, 'The token is not valid.');
  const known = performance.now();
  const { sql, named } = readStatement(await readJson(request));
  if (named !== undefined && named !== database)
    throw new Refusal(404, `There is no database ${named}.`);
  const rows = query(data, sql, user);
  const [connectedMs, elapsedMs] = [known - came, performance.now() - came].map(Math.round) as [
    number,
    number,
  ];
  return {
    data: rows,
    metadata: { connectedMs, executedMs: elapsedMs - connectedMs, elapsedMs },
  };
}

function query(data: Data, sql: string, user: Parameters<Data['query']>[1]) {
  try {
    return data.query(sql, user);
  } catch (error) {
    throw new Refusal(400, (error as Error).message);
  }
}

/** The database is named in a member of its own, or by `USE DATABASE name;` ahead of the statement. */
function readStatement(body: { sql?: unknown; database?: unknown }): {
  sql: string;
  named: string | undefined;
} {
  if (typeof body.sql !== 'string') throw new Refusal(400, 'Send {"sql": "SELECT …"}.');
  const [, used, sql = body.sql] =
    /^\s*USE\s+DATABASE\s+["']?([^\s"';]+)["']?\s*;(.*)$/is.exec(body.sql) ?? [];
  return { sql, named: used ?? (body.database === undefined ? undefined : String(body.database)) };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  request.setEncoding('utf8');
  for await (const part of request) {
    text += part;
    if (text.length > longestBody) throw new Refusal(413, 'The body is too long.');
  }
  try {
    const body = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body;
  } catch {}
  throw new Refusal(400, 'The body is no JSON object.');
}
