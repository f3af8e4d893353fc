import { chmod, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { createDirectoryDurably, writeDurably } from '../../db/durable.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../crypto/random.ts';

/** How the `writ` command on this machine reaches the server. */
export interface OperatorFile {
  /** The issuer. */
  url: string;
  /** Where the same server listens on this machine, for the time before DNS and the proxy lead to it. */
  local_url?: string;
  api_key: string;
}

/** Where a server with these settings listens on its own machine; undefined if its issuer says so, or PORT is 0. */
export function localUrlOf(
  { HOST, PORT }: { HOST?: string | undefined; PORT: number },
  issuer: string,
): string | undefined {
  const isAny = !HOST || ['0.0.0.0', '::'].includes(HOST);
  const host = isAny ? 'localhost' : HOST.includes(':') ? `[${HOST}]` : HOST;
  const url = `http://${host}:${PORT}`;
  return PORT === 0 || new URL(issuer).origin === url ? undefined : url;
}

/** A file of the installation that is truncated, or was changed by hand. */
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

/** The least length of a key of SECRET_KEYS, in characters. */
const minKeyLength = 32;

/** The files of an installation that are not in its database. Only their owner can read them. */
export function openDataDirectory(directory: string) {
  const operatorFile = path.join(directory, 'operator.json');
  const secretsFile = path.join(directory, 'secret-keys');

  /** Throws BrokenFileError. */
  const readSecretKeys = async (): Promise<string[] | undefined> => {
    const stored = await readIfPresent(secretsFile);
    return stored === undefined ? undefined : parseSecretKeys(secretsFile, stored);
  };

  return {
    path: directory,
    operatorFile,
    secretsFile,

    async create(): Promise<void> {
      await createDirectoryDurably(directory);
      await chmod(directory, 0o700);
    },

    readSecretKeys,

    /** The sealing keys of an installation without SECRET_KEYS. The file is written once and never replaced. */
    async ensureSecretKeys(): Promise<string[]> {
      const stored = await readSecretKeys();
      if (stored) return stored;
      const secret = randomAlphanumeric(lengthOf256Bits);
      await writeDurably(secretsFile, `${secret}\n`);
      return [secret];
    },

    /** Throws BrokenFileError. */
    async readOperatorFile(): Promise<OperatorFile | undefined> {
      const stored = await readIfPresent(operatorFile);
      return stored === undefined ? undefined : parseOperatorFile(operatorFile, stored);
    },

    writeOperatorFile: (content: OperatorFile): Promise<void> =>
      writeDurably(operatorFile, `${JSON.stringify(content, null, 2)}\n`),
  };
}

function parseSecretKeys(file: string, text: string): string[] {
  const secrets = text.trim().split(/[\s,]+/);
  if (secrets.every((secret) => secret.length >= minKeyLength)) return secrets;
  throw new BrokenFileError(
    file,
    text.trim() === ''
      ? 'it is empty'
      : `it has a key of fewer than ${minKeyLength} characters, as if it was cut off`,
    'Restore it from a backup: nothing else decrypts the secrets of the database. If you need nothing of the database next to it, remove both.',
  );
}

function parseOperatorFile(file: string, text: string): OperatorFile {
  const remedy =
    'Remove it: "writ serve" creates a new one on the embedded database, and "writ setup" on Postgres.';
  try {
    const { url, local_url: localUrl, api_key } = JSON.parse(text);
    if (URL.canParse(url) && typeof api_key === 'string')
      return { url, ...(URL.canParse(localUrl) && { local_url: localUrl }), api_key };
  } catch (cause) {
    const reason = text === '' ? 'it is empty' : `it is no JSON (${(cause as Error).message})`;
    throw new BrokenFileError(file, reason, remedy, { cause });
  }
  throw new BrokenFileError(file, 'it has no url or no api_key', remedy);
}

export type DataDirectory = ReturnType<typeof openDataDirectory>;

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
