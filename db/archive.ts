/** Size of a tar header, and what entries are padded to. */
const block = 512;

/** A file of an archive, or a directory, which has no content. */
export interface Entry {
  /** The path relative to the data directory. */
  name: string;
  /** A view of the archive. */
  content: Uint8Array | undefined;
}

/**
 * The files and directories of a tar archive of `PGlitePool.dump`, in its order: a directory comes before what is in it. Headers:
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar".
 */
export function* entriesOf(archive: Buffer): Generator<Entry> {
  const textAt = (start: number, length: number) =>
    archive.toString('latin1', start, start + length).replace(/\0.*$/s, '');
  for (let at = 0; archive[at]; ) {
    const size = Number.parseInt(textAt(at + 124, 12), 8);
    const isDirectory = textAt(at + 156, 1) === '5';
    yield {
      name: textAt(at, 100).replace(/^\//, ''),
      content: isDirectory
        ? undefined
        : new Uint8Array(archive.buffer, archive.byteOffset + at + block, size),
    };
    at += block + Math.ceil(size / block) * block;
  }
}
