// A Datasette behind Writ, as far as dclient needs it: some databases, with routes that require the token's scopes from
// introspection. It forwards Writ's routes, because clients use one URL for both.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { basic, type Credentials } from '../support/http.ts';

const databases: Record<string, string[]> = {
  db1: ['dogs', 'cats'],
  db3: ['dogs', 'submissions'],
};

interface Detail {
  identifier?: string;
  actions: string[];
}

export interface DatasetteServer {
  origin: string;
  close(): Promise<void>;
}

export async function startDatasetteServer({
  writ,
  client,
}: {
  /** The origin of Writ. */
  writ: string;
  /** Who introspects. */
  client: Credentials;
}): Promise<DatasetteServer> {
  /** Whether the token of a request allows an action on a database and table. */
  const limitsOf = async ({ headers }: IncomingMessage) => {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (!token) return undefined;
    const response = await fetch(`${writ}/connect/introspect`, {
      method: 'POST',
      headers: {
        authorization: basic(client),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ token }),
    });
    const told = (await response.json()) as {
      active: boolean;
      scope?: string;
      authorization_details?: Detail[];
    };
    if (!told.active) return undefined;
    const isUnrestricted = told.scope?.split(' ').includes('unrestricted') ?? false;
    return (action: string, ...asked: string[]): boolean =>
      isUnrestricted ||
      (told.authorization_details ?? []).some(({ identifier = '', actions }) => {
        const place = identifier === '' ? [] : identifier.split('/').map(decodeURIComponent);
        return actions.includes(action) && place.every((name, index) => name === asked[index]);
      });
  };

  const answer = async (request: IncomingMessage): Promise<[status: number, body: unknown]> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://datasette.example');
    const allows = await limitsOf(request);
    const guarded = (
      action: string,
      places: string[],
      body: unknown,
      status = 200,
    ): [number, unknown] =>
      allows?.(action, ...places)
        ? [status, body]
        : [403, { ok: false, error: 'Permission denied', status: 403, title: 'Forbidden' }];
    const rows = { ok: true, rows: [{ id: 1 }], columns: ['id'] };
    if (pathname === '/.json')
      return guarded('view-instance', [], {
        databases: Object.fromEntries(Object.keys(databases).map((name) => [name, { name }])),
      });
    const [, database = '', table = '', , verb = ''] = pathname.replace(/\.json$/, '').split('/');
    if (!databases[database]) return [404, { ok: false, error: 'Database not found' }];
    if (request.method === 'POST')
      return table === '-'
        ? guarded('create-table', [database], { ok: true }, 201)
        : guarded(
            verb === 'drop' ? 'drop-table' : 'insert-row',
            [database, table],
            { ok: true },
            201,
          );
    if (table) return guarded('view-table', [database, table], rows);
    return searchParams.has('sql')
      ? guarded('execute-sql', [database], rows)
      : guarded('view-database', [database], { ok: true, tables: databases[database] });
  };

  const server = createServer(async (request, response) => {
    const { url = '/', method = 'GET', headers } = request;
    const body = method === 'GET' ? '' : await text(request);
    if (url.startsWith('/-/')) {
      const { authorization, 'content-type': type } = headers;
      const handed = await fetch(writ + url, {
        method,
        headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
        ...(body && { body }),
      });
      response.writeHead(handed.status, {
        'content-type': handed.headers.get('content-type') ?? '',
      });
      response.end(Buffer.from(await handed.arrayBuffer()));
      return;
    }
    const [status, answered] = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answered));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
