/** Where the lines of the audit go: standard output, or a file that other programs rotate. */
import { constants, write } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Whole lines, and how many of their bytes are written. After an error, writing them again continues there. */
export interface Lines {
  readonly bytes: Buffer;
  written: number;
}

export interface Destination {
  /**
   * Resolves once the lines are in the file and on the disk, or were taken by the reader of standard output. `stop` ends the wait for
   * that reader.
   */
  write(lines: Lines, stop?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const newline = 10;

type Write = (bytes: Buffer, from: number) => Promise<{ bytesWritten: number }>;

/** Writes what is missing. `lineIsOpen`: whether what was written before ends within a line. */
async function writeRest(lines: Lines, write: Write, lineIsOpen: boolean): Promise<void> {
  if (lineIsOpen && lines.written === 0) await write(Buffer.from('\n'), 0);
  while (lines.written < lines.bytes.length)
    lines.written += (await write(lines.bytes, lines.written)).bytesWritten;
}

const endsWithinLine = ({ bytes, written }: Lines, before: boolean): boolean =>
  written === 0 ? before : bytes[written - 1] !== newline;

/**
 * Opens a pipe anew, so that no write blocks: a thread that waits for the reader would keep the process from ending, even by
 * `process.exit`. Undefined for what is no pipe, or may not be opened.
 */
async function openPipe(path: string): Promise<FileHandle | undefined> {
  if (!(await stat(path).catch(() => undefined))?.isFIFO()) return undefined;
  return open(path, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
}

/** Standard output. A reader that is slow keeps no one else waiting. */
export async function createStandardOutput(path = '/dev/stdout'): Promise<Destination> {
  const pipe = await openPipe(path);
  const writeToOutput = promisify(write);
  const writeOnce: Write = pipe
    ? (bytes, from) => pipe.write(bytes, from)
    : (bytes, from) => writeToOutput(1, bytes, from);
  let lineIsOpen = false;
  const patiently =
    (stop: AbortSignal | undefined): Write =>
    async (bytes, from) => {
      for (;;)
        try {
          return await writeOnce(bytes, from);
        } catch (error) {
          // The pipe is full.
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
          await setTimeout(20, undefined, { signal: stop });
        }
    };
  return {
    async write(lines, stop) {
      try {
        await writeRest(lines, patiently(stop), lineIsOpen);
      } finally {
        lineIsOpen = endsWithinLine(lines, lineIsOpen);
      }
    },
    async close() {
      await pipe?.close();
    },
  };
}

interface OpenFile {
  handle: FileHandle;
  isAt(path: string): Promise<boolean>;
  /** Whether it ends within a line, after a crash or on a full disk. */
  lineIsOpen: boolean;
}

/** Opens a file for appending. Throws if it is no file, or cannot be written. */
async function openFile(path: string): Promise<OpenFile> {
  // Opening a pipe would wait for its reader.
  if ((await stat(path).catch(() => undefined))?.isFile() === false)
    throw Object.assign(new Error('it is not a file'), { code: 'ENOTFILE' });
  const handle = await open(path, 'a+', 0o640);
  const own = await handle.stat();
  const last = Buffer.alloc(1, newline);
  if (own.size > 0) await handle.read(last, 0, 1, own.size - 1);
  return {
    handle,
    async isAt(path) {
      const there = await stat(path).catch(() => undefined);
      return there?.ino === own.ino && there.dev === own.dev;
    },
    lineIsOpen: last[0] !== newline,
  };
}

/**
 * A file. One that was renamed or removed is created again, so that rotation needs no signal. Rejects if it cannot be opened.
 */
export async function createFile(path: string): Promise<Destination> {
  let file: OpenFile | undefined = await openFile(path);
  return {
    async write(lines) {
      if (file && !(await file.isAt(path))) {
        const former = file;
        file = undefined;
        await former.handle.close();
      }
      if (!file) {
        file = await openFile(path);
        lines.written = 0;
      }
      const { handle, lineIsOpen } = file;
      try {
        await writeRest(lines, (bytes, from) => handle.write(bytes, from), lineIsOpen);
      } finally {
        file.lineIsOpen = endsWithinLine(lines, lineIsOpen);
      }
      await handle.datasync();
    },
    async close() {
      await file?.handle.close();
      file = undefined;
    },
  };
}
