// The processes that the bench starts itself: none outlives it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Order, Outcome } from './load/order.ts';
import { canTake, runWrk, wrk } from './load/wrk.ts';

/** Loaded into a process, ends it with the bench. */
export const leaveWithParent = pathToFileURL(
  path.join(import.meta.dirname, 'leave-with-parent.js'),
).href;

export interface Program {
  pid: number;
  stop(): Promise<void>;
}

/** A server that answers a message. */
export interface Listener extends Program {
  ask(): Promise<unknown>;
}

function launch(file: string, env: Record<string, string>): ChildProcess {
  return spawn(
    process.execPath,
    ['--import', leaveWithParent, path.join(import.meta.dirname, file)],
    {
      env: { PATH: process.env['PATH'], ...env },
      // What a server prints is of no interest, as long as it serves; its complaints are.
      stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
    },
  );
}

/** Starts a server of test/bench/servers; it says by a message that it listens. */
export async function startListener(file: string, env: Record<string, string>): Promise<Listener> {
  const child = launch(`servers/${file}`, env);
  await firstMessage(child);
  return {
    pid: child.pid ?? 0,
    stop: () => end(child),
    ask() {
      child.send('ask');
      return firstMessage(child);
    },
  };
}

export interface LoadMaker {
  run(order: Order): Promise<Outcome>;
  stop(): Promise<void>;
}

/** Starts the process that makes the load where wrk is not there, or cannot. */
export function startLoadMaker(): LoadMaker {
  const child = launch('load/process.ts', {});
  return {
    async run(order) {
      if (wrk && canTake(order)) return runWrk(wrk, order);
      child.send(order);
      return (await firstMessage(child)) as Outcome;
    },
    stop: () => end(child),
  };
}

async function firstMessage(child: ChildProcess): Promise<unknown> {
  const waited = new AbortController();
  const { signal } = waited;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`${child.spawnargs.at(-1)} ended (${code})`);
      }),
    ]);
  } finally {
    waited.abort();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
