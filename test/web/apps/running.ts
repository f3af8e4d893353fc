import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { pythonCommand } from '../../support/published-clients.ts';
import { keepSecret } from '../../support/run-records.ts';

const run = promisify(execFile);

const keepShown = (text: string) => {
  for (const [value] of text.matchAll(/\b(writ_[a-z]+_[A-Za-z0-9]{16,}|eyJ[\w.-]{40,})/g))
    keepSecret('printed', value);
};

/** What lines print that are pasted into a shell; `variables` are what it knows before. */
export async function paste(
  lines: string,
  { shell = 'bash', variables = {} }: { shell?: string; variables?: Record<string, string> } = {},
): Promise<string> {
  const { stdout } = await run(shell, ['-c', lines], { env: { ...process.env, ...variables } });
  keepShown(stdout);
  return stdout;
}

/** Status and body of an answer that `curl -i` prints. */
export function parseAnswer(printed: string): { status: number; body: string } {
  const [head = '', ...body] = printed.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), body: body.join('\r\n\r\n') };
}

/** A project as developers have it: a module, its `.env`, and what is installed here. */
async function inProject<Result>(
  files: Record<string, string>,
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(path.join(tmpdir(), 'writ-project-'));
  try {
    await symlink(
      path.resolve(import.meta.dirname, '../../../node_modules'),
      path.join(directory, 'node_modules'),
    );
    for (const [name, text] of Object.entries(files))
      await writeFile(path.join(directory, name), text);
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What a module prints. */
export const runModule = (code: string, env = ''): Promise<string> =>
  inProject({ 'token.mjs': code, '.env': env }, async (cwd) => {
    const { stdout } = await run(process.execPath, ['--env-file=.env', 'token.mjs'], { cwd });
    keepShown(stdout);
    return stdout.trim();
  });

/** What a Python program prints, with the packages of `test/clients`. */
export async function runPython(code: string, variables: Record<string, string>): Promise<string> {
  const { stdout } = await run(pythonCommand('python'), ['-c', code], {
    env: { ...process.env, ...variables },
  });
  keepShown(stdout);
  return stdout;
}

/** Runs a module that asks in between: `answer` is given what it printed first, and what is typed then comes of it. */
export const talkToModule = (
  code: string,
  asks: RegExp,
  answer: (asked: RegExpExecArray) => Promise<string | undefined>,
): Promise<string> =>
  inProject({ 'module.mjs': code }, async (cwd) => {
    const child = spawn(process.execPath, ['module.mjs'], { cwd });
    const ended = once(child, 'close');
    let printed = '';
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += data;
    });
    const asked = new Promise<RegExpExecArray>((resolve, reject) => {
      child.stdout.on('data', (data) => {
        printed += data;
        const found = asks.exec(printed);
        if (found) resolve(found);
      });
      ended.then(() => reject(new Error(`it asked nothing: ${printed} ${errors}`)));
    });
    try {
      const typed = await answer(await asked);
      if (typed !== undefined) child.stdin.write(`${typed}\n`);
      const [status] = await ended;
      if (status !== 0) throw new Error(`it failed: ${errors}`);
      keepShown(printed);
      return printed;
    } finally {
      child.kill();
    }
  });
