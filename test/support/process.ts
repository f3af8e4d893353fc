// Programs started by tests, each in a temporary directory of its own. None outlives the process that started it,
// however that one ends.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface Program {
  /** Its directory; removed when this process ends. */
  readonly directory: string;
  /** Restarts it on its directory. */
  start(): Promise<void>;
  /** Stops it with the signal for an orderly shutdown. */
  stop(): Promise<void>;
  /** Kills it, like a crash. */
  kill(): Promise<void>;
}

interface Description {
  name: string;
  owner?: { uid: number; gid: number } | undefined;
  /** Fills the directory before anything runs in it. */
  fill?: ((directory: string) => Promise<void>) | undefined;
  /** A command that prepares the directory once. */
  prepare?: ((directory: string) => string[]) | undefined;
  command: (directory: string) => string[];
  /** Rejects until the program is ready. */
  ready: () => Promise<unknown>;
  stopSignal: NodeJS.Signals;
  killSignal: NodeJS.Signals;
}

/**
 * Waits for the end of its input, which comes when the parent ends, even by SIGKILL. Then it kills the last process
 * named there and removes the directory.
 */
const GUARD = `
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -s "$2" "$pid"
  for _ in $(seq 50); do kill -0 "$pid" || break; sleep 0.1; done
  kill -s KILL "$pid"
fi
rm -rf "$1"
`;

/** Starts a program and resolves when it is ready. */
export async function startProgram(description: Description): Promise<Program> {
  const { name, owner, fill, prepare, command, ready, stopSignal, killSignal } = description;
  const directory = mkdtempSync(path.join(tmpdir(), `writ-test-${name}-`));
  const guard = spawn('sh', ['-c', GUARD, 'guard', directory, killSignal.slice('SIG'.length)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  (guard.stdin as Socket).unref();
  if (owner) chownSync(directory, owner.uid, owner.gid);

  const logFile = path.join(directory, 'log');
  const log = openSync(logFile, 'a');
  const failure = (what: string) =>
    new Error(`${name} ${what}:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);

  let child: ChildProcess | undefined;
  let ended = Promise.resolve();

  // Detached, so that Ctrl-C in a terminal only reaches the tests, which decide the order.
  function launch([file = '', ...args]: string[]): ChildProcess {
    const launched = spawn(file, args, {
      ...owner,
      cwd: directory,
      detached: true,
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      stdio: ['ignore', log, log],
    });
    child = launched;
    launched.unref();
    guard.stdin.write(`${launched.pid ?? ''}\n`);
    ended = new Promise((resolve) => {
      const end = () => {
        child = undefined;
        guard.stdin.write('\n');
        resolve();
      };
      launched.once('exit', end).once('error', end);
    });
    return launched;
  }

  async function start(): Promise<void> {
    if (child) throw new Error(`${name} is running already`);
    launch(command(directory));
    await until(`${name} to serve`, async () => {
      if (!child) throw new Fatal(failure('ended while starting'));
      await ready();
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    child?.ref();
    child?.kill(signal);
    await ended;
  }

  await fill?.(directory);
  if (prepare) {
    const preparation = launch(prepare(directory));
    preparation.ref();
    await ended;
    if (preparation.exitCode !== 0) throw failure('could not be prepared');
  }
  await start();
  return { directory, start, stop: () => end(stopSignal), kill: () => end(killSignal) };
}

/** Copies a directory to a path that does not exist, with owners and modes. */
export async function copyDirectory(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to]);
}

/** Thrown by a check that can no longer succeed. */
class Fatal extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** Repeats a check until it no longer throws, and gives up after five minutes, or `timeout` milliseconds. */
export async function until(
  what: string,
  check: () => Promise<unknown>,
  timeout = 300_000,
): Promise<void> {
  const deadline = performance.now() + timeout;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (error instanceof Fatal) throw error.cause;
      if (performance.now() > deadline) throw new Error(`Waited for ${what}`, { cause: error });
      await delay(20);
    }
  }
}

/**
 * A free port of the loopback interface, below the range of ephemeral ports: otherwise an outgoing connection could
 * take it while a killed service is down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (free) return port;
  }
}
