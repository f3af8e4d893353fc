/** TRACES: a span for each sampled request, with a child for each statement to Postgres and each command to Redis. */
import { channel, tracingChannel } from 'node:diagnostics_channel';
import type { RequestListener } from 'node:http';
import type { RanStatement } from '../../db/statement-channel.ts';
import { rememberTraceOf } from '../http/access-log.ts';
import { type TraceParent, traceParentOf } from '../http/traceparent.ts';
import { methodOf } from '../metrics/requests.ts';
import { currentTraces, enableTraces, inTraces, type Trace } from '../telemetry/traces.ts';
import { newSpanId, newTraceId } from './sampling.ts';
import { encodeKind, type Span } from './span-messages.ts';

interface Options {
  isSampled: (parent: TraceParent | undefined) => boolean;
  /** Names the route of a path without its parameters. */
  routeOf: (path: string) => string;
  /** Whether the log has a line for each request. */
  isLogged: boolean;
  add: (span: Span) => void;
}

interface TracedRequest extends Trace {
  readonly traceState: string | undefined;
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
    const traceId = parent?.traceId ?? newTraceId();
    const spanId = newSpanId();
    const traceState = parent && traceStateOf(request.headers['tracestate']);
    // Read now: a dialect can change it on the way.
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const method = methodOf(request);
    if (isLogged) rememberTraceOf(response, traceId);
    response.once('close', () => {
      const { statusCode, writableFinished } = response;
      add({
        traceId,
        spanId,
        parentSpanId: parent?.spanId,
        isParentRemote: parent !== undefined,
        traceState,
        began,
        ended: performance.now(),
        kind: kindOf(method, routeOf(path), writableFinished ? statusCode : 'cut'),
      });
    });
    const traced: TracedRequest = { traceId, spanId, traceState };
    return inTraces([traced], () => handler(request, response));
  };
}

/** The longest state that a server must pass on (W3C Trace Context §3.3.1.5). */
const longestState = 512;

const traceStateOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && header.length <= longestState ? header : undefined;

/** Encodes the kind of a request once. Methods, routes and statuses are few, whatever callers send. */
function createRequestKinds() {
  const kinds = new Map<string, Buffer>();
  return (method: string, route: string, status: number | 'cut'): Buffer => {
    const key = `${method} ${route} ${status}`;
    let kind = kinds.get(key);
    if (!kind) {
      const isError = status === 'cut' || status >= 500;
      kind = encodeKind({
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
      kinds.set(key, kind);
    }
    return kind;
  };
}

type System = 'postgresql' | 'redis';

/** Encodes the kind of a call once. */
function createCallKinds() {
  const kinds = new Map<string, Buffer>();
  return (name: string, system: System, error: string | undefined): Buffer => {
    const key = `${system} ${name} ${error ?? ''}`;
    let kind = kinds.get(key);
    if (!kind) {
      kind = encodeKind({
        name,
        kind: 'client',
        attributes: {
          'db.system.name': system,
          'db.operation.name': name,
          ...(error !== undefined && { 'error.type': error }),
        },
        isError: error !== undefined,
      });
      // Statements of administrators can be many.
      if (kinds.size < mostKinds) kinds.set(key, kind);
    }
    return kind;
  };
}

const mostKinds = 2_000;

/** The verb of a statement and what it is about: `select client`. No text of it can be a value then. */
export function summaryOf(text: string): string {
  const [, verb = 'statement'] = /^\s*([a-z]+)/i.exec(text) ?? [];
  const [, table] = /\b(?:from|into|update|table)\s+"?([a-z_]+)"?/i.exec(text) ?? [];
  return [verb.toLowerCase(), table].filter(Boolean).join(' ');
}

/** Records calls to the stores. Returns a function that stops it. */
export function recordCalls(add: (span: Span) => void): () => void {
  const kindOf = createCallKinds();
  const record = (
    name: string,
    system: System,
    { began, ended, error }: { began: number; ended: number; error: string | undefined },
  ) => {
    const kind = kindOf(name, system, error);
    for (const { traceId, spanId, traceState } of currentTraces() as readonly TracedRequest[])
      add({
        traceId,
        spanId: newSpanId(),
        parentSpanId: spanId,
        isParentRemote: false,
        traceState,
        began,
        ended,
        kind,
      });
  };

  const statements = channel('writ:statement');
  const onStatement = (message: unknown) => {
    if (currentTraces().length === 0) return;
    const { name, text, ...rest } = message as RanStatement;
    // A lookup in some partitions has their number at the end of its name.
    record(name?.replace(/-\d+$/, '') ?? summaryOf(text), 'postgresql', rest);
  };
  statements.subscribe(onStatement);

  interface Command {
    command: string;
    error?: { code?: unknown };
    began?: number;
  }
  const commands = tracingChannel<unknown, Command>('ioredis:command');
  const onCommand = {
    start(command: Command) {
      if (currentTraces().length > 0) command.began = performance.now();
    },
    asyncEnd({ command, error, began }: Command) {
      if (began === undefined) return;
      record(command.toLowerCase(), 'redis', {
        began,
        ended: performance.now(),
        error: error && String(error.code ?? 'error'),
      });
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
