/** TRACES: a span for each sampled request, with a child for each statement to Postgres and each command to Redis. */
import { channel, tracingChannel } from 'node:diagnostics_channel';
import type { RequestListener } from 'node:http';
import type { RanStatement } from '../../db/statement-channel.ts';
import { rememberTraceOf } from '../http/access-log.ts';
import { type TraceParent, traceParentOf } from '../http/traceparent.ts';
import { methodOf } from '../metrics/requests.ts';
import { currentTraces, enableTraces, inTraces, type Trace } from '../telemetry/traces.ts';
import { SpanIds } from './ids.ts';
import { encodeKind, type Span } from './span-messages.ts';

interface Options {
  isSampled: (parent: TraceParent | undefined) => boolean;
  /** Names the route of a path without its parameters. */
  routeOf: (path: string) => string;
  /** Whether the log has a line for each request. */
  isLogged: boolean;
  add: (span: Span) => void;
}

/** A request that has a span. */
class TracedRequest implements Trace {
  readonly ids: SpanIds;
  readonly traceState: string | undefined;

  constructor(ids: SpanIds, traceState: string | undefined) {
    this.ids = ids;
    this.traceState = traceState;
  }

  get traceId(): string {
    return this.ids.traceId;
  }

  get spanId(): string {
    return this.ids.spanId;
  }
}

/** Returns a handler that makes a span of each sampled request, and handles all of them as before. */
export function createRequestSpans({
  isSampled,
  routeOf,
  isLogged,
  add,
}: Options): (handler: RequestListener) => RequestListener {
  enableTraces();
  const kindOf = createRequestKinds();
  return (handler) => (request, response) => {
    const parent = traceParentOf(request);
    if (!isSampled(parent)) return handler(request, response);
    const began = performance.now();
    const ids = parent ? SpanIds.within(parent) : SpanIds.root();
    const traceState = parent && traceStateOf(request.headers['tracestate']);
    // Read now: a dialect can change it on the way.
    const path = pathOf(request.url ?? '/');
    const method = methodOf(request);
    if (isLogged) rememberTraceOf(response, ids.traceId);
    response.on('close', () => {
      const { statusCode, writableFinished } = response;
      const kind = kindOf(method, routeOf(path), writableFinished ? statusCode : 'cut');
      const ended = performance.now();
      add({ ids, isParentRemote: parent !== undefined, traceState, began, ended, kind });
    });
    const traced = new TracedRequest(ids, traceState);
    return inTraces([traced], () => handler(request, response));
  };
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/** The longest state that a server must pass on (W3C Trace Context §3.3.1.5). */
const longestState = 512;

const traceStateOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && header.length <= longestState ? header : undefined;

/** Encodes the kind of a request once. Methods, routes and statuses are few, whatever callers send. */
function createRequestKinds() {
  type Status = number | 'cut';
  const kinds = new Map<string, Map<string, Map<Status, Uint8Array>>>();
  const encode = (method: string, route: string, status: Status): Uint8Array => {
    const isError = status === 'cut' || status >= 500;
    return encodeKind({
      name: `${method === 'other' ? 'HTTP' : method} ${route}`,
      kind: 'server',
      attributes: {
        'http.request.method': method === 'other' ? '_OTHER' : method,
        'http.route': route,
        ...(status !== 'cut' && { 'http.response.status_code': status }),
        ...(isError && { 'error.type': String(status) }),
      },
      isError,
    });
  };
  return (method: string, route: string, status: Status): Uint8Array => {
    const byRoute = kept(kinds, method, () => new Map());
    const byStatus = kept(byRoute, route, () => new Map());
    return kept(byStatus, status, () => encode(method, route, status));
  };
}

function kept<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}

type System = 'postgresql' | 'redis';

const encodeCall = (name: string, system: System, error: string | undefined): Uint8Array =>
  encodeKind({
    name,
    kind: 'client',
    attributes: {
      'db.system.name': system,
      ...(error !== undefined && { 'error.type': error }),
    },
    isError: error !== undefined,
  });

/** A lookup in some partitions has their number at the end of its name. */
const withoutNumber = (name: string): string => name.replace(/-\d+$/, '');

/** The verb of a statement and what it is about: `select client`. No text of it can be a value then. */
export function summaryOf(text: string): string {
  const [, verb = 'statement'] = /^\s*([a-z]+)/i.exec(text) ?? [];
  const [, table] = /\b(?:from|into|update|table)\s+"?([a-z_]+)"?/i.exec(text) ?? [];
  return [verb.toLowerCase(), table].filter(Boolean).join(' ');
}

/** What ioredis publishes of a command. */
interface Command {
  command: string;
  error?: { code?: unknown };
  began?: number;
}

/** Records calls to the stores. Returns a function that stops it. */
export function recordCalls(add: (span: Span) => void): () => void {
  const record = (
    kind: Uint8Array,
    { began, ended }: Pick<RanStatement, 'began' | 'ended'>,
  ): void => {
    for (const { ids, traceState } of currentTraces() as readonly TracedRequest[])
      add({ ids: ids.child(), isParentRemote: false, traceState, began, ended, kind });
  };

  const statements = channel('writ:statement');
  // Names of prepared statements and commands are few.
  const prepared = new Map<string, Uint8Array>();
  const kindOfStatement = ({ name, text, error }: RanStatement): Uint8Array => {
    if (name === undefined || error !== undefined)
      return encodeCall(name ? withoutNumber(name) : summaryOf(text), 'postgresql', error);
    return kept(prepared, name, () => encodeCall(withoutNumber(name), 'postgresql', undefined));
  };
  const onStatement = (message: unknown) => {
    if (currentTraces().length === 0) return;
    const statement = message as RanStatement;
    record(kindOfStatement(statement), statement);
  };
  statements.subscribe(onStatement);

  const succeeded = new Map<string, Uint8Array>();
  const kindOfCommand = ({ command, error }: Command): Uint8Array => {
    const name = command.toLowerCase();
    if (error) return encodeCall(name, 'redis', String(error.code ?? 'error'));
    return kept(succeeded, command, () => encodeCall(name, 'redis', undefined));
  };
  const commands = tracingChannel<unknown, Command>('ioredis:command');
  const onCommand = {
    start(command: Command) {
      if (currentTraces().length > 0) command.began = performance.now();
    },
    asyncEnd(command: Command) {
      const { began } = command;
      if (began !== undefined) record(kindOfCommand(command), { began, ended: performance.now() });
    },
  };
  // biome-ignore lint/suspicious/noExplicitAny: the types of Node want every handler
  commands.subscribe(onCommand as any);
  return () => {
    statements.unsubscribe(onStatement);
    // biome-ignore lint/suspicious/noExplicitAny: as above
    commands.unsubscribe(onCommand as any);
  };
}
