import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { writHere } from '../support/command.ts';

const run = promisify(execFile);

let script: string;
beforeAll(async () => {
  script = (await writHere(['completion', 'bash'], {})).out;
});

/** What bash offers after a line, whose last word is being typed. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(' ');
  const { stdout } = await run('bash', [
    '--norc',
    '-c',
    `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
_writ
printf '%s\\n' "\${COMPREPLY[@]}"`,
  ]);
  return stdout.split('\n').filter(Boolean);
}

test('bash completes commands, below commands too', async () => {
  expect(await offered('writ cl')).toEqual(expect.arrayContaining(['clients', 'client-token']));
  expect(await offered('writ ')).toEqual(
    expect.arrayContaining(['serve', 'login', 'roles', 'completion']),
  );
  expect(await offered('writ roles ')).toEqual(
    expect.arrayContaining(['set', 'create', 'list', 'delete']),
  );
  expect(await offered('writ apps clients cre')).toEqual(['create']);
});

test('it completes options, those of every command among them', async () => {
  expect(await offered('writ roles set editor --perm')).toEqual(['--permission']);
  expect(await offered('writ roles set editor --js')).toEqual(['--json']);
});

test('it completes the values of options that have a choice, and takes no other value for a command', async () => {
  expect(await offered('writ clients create --profile ')).toEqual(['fapi2']);
  expect(await offered('writ completion z')).toEqual(['zsh']);
  expect(await offered('writ --url roles clients cre')).toEqual(['create']);
  expect(await offered('writ --url ')).toEqual([]);
});

test('another shell is refused, with those that there are', async () => {
  const { code, err } = await writHere(['completion', 'tcsh'], {});
  expect([code, err]).toEqual([2, expect.stringContaining('bash, zsh, fish')]);
});

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

/** How a shell is asked what it offers for the last of these words. */
const asking: Record<string, (file: string, words: string[]) => string[]> = {
  zsh: (file, words) => [
    ...['-f', '-c'],
    `compdef() { :; }; source '${file}'
compadd() { shift; print -l -- $@ }
words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; PREFIX='${words.at(-1)}'
_writ_complete`,
  ],
  fish: (file, words) => [
    '--no-config',
    '-c',
    `source '${file}'; complete -C '${words.join(' ')}'`,
  ],
};

test.each(Object.keys(asking).filter(has))('%s completes the same', async (shell) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'writ-completion-'));
  const file = path.join(directory, shell);
  await writeFile(file, (await writHere(['completion', shell], {})).out);
  const offers = async (...words: string[]) => {
    const { stdout } = await run(shell, asking[shell]?.(file, ['writ', ...words]) ?? []);
    return stdout.split('\n').map((line) => line.split('\t')[0]);
  };
  expect(await offers('apps', 'clients', 'cre')).toContain('create');
  expect(await offers('roles', 'set', 'editor', '--perm')).toContain('--permission');
  expect(await offers('clients', 'create', '--profile', '')).toContain('fapi2');
  expect(await offers('roles', '')).not.toContain('secrets');
  await rm(directory, { recursive: true });
});
