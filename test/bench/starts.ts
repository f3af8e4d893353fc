// How long somebody waits who types `npm start`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/process.ts';
import { leaveWithParent } from './programs.ts';
import { median } from './rounds.ts';

const root = path.resolve(import.meta.dirname, '../..');
const times = 3;

/** Milliseconds from `npm start` to the first answer of discovery. */
export interface Starts {
  /** Without a data directory, and with no compiled code kept from earlier. */
  cold: number;
  /** Again, on what the first start left. */
  warm: number;
}

export async function measureStarts(directory: string): Promise<Starts> {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let count = 0; count < times; count++) {
    const place = path.join(directory, `start-${count}`);
    mkdirSync(place);
    const env = {
      DATA_DIR: path.join(place, 'data'),
      NODE_COMPILE_CACHE: path.join(place, 'compiled'),
      PORT: String(await freePort()),
    };
    cold.push(await startOnce(env));
    warm.push(await startOnce(env));
  }
  return { cold: median(cold), warm: median(warm) };
}

async function startOnce(env: { PORT: string } & Record<string, string>): Promise<number> {
  const began = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: `--import=${leaveWithParent}`,
      npm_config_update_notifier: 'false',
      npm_config_loglevel: 'error',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdout.resume();
  // Comes when nobody can write there any more: npm ends at once, the server in its own time.
  const exited = once(child, 'close');
  try {
    await discovery(env.PORT, () => child.exitCode !== null);
    return performance.now() - began;
  } finally {
    // The end of its input, which the shell between npm and the server passes on: signals it does not.
    child.stdin.end();
    await exited;
  }
}

async function discovery(port: string, ended: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline && !ended()) {
    const status = await fetch(`http://localhost:${port}/.well-known/openid-configuration`).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => undefined,
    );
    if (status === 200) return;
    await delay(10);
  }
  throw new Error('npm start did not serve');
}
