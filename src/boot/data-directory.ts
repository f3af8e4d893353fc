import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { lengthOf256Bits, randomAlphanumeric } from '../crypto/random.ts';

/** How the `writ` command on this machine reaches the server. */
export interface OperatorFile {
  url: string;
  api_key: string;
}

/** The files of an installation that are not in its database. All are for their owner's eyes only. */
export function openDataDirectory(directory: string) {
  const operatorFile = path.join(directory, 'operator.json');
  const secretsFile = path.join(directory, 'secret-keys');

  return {
    path: directory,

    async create(): Promise<void> {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await chmod(directory, 0o700);
    },

    /** The keys that seal, for an installation that was given none: made once. */
    async secretKeys(): Promise<string[]> {
      const stored = await readIfThere(secretsFile);
      if (stored) return stored.trim().split(/[\s,]+/);
      const secret = randomAlphanumeric(lengthOf256Bits);
      await writeWhole(secretsFile, `${secret}\n`);
      return [secret];
    },

    async readOperatorFile(): Promise<OperatorFile | undefined> {
      const stored = await readIfThere(operatorFile);
      return stored ? JSON.parse(stored) : undefined;
    },

    writeOperatorFile: (content: OperatorFile): Promise<void> =>
      writeWhole(operatorFile, `${JSON.stringify(content, null, 2)}\n`),
  };
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

/** Whole or not at all, also when the process is killed meanwhile. */
async function writeWhole(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, content, { mode: 0o600, flush: true });
  await rename(temporary, file);
}
