// The server as operators run it: a process of its own, started by its command and configured by its environment.
// None outlives the process that started it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { createHttp, type Http } from './http.ts';
import { until } from './process.ts';
import { keepLog, keepSecret, keepsRecords } from './run-records.ts';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Kills the process when its input ends, which happens when the tests end, even by SIGKILL. Its workers end with it, in
 * their own way.
 */
const withParent = `data:text/javascript,${encodeURIComponent(
  "if (!process.env.WRIT_WORKER) process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume().unref();",
)}`;

export type ProcessEnvironment = Record<string, string>;

/** Exit of a process. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ServerProcess extends Http {
  pid: number;
  stdout(): string;
  /** Standard error, without the log lines of a healthy server. */
  stderr(): string;
  /** Its log lines. */
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts what is in it
  log(): any[];
  /** Resolves when standard output contains this text. */
  said(text: string): Promise<void>;
  /** `kill -9`: resolves once the process is gone. */
  kill(): Promise<Exit>;
  /** SIGTERM: resolves once the process is gone. */
  stop(): Promise<Exit>;
  exited: Promise<Exit>;
}

interface Program {
  env: ProcessEnvironment;
  /** Modules of test/support to preload. */
  preload?: string[];
  /** Directory and program: by default this repository and its sources. */
  directory?: string;
  file?: string;
  /** Time limit for its start, in milliseconds. */
  timeout?: number;
}

/** Of our own environment: where programs are, and where Node keeps what it compiled. */
const inherited = (): ProcessEnvironment => {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  return { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) };
};

/** What `npm start` gives Node for a server. */
const flagsOf = (file: string, [command]: string[]): string[] => {
  if (file !== 'bin/writ.js' || command !== 'serve') return [];
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return scripts.start.split(' ').filter((part: string) => part.startsWith('--'));
};

/** Node on a file of this repository. */
function launch(file: string, args: string[], { env, preload = [], directory = root }: Program) {
  const modules = [withParent, ...preload.map((name) => path.join(import.meta.dirname, name))];
  const child = spawn(
    process.execPath,
    [...flagsOf(file, args), ...modules.flatMap((module) => ['--import', module]), file, ...args],
    { cwd: directory, env: { ...inherited(), ...env }, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const texts = { stdout: '', stderr: '' };
  const keep = keepLog(`${path.basename(file)}-${child.pid}`);
  child.stderr.on('data', keep);
  for (const key of env['SECRET_KEYS']?.split(',') ?? []) keepSecret('SECRET_KEYS', key.trim());
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  // `close` comes after `exit`, when all output has been read.
  const exited = once(child, 'close').then(([code, signal]): Exit => ({ code, signal }));
  return { child, texts, exited };
}

/** Log lines of the levels debug and info. */
const ordinary = /^\{"level":[123]0,.*\n/gm;

/** Starts a server without waiting for it. It shuts down without delay unless its environment says otherwise. */
export function beginServer({ env, file = 'src/main.ts', ...program }: Program) {
  const { child, texts, exited } = launch(file, ['serve'], {
    ...program,
    env: { SHUTDOWN_DELAY_SECONDS: '0', ...(keepsRecords && { LOG_LEVEL: 'debug' }), ...env },
  });
  return {
    pid: child.pid as number,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr.replace(ordinary, ''),
    log: () => (texts.stderr.match(/^\{"level":.*\}$/gm) ?? []).map((line) => JSON.parse(line)),
    kill: () => end(child, 'SIGKILL', exited),
    stop: () => end(child, 'SIGTERM', exited),
    exited,
  };
}

/** Starts a server and resolves when it listens. Rejects with its output if it exits instead. */
export async function spawnServer(program: Program): Promise<ServerProcess> {
  const server = beginServer(program);
  const said = (text: string) =>
    until(
      `the server to say ${text}`,
      async () => {
        if (!server.stdout().includes(text)) throw new Error(server.stdout());
      },
      program.timeout,
    );
  const ended = server.exited.then(({ code, signal }) => {
    throw new Error(`the server ended (${signal ?? code}):\n${server.stdout()}${server.stderr()}`);
  });
  try {
    await Promise.race([said('Listening on '), ended]);
  } catch (error) {
    await server.kill();
    throw error;
  }
  ended.catch(() => {});
  keepSecretsOf(program.env['DATA_DIR']);
  const origin = /^Listening on (\S+)$/m.exec(server.stdout())?.[1] ?? '';
  return { ...server, ...createHttp(origin), said };
}

/** The keys that a server keeps in its data directory. */
function keepSecretsOf(directory: string | undefined): void {
  const read = (name: string) => {
    const file = path.join(directory ?? '', name);
    return directory && existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  };
  keepSecret('SECRET_KEYS', read('secret-keys'));
  keepSecret('api_key', JSON.parse(read('operator.json') ?? '{}').api_key);
}

function end(child: ChildProcess, signal: NodeJS.Signals, exited: Promise<Exit>): Promise<Exit> {
  child.kill(signal);
  return exited;
}

/** Runs the `writ` command to its end, and kills it after 90 seconds. */
export async function runWrit(args: string[], env: ProcessEnvironment) {
  const { child, texts, exited } = launch('bin/writ.js', args, { env });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 90_000);
  const exit = await exited;
  clearTimeout(deadline);
  return { ...exit, stdout: texts.stdout, stderr: texts.stderr.replace(ordinary, '') };
}
