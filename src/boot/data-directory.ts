import { chmod, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { createDirectoryDurably, writeDurably } from '../../db/durable.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../crypto/random.ts';

/** How the `writ` command on this machine reaches the server. */
export interface OperatorFile {
  url: string;
  api_key: string;
}

/** A file of the installation that does not hold what was written there: truncated, or changed by hand. */
export class BrokenFileError extends Error {
  readonly file: string;
  /** What is wrong with it. */
  readonly problem: string;
  /** What to do. */
  readonly remedy: string;

  constructor(file: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${file} is broken: ${problem}. ${remedy}`, options);
    this.name = 'BrokenFileError';
    this.file = file;
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** Characters that a key of SECRET_KEYS has at least. */
const shortestKey = 32;

/** The files of an installation that are not in its database. All are for their owner's eyes only. */
export function openDataDirectory(directory: string) {
  const operatorFile = path.join(directory, 'operator.json');
  const secretsFile = path.join(directory, 'secret-keys');

  return {
    path: directory,

    async create(): Promise<void> {
      await createDirectoryDurably(directory);
      await chmod(directory, 0o700);
    },

    /** The keys that seal, for an installation that was given none: made once. */
    async secretKeys(): Promise<string[]> {
      const stored = await readIfThere(secretsFile);
      // Never made anew where there is one: what the lost key sealed would be lost with it.
      if (stored !== undefined) return secretsIn(secretsFile, stored);
      const secret = randomAlphanumeric(lengthOf256Bits);
      await writeDurably(secretsFile, `${secret}\n`);
      return [secret];
    },

    async readOperatorFile(): Promise<OperatorFile | undefined> {
      const stored = await readIfThere(operatorFile);
      return stored === undefined ? undefined : operatorIn(operatorFile, stored);
    },

    writeOperatorFile: (content: OperatorFile): Promise<void> =>
      writeDurably(operatorFile, `${JSON.stringify(content, null, 2)}\n`),
  };
}

function secretsIn(file: string, text: string): string[] {
  const secrets = text.trim().split(/[\s,]+/);
  if (secrets.every((secret) => secret.length >= shortestKey)) return secrets;
  throw new BrokenFileError(
    file,
    text.trim() === ''
      ? 'it is empty'
      : `it holds a key of fewer than ${shortestKey} characters, as one that was cut off`,
    'Restore it from a backup: nothing else opens what it sealed. Only where the database beside it holds nothing that you need, remove both.',
  );
}

function operatorIn(file: string, text: string): OperatorFile {
  const remedy =
    'Remove it: a new one is made when the server starts anew on its embedded database, and by "writ setup" on Postgres.';
  try {
    const { url, api_key } = JSON.parse(text);
    if (URL.canParse(url) && typeof api_key === 'string') return { url, api_key };
  } catch (cause) {
    const reason = text === '' ? 'it is empty' : `it holds no JSON (${(cause as Error).message})`;
    throw new BrokenFileError(file, reason, remedy, { cause });
  }
  throw new BrokenFileError(file, 'it has no url, or no api_key', remedy);
}

export type DataDirectory = ReturnType<typeof openDataDirectory>;

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
