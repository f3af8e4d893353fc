import { readFile } from 'node:fs/promises';
import { EmscriptenBuiltinFilesystem } from '@electric-sql/pglite/basefs';

/** The parts used of Emscripten's file system. With `canOwn` a file keeps the given bytes instead of a copy. */
interface MemoryFiles {
  mkdirTree(directory: string): void;
  writeFile(file: string, content: Uint8Array, options: { canOwn: boolean }): void;
}

/** Where PGlite has its data. */
const dataDirectory = '/pglite/data';

/** Size of a tar header, and what entries are padded to. */
const block = 512;

/**
 * Files in memory that begin as those of a tar archive of `PGlitePool.dump`. The archive is read once and becomes the
 * memory of the files, which takes a tenth of the time of PGlite's own `loadDataDir`.
 */
export class ArchivedFiles extends EmscriptenBuiltinFilesystem {
  readonly #archive: string;

  constructor(archive: string) {
    super();
    this.#archive = archive;
  }

  override async initialSyncFs(): Promise<void> {
    const files = this.pg?.Module.FS as unknown as MemoryFiles;
    const archive = await readFile(this.#archive);
    const textAt = (start: number, length: number) =>
      archive.toString('latin1', start, start + length).replace(/\0.*$/s, '');
    files.mkdirTree(dataDirectory);
    // The header of an entry: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar".
    for (let at = 0; archive[at]; ) {
      const file = `${dataDirectory}/${textAt(at, 100).replace(/^\//, '')}`;
      const size = Number.parseInt(textAt(at + 124, 12), 8);
      const isDirectory = textAt(at + 156, 1) === '5';
      const start = archive.byteOffset + at + block;
      if (isDirectory) files.mkdirTree(file);
      else files.writeFile(file, new Uint8Array(archive.buffer, start, size), { canOwn: true });
      at += block + Math.ceil(size / block) * block;
    }
  }
}
