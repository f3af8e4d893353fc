import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { run } from '../../src/cli/index.ts';

/** Result of a command. */
export interface Outcome {
  code: number;
  out: string;
  err: string;
  /** Standard output, parsed as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts what is in it
  json: any;
}

const program = path.join(import.meta.dirname, '../../bin/writ.js');

/** Runs `writ` as a shell would: in a process of its own, with only the given environment. */
export function writ(
  args: string[],
  environment: Record<string, string>,
  input = '',
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { env: environment, timeout: 300_000 },
      (error, out, err) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: Number(error?.code ?? 0), out, err, json: parse(out) });
      },
    );
    child.stdin?.end(input);
  });
}

/** The same within this process, which saves half a second per call. */
export async function writHere(
  args: string[],
  environment: Record<string, string>,
): Promise<Outcome> {
  let [out, err] = ['', ''];
  const code = await run(args, environment, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err, json: parse(out) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
