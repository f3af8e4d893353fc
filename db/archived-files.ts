import { EmscriptenBuiltinFilesystem } from '@electric-sql/pglite/basefs';
import { entriesOf } from './archive.ts';

/** The parts used of Emscripten's file system. With `canOwn` a file keeps the given bytes instead of a copy. */
interface MemoryFiles {
  mkdirTree(directory: string): void;
  writeFile(file: string, content: Uint8Array, options: { canOwn: boolean }): void;
}

/** Where PGlite has its data. */
const dataDirectory = '/pglite/data';

/**
 * Files in memory that begin as those of a tar archive of `PGlitePool.dump`. The archive becomes the memory of the files, which
 * takes a tenth of the time of PGlite's own `loadDataDir`; nothing else may use it.
 */
export class ArchivedFiles extends EmscriptenBuiltinFilesystem {
  readonly #archive: Buffer;

  constructor(archive: Buffer) {
    super();
    this.#archive = archive;
  }

  override async initialSyncFs(): Promise<void> {
    const files = this.pg?.Module.FS as unknown as MemoryFiles;
    files.mkdirTree(dataDirectory);
    for (const { name, content } of entriesOf(this.#archive)) {
      const file = `${dataDirectory}/${name}`;
      if (content) files.writeFile(file, content, { canOwn: true });
      else files.mkdirTree(file);
    }
  }
}
