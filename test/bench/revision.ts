// Another revision of Writ, measured beside this one: its servers, and its own way of filling them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Options } from './options.ts';
import type { LoadMaker } from './programs.ts';
import type { Target } from './scenario.ts';
import type { Stores } from './stores.ts';

const root = path.resolve(import.meta.dirname, '../..');

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** A commit, by any name that Git knows, or the last one before a day ago. Throws an Error if there is none. */
export function revisionOf(name: string | undefined): { commit: string; subject: string } {
  const found =
    name === undefined ? git('rev-list', '-1', '--before=24 hours ago', 'HEAD').trim() : name;
  if (!found) throw new Error('No commit is older than a day: name one with --against REVISION.');
  try {
    const [commit = '', subject = ''] = git('show', '--no-patch', '--format=%h%n%s', found).split(
      '\n',
    );
    return { commit, subject };
  } catch {
    throw new Error(`--against ${name}: Git knows no such revision.`);
  }
}

/** The files of a commit in a directory that does not exist yet, with its packages. */
function checkOut(commit: string, directory: string): void {
  mkdirSync(directory, { recursive: true });
  const files = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 1 << 30 });
  execFileSync('tar', ['-x'], { cwd: directory, input: files });
  const lock = (at: string) => readFileSync(path.join(at, 'package-lock.json'), 'utf8');
  if (lock(directory) === lock(root))
    symlinkSync(path.join(root, 'node_modules'), path.join(directory, 'node_modules'));
  else
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
}

/**
 * Starts Writ as a commit has it, over stores of its own. Throws an Error if the bench of that commit is so old that it cannot
 * be used from here.
 */
export async function startRevision(
  commit: string,
  directory: string,
  stores: Stores,
  load: LoadMaker,
  options: Options,
): Promise<Target> {
  const checkout = path.join(directory, 'checkout');
  checkOut(commit, checkout);
  const module = pathToFileURL(path.join(checkout, 'test/bench/writ.ts')).href;
  const { startWrit }: Partial<typeof import('./writ.ts')> = await import(module);
  if (!startWrit) throw new Error(`The bench of ${commit} has no servers to start from here.`);
  const target = await startWrit(path.join(directory, 'writ'), stores, load, options);
  return { ...target, name: 'before' };
}
