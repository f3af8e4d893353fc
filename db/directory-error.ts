import { statSync } from 'node:fs';

/** The embedded database cannot be opened in its directory; the message says why and what to do. */
export class DatabaseDirectoryError extends Error {
  constructor(
    directory: string,
    found: string,
    remedy = defaultRemedy(directory),
    cause?: unknown,
  ) {
    super(`The embedded database in ${directory} cannot be opened: ${found}. ${remedy}`, { cause });
    this.name = 'DatabaseDirectoryError';
  }

  /**
   * Explains an error from a directory. `logLines` are what Postgres logged while it started; without them only errors
   * of the file system are explained, and other errors are returned unchanged.
   */
  static explain(directory: string, error: unknown, logLines: string[] = []): unknown {
    if (error instanceof DatabaseDirectoryError) return error;
    const { code, errno, path = directory } = error as NodeJS.ErrnoException;
    const [found, remedy] = systemErrors[code ?? emscriptenCodes[errno ?? 0] ?? '']?.(path) ?? [];
    if (found) return new DatabaseDirectoryError(directory, found, remedy, error);
    const reasons = reasonsIn(logLines);
    if (reasons.length === 0 && logLines.length === 0) return error;
    return new DatabaseDirectoryError(
      directory,
      `Postgres reports "${(reasons.length > 0 ? reasons : logLines.slice(-3)).join('; ')}"`,
      fullDisk.test(reasons.join()) ? freeSpace : undefined,
      error,
    );
  }
}

const defaultRemedy = (directory: string): string =>
  `Nothing in it was changed. Restore a backup of DATA_DIR, or set DATA_DIR to another directory. If you no longer need the data in this one, move ${directory} away: the next start creates a new, empty database. See "Backups" in docs/operations.md.`;

const freeSpace = 'No data is lost. Free some disk space and start again.';
const fatalLevel = /^(FATAL|PANIC|ERROR)$/;
const fullDisk = /No space left on device|Disk quota exceeded/;

const access = (path: string): [string, string] => [
  `${path} is not writable${ownerOf(path)}`,
  'Change the owner of the directory (chown -R), or set DATA_DIR to another one.',
];
const full = (path: string): [string, string] => [`the disk of ${path} is full`, freeSpace];

const systemErrors: Record<string, (path: string) => [found: string, remedy?: string]> = {
  EACCES: access,
  EPERM: access,
  EROFS: (path) => [
    `${path} is on a file system that is mounted read-only`,
    'Mount it read-write, or set DATA_DIR to another directory.',
  ],
  ENOSPC: full,
  EDQUOT: full,
  ENOTDIR: (path) => [`${path} is inside a file`, 'Set DATA_DIR to a directory.'],
  EEXIST: (path) => [`${path} is a file`, 'Set DATA_DIR to a directory.'],
  EIO: (path) => [`the disk failed to read or write ${path}`],
};

/** Emscripten throws errors with only a WASI number while PGlite unpacks its files. */
const emscriptenCodes: Record<number, string> = {
  2: 'EACCES',
  19: 'EDQUOT',
  29: 'EIO',
  51: 'ENOSPC',
  63: 'EPERM',
  69: 'EROFS',
};

/** The user of this process and the owner of the path, if they differ. */
function ownerOf(path: string): string {
  const user = process.getuid?.();
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  if (user === undefined) return '';
  return ` for user ${user}, as whom this process runs${owner === undefined || owner === user ? '' : `; it belongs to user ${owner}`}`;
}

/** The log lines that say why Postgres stopped, without time and process. */
function reasonsIn(logLines: string[]): string[] {
  const texts = logLines.map((line) => /\b([A-Z]+):\s+(.*)/.exec(line));
  return texts.flatMap((found, index) => {
    const [, level = '', text = ''] = found ?? [];
    const isDetail = level === 'DETAIL' && fatalLevel.test(texts[index - 1]?.[1] ?? '');
    return fatalLevel.test(level) || isDetail ? [text] : [];
  });
}
