import { statSync } from 'node:fs';

/** The embedded database cannot be opened in its directory: what was found there, and the ways out. */
export class DatabaseDirectoryError extends Error {
  constructor(directory: string, found: string, remedy = waysOut(directory), cause?: unknown) {
    super(`The embedded database in ${directory} does not open: ${found}. ${remedy}`, { cause });
    this.name = 'DatabaseDirectoryError';
  }

  /**
   * What an error in a directory means. `said` is what Postgres wrote while it started; without that only
   * errors of the file system are explained, and others given back.
   */
  static explain(directory: string, error: unknown, said: string[] = []): unknown {
    if (error instanceof DatabaseDirectoryError) return error;
    const { code, errno, path = directory } = error as NodeJS.ErrnoException;
    const [found, remedy] = systemErrors[code ?? emscriptenCodes[errno ?? 0] ?? '']?.(path) ?? [];
    if (found) return new DatabaseDirectoryError(directory, found, remedy, error);
    const reasons = reasonsIn(said);
    if (reasons.length === 0 && said.length === 0) return error;
    return new DatabaseDirectoryError(
      directory,
      `Postgres says "${(reasons.length > 0 ? reasons : said.slice(-3)).join('; ')}"`,
      fullDisk.test(reasons.join()) ? freeSpace : undefined,
      error,
    );
  }
}

const waysOut = (directory: string): string =>
  `Nothing in it was given up. Restore a backup of DATA_DIR, or set DATA_DIR to another directory, or, where nothing in this one is needed any more, move ${directory} away: the next start makes a new, empty one. See "Backups" in docs/operations.md.`;

const freeSpace = 'Nothing is lost: free some space and start again.';
const gaveUp = /^(FATAL|PANIC|ERROR)$/;
const fullDisk = /No space left on device|Disk quota exceeded/;

const access = (path: string): [string, string] => [
  `${path} may not be written${ownerOf(path)}`,
  'Give the directory to that user (chown -R), or set DATA_DIR to another one.',
];
const full = (path: string): [string, string] => [`the disk of ${path} is full`, freeSpace];

const systemErrors: Record<string, (path: string) => [found: string, remedy?: string]> = {
  EACCES: access,
  EPERM: access,
  EROFS: (path) => [
    `${path} is on a file system that is mounted read-only`,
    'Mount it for writing, or set DATA_DIR to another directory.',
  ],
  ENOSPC: full,
  EDQUOT: full,
  ENOTDIR: (path) => [`${path} is below a file`, 'Set DATA_DIR to a directory.'],
  EEXIST: (path) => [`${path} is a file`, 'Set DATA_DIR to a directory.'],
  EIO: (path) => [`the disk fails to read or write ${path}`],
};

/** What Emscripten throws, while PGlite unpacks its files, has a number of WASI alone. */
const emscriptenCodes: Record<number, string> = {
  2: 'EACCES',
  19: 'EDQUOT',
  29: 'EIO',
  51: 'ENOSPC',
  63: 'EPERM',
  69: 'EROFS',
};

/** Whose it is, and who asks. */
function ownerOf(path: string): string {
  const asks = process.getuid?.();
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  if (asks === undefined) return '';
  return ` by user ${asks}, as whom this process runs${owner === undefined || owner === asks ? '' : `: it belongs to user ${owner}`}`;
}

/** The lines in which Postgres gave up, without their time and process. */
function reasonsIn(said: string[]): string[] {
  const texts = said.map((line) => /\b([A-Z]+):\s+(.*)/.exec(line));
  return texts.flatMap((found, index) => {
    const [, level = '', text = ''] = found ?? [];
    const isDetail = level === 'DETAIL' && gaveUp.test(texts[index - 1]?.[1] ?? '');
    return gaveUp.test(level) || isDetail ? [text] : [];
  });
}
