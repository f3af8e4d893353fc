// Preloaded into a server. A request with the header `x-crash: before 3` or `x-crash: after 3` kills the process,
// like `kill -9`, before its third statement reaches the database, or after it has taken effect and before the
// server learns of it.
import { AsyncLocalStorage } from 'node:async_hooks';
import * as http from 'node:http';
import pg from 'pg';
import { WireSession } from '../../db/wire/session.ts';

interface Crash {
  when: string;
  left: number;
}

type Anything = (...args: unknown[]) => unknown;

const requests = new AsyncLocalStorage<Crash>();

const emit = http.Server.prototype.emit as Anything;
http.Server.prototype.emit = function (this: http.Server, event: string, ...args: unknown[]) {
  const [request] = args as [http.IncomingMessage | undefined];
  const header = event === 'request' ? request?.headers['x-crash'] : undefined;
  const emitNow = () => emit.call(this, event, ...args);
  if (typeof header !== 'string') return emitNow();
  const [when = '', number] = header.split(' ');
  return requests.run({ when, left: Number(number) }, emitNow);
} as never;

function crash(): never {
  process.kill(process.pid, 'SIGKILL');
  // Block until the signal arrives, so that the process does nothing more.
  for (;;);
}

function watched(query: Anything): Anything {
  return function (this: unknown, ...args: unknown[]) {
    const current = requests.getStore();
    if (!current || --current.left !== 0) return query.apply(this, args);
    if (current.when === 'before') crash();
    const callback = args.at(-1);
    if (typeof callback === 'function') return query.apply(this, [...args.slice(0, -1), crash]);
    return (query.apply(this, args) as Promise<unknown>).then(crash, crash);
  };
}

pg.Client.prototype.query = watched(pg.Client.prototype.query as Anything) as never;
WireSession.prototype.query = watched(WireSession.prototype.query as Anything) as never;
