import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Failure } from './failure.ts';

/** The text of a file that an option names; `-` is standard input. Throws Failure if it cannot be read. */
export async function readGiven(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'it does not exist',
      EACCES: 'permission denied',
      EISDIR: 'it is a directory',
    };
    throw new Failure(`${file} cannot be read: ${reasons[code ?? ''] ?? message}.`, { cause });
  }
}
