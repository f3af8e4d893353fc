// A stack under mixed load for minutes: tokens are issued, introspected and refreshed, and those of each minute are
// revoked in the next one.
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { startLoadMaker } from '../programs.ts';
import type { Request } from '../scenario.ts';
import { startStores } from '../stores.ts';
import { cpuOf } from '../usage.ts';
import { environment, setUp, start } from '../writ.ts';
import type { SoakOptions, SoakStack } from './options.ts';

/** A line of the server's samples; sizes are in bytes. */
interface Sample extends NodeJS.MemoryUsage {
  /** Milliseconds since the epoch. */
  at: number;
}

/** What a minute showed: the highest sample of each kind in MB, and the requests. */
export interface Minute {
  resident: number;
  heap: number;
  outside: number;
  requests: number;
  /** Microseconds of the server's CPU, for a request of this mixture. */
  cpu: number;
  errors: number;
}

/** Connections of each kind of request, in proportions in which APIs send them. */
const callers = { introspection: 16, client_credentials: 4, refresh: 4, revocation: 4 };
const tokens = 100_000;
const seconds = 60;

export async function measureSoak(
  directory: string,
  stack: SoakStack,
  { minutes }: Pick<SoakOptions, 'minutes'>,
  say: (text: string) => void,
): Promise<Minute[]> {
  const closers: (() => Promise<unknown>)[] = [];
  const kept = <Part extends { stop(): Promise<unknown> }>(part: Part): Part => {
    closers.push(part.stop);
    return part;
  };
  try {
    const files = (name: string) => path.join(directory, `${stack}-${name}`);
    const env = {
      ...(stack === 'embedded'
        ? await environment(files('writ'))
        : await setUp(files('writ'), kept(await startStores()))),
      MEMORY_FILE: files('memory'),
      NODE_OPTIONS: `--import ${pathToFileURL(path.join(import.meta.dirname, 'sample-memory.js'))} ${process.env['SOAK_NODE_OPTIONS'] ?? ''}`,
    };
    const makers = Object.keys(callers).map(() => kept(startLoadMaker()));
    const [first] = makers;
    if (!first) throw new Error('there is no load');
    const options = {
      tokens,
      connections: callers.refresh,
      parts: [],
      rounds: 1,
      seconds: 1,
      listed: 0,
      against: undefined,
    };
    const server = kept(await start(env, first, options));
    const { port, pid } = server;
    const found: Minute[] = [];
    for (let minute = 1; minute <= minutes; minute++) {
      const began = Date.now();
      const cpu = cpuOf(pid);
      const requests: Partial<Record<keyof typeof callers, Request>> = {
        ...server.requests,
        client_credentials: of(server.requests, 'client_credentials', {
          keep: files(`issued-${minute}`),
        }),
        revocation: of(server.requests, 'revocation', {
          vary: { parameter: 'token', file: files(`issued-${minute - 1}`), order: 'once' },
        }),
      };
      const outcomes = await Promise.all(
        (Object.keys(callers) as (keyof typeof callers)[]).map((kind, index) => {
          const request = requests[kind];
          // In the first minute there is nothing to revoke.
          if (!request || (kind === 'revocation' && minute === 1)) return undefined;
          return makers[index]?.run({
            ...request,
            port,
            connections: callers[kind],
            until: { seconds },
          });
        }),
      );
      const done = outcomes.filter((outcome) => outcome !== undefined);
      for (const { firstError } of done) if (firstError) say(`an answer was wrong: ${firstError}`);
      const answers = done.reduce((sum, outcome) => sum + outcome.answers, 0);
      const samples = readSamples(files('memory')).filter(({ at }) => at >= began);
      const most = (size: (sample: Sample) => number) => Math.max(...samples.map(size)) / 2 ** 20;
      const row = {
        resident: most(({ rss }) => rss),
        heap: most(({ heapTotal }) => heapTotal),
        outside: most(({ external }) => external),
        requests: answers,
        cpu: (cpuOf(pid) - cpu) / answers,
        errors: done.reduce((sum, { errors }) => sum + errors, 0),
      };
      found.push(row);
      say(`${stack}, minute ${minute}: ${JSON.stringify(row)}`);
    }
    return found;
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function of(
  requests: Partial<Record<keyof typeof callers, Request>>,
  kind: keyof typeof callers,
  more: Partial<Request>,
): Request {
  const request = requests[kind];
  if (!request) throw new Error(`the server has no requests of ${kind}`);
  return { ...request, ...more };
}

const readSamples = (file: string): Sample[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
