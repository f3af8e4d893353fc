// Lists and searches of many API tokens over the API, as their backend asks for them and as an operator
// does. The bench asks itself: it has nothing else to do meanwhile.
import { spawnServer } from '../support/server-process.ts';
import { names, type Seeded, seedLists, subjects } from './lists-seed.ts';
import { askAgain } from './load/ask-again.ts';
import { openConnection } from './load/connection.ts';
import { percentiles } from './load/latencies.ts';
import type { Options } from './options.ts';
import { startStores } from './stores.ts';
import { operatorOf, setUp } from './writ.ts';

/** Callers at once. */
export const listCallers = 4;

const warmUpSeconds = 1;
/** Pages that are turned before one that is deep in, each as long as can be. */
const pagesDeep = 200;
const longestPage = 500;

/** What a list took. Times are in milliseconds. */
export interface ListRow {
  what: string;
  by: 'API key' | 'operator';
  perSecond: number;
  p50: number;
  p99: number;
  errors: number;
}

/** A request that may differ each time, and what stands in every right answer. */
interface List {
  what: string;
  path: () => string;
  expects: string;
}

const some = '"items":[{';

/** What both ask for. */
const lists = (cursors: string[], { ids }: Seeded): List[] => {
  const list = (what: string, query: string, expects = some): List => ({
    what,
    path: () => `/tokens?${query}`,
    expects,
  });
  return [
    list('first page', ''),
    { what: 'deep in', path: () => `/tokens?after=${oneOf(cursors)}`, expects: some },
    {
      what: 'of a subject',
      path: () => `/tokens?subject_type=user&subject_id=${Math.floor(Math.random() * subjects)}`,
      expects: some,
    },
    list('of a kind of subject', 'subject_type=user'),
    list('of no kind of subject', 'subject_type=tenant', '"items":[]'),
    list('name, common', `name=${names.common}`),
    list('name, rare', `name=${names.rare}`),
    list('name, none', `name=${names.none}`, '"items":[]'),
    list('active', 'state=active'),
    list('expired', 'state=expired'),
    list('revoked', 'state=revoked'),
    list('name, common, revoked', `name=${names.common}&state=revoked`),
    list('name, rare, active', `name=${names.rare}&state=active`),
    { what: 'one by its id', path: () => `/tokens/${oneOf(ids)}`, expects: '"id":"tok_' },
  ];
};

/** What only an operator can ask for. */
const listsOfOperators = ({ otherClientId, accountId }: Seeded): List[] =>
  [
    ['of a client', `client_id=${otherClientId}`],
    ['of a person', `account_id=${accountId}`],
    ['personal access tokens', 'kind=personal_access_token'],
    ['API keys', 'kind=api_key'],
    ['API keys, active', 'kind=api_key&state=active'],
    ['API keys, by name', 'kind=api_key&name=backend'],
  ].map(([what = '', query]) => ({ what, path: () => `/tokens?${query}`, expects: some }));

const oneOf = (values: string[]): string =>
  values[Math.floor(Math.random() * values.length)] as string;

/** Starts Postgres, Redis and Writ, gives it tokens, and reads every list for some seconds. */
export async function measureLists(
  directory: string,
  { listed, seconds }: Options,
  say: (text: string) => void,
): Promise<ListRow[]> {
  const stores = await startStores();
  try {
    const env = await setUp(directory, stores);
    const server = await spawnServer({ env });
    try {
      const { api, key } = operatorOf(server.origin, env);
      const resource = 'https://lists.bench.test';
      await api.createResource({ identifier: resource, scopes: [{ name: 'things:read' }] });
      await api.setRole('bench', ['things.read']);
      const { id: clientId } = await api.createClient({ roles: ['bench'], resources: [resource] });
      const made = await api.call('POST', `/clients/${clientId}/api-keys`, { name: 'backend' });
      if (made.status !== 201) throw new Error(`no API key was made: ${made.text}`);

      say(`Storing ${listed} API tokens of one client, and a fifth as many of others`);
      const seeded = await seedLists(stores.postgresUrl, { clientId, tokens: listed, resource });

      const port = Number(env['PORT']);
      const rows: ListRow[] = [];
      for (const [by, token, more] of [
        ['API key', made.body.api_key, []],
        ['operator', key, listsOfOperators(seeded)],
      ] as const) {
        say(`Reading lists as ${by}`);
        const cursors = await turnPages(port, token);
        for (const list of [...lists(cursors, seeded), ...more]) {
          await read(port, token, list, warmUpSeconds);
          const { firstError, ...measured } = await read(port, token, list, seconds);
          if (firstError) say(`${list.what}, as ${by}: ${firstError}`);
          rows.push({ what: list.what, by, ...measured });
        }
      }
      return rows;
    } finally {
      await server.stop();
    }
  } finally {
    await stores.stop();
  }
}

const requestFor = (port: number, token: string, path: string): string =>
  `GET /api/v1${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`;

/** The cursors of the last pages of many, as somebody has them who turned one after the other. */
async function turnPages(port: number, token: string): Promise<string[]> {
  const connection = await openConnection(port);
  const cursors: string[] = [];
  try {
    for (let page = 0; page < pagesDeep; page++) {
      const after = cursors.length > 0 ? `&after=${cursors.at(-1)}` : '';
      const { body } = await connection.exchange(
        requestFor(port, token, `/tokens?limit=${longestPage}${after}`),
      );
      const { next } = JSON.parse(body) as { next: string | null };
      if (next === null) break;
      cursors.push(next);
    }
  } finally {
    connection.close();
  }
  return cursors.slice(-pagesDeep / 2);
}

async function read(
  port: number,
  token: string,
  { path, expects }: List,
  seconds: number,
): Promise<Omit<ListRow, 'what' | 'by'> & { firstError: string | undefined }> {
  const next = () => ({ text: requestFor(port, token, path()), expects });
  const { latencies, elapsed, errors, firstError } = await askAgain(port, next, {
    callers: listCallers,
    seconds,
  });
  return {
    perSecond: (latencies.length / elapsed) * 1000,
    ...percentiles(latencies),
    errors,
    firstError,
  };
}
