import { spawn, spawnSync } from 'node:child_process';
import * as path from 'node:path';

const program = path.join(import.meta.dirname, '../../bin/writ.js');

/** `script` of util-linux, which most Linux systems have, runs a command on a pseudo-terminal. */
export const hasPseudoTerminals = spawnSync('script', ['--version']).stdout?.includes('util-linux');

/** `writ` on a terminal of its own. */
export interface OnTerminal {
  /** All that the terminal was sent so far, with its control sequences. */
  readonly output: string;
  /** Resolves with the match as soon as the output has it. Rejects if the command ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  type(text: string): void;
  /** Closes the window; the command gets SIGHUP. Does nothing if it has ended. */
  close(): void;
  /** Its exit code. */
  readonly ended: Promise<number>;
}

/** Starts `writ` as a shell would, in a window of `columns`. */
export function writOnPseudoTerminal(
  args: string[],
  environment: Record<string, string>,
  { columns }: { columns: number },
): OnTerminal {
  const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn(
    'script',
    [
      '--quiet',
      '--return',
      '--command',
      `stty cols ${columns} rows 24; exec ${command}`,
      '/dev/null',
    ],
    { env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', SHELL: '/bin/sh', ...environment } },
  );
  let output = '';
  let hasEnded = false;
  let changed = () => {};
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    changed();
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      hasEnded = true;
      changed();
      resolve(code ?? -1);
    });
  });
  return {
    get output() {
      return output;
    },
    ended,
    close: () => void child.kill('SIGHUP'),
    type: (text) => void child.stdin.write(text),
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        changed = () => {
          const match = pattern.exec(output);
          if (match) resolve(match);
          else if (hasEnded) reject(new Error(`The command ended without ${pattern}:\n${output}`));
        };
        changed();
      }),
  };
}
