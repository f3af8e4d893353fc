// The command line that Datasette publishes; each instance has its own files instead of those in a home directory.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { pythonCommand } from '../support/published-clients.ts';
import { keepSecret } from '../support/run-records.ts';

export interface Run {
  /** The exit code. */
  code: number;
  stdout: string;
  stderr: string;
}

/** A pending login. */
export interface WaitingLogin {
  /** As the terminal shows it: BCDF-GHJK */
  userCode: string;
  verificationUri: string;
  done: Promise<Run>;
}

export type Dclient = ReturnType<typeof createDclient>;

export function createDclient() {
  const directory = mkdtempSync(path.join(tmpdir(), 'writ-test-dclient-'));

  const start = (args: string[], env: Record<string, string> = {}, input = '') => {
    const child = spawn(pythonCommand('dclient'), args, {
      env: {
        PATH: process.env['PATH'],
        HOME: directory,
        DCLIENT_CONFIG_DIR: directory,
        PYTHONUNBUFFERED: '1',
        ...env,
      },
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (part) => {
      output.stdout += part;
    });
    child.stderr.on('data', (part) => {
      output.stderr += part;
    });
    child.stdin.end(input);
    const done = new Promise<Run>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        for (const [value] of output.stdout.matchAll(/\bwrit_[a-z]+_[A-Za-z0-9]{16,}/g))
          keepSecret('token of dclient', value);
        resolve({ code: code ?? -1, ...output });
      });
    });
    return { child, output, done };
  };

  const file = (name: string): unknown =>
    JSON.parse(readFileSync(path.join(directory, name), 'utf8'));

  return {
    directory,
    run: (args: string[], env?: Record<string, string>, input?: string): Promise<Run> =>
      start(args, env, input).done,

    /** Starts a login, and waits until it shows the code. */
    logIn(args: string[], input?: string): Promise<WaitingLogin> {
      const { child, output, done } = start(['login', ...args], {}, input);
      return new Promise((resolve, reject) => {
        child.stdout.on('data', () => {
          const [, userCode] = /Enter this code: (\S+)\n/.exec(output.stdout) ?? [];
          const [, verificationUri] = / {4}(http\S+)\n/.exec(output.stdout) ?? [];
          if (userCode && verificationUri) resolve({ userCode, verificationUri, done });
        });
        child.once('close', () => reject(new Error(`${output.stdout}${output.stderr}`)));
      });
    },

    /** Its stored tokens, by alias or address. */
    tokens: () => file('auth.json') as Record<string, string>,
    config: () => file('config.json') as Record<string, unknown>,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
