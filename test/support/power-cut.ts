// A disk that loses power. It watches the changes that this process makes to files below a directory, and knows
// what is certainly on the disk: the contents at the last sync of a file, and the names at the last sync of their
// directory. From that it rebuilds what the next start could find.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import * as path from 'node:path';

/** A file or directory, independent of its current name. */
type Inode = FileInode | DirectoryInode;
interface FileInode {
  kind: 'file';
  synced: Buffer;
  /** Changes of the contents since then, oldest first. */
  since: Change[];
}
interface DirectoryInode {
  kind: 'directory';
  names: Map<string, Inode>;
  synced: Map<string, Inode>;
}
type Change = { position: number; bytes: Buffer } | { size: number };

/** What survives without a sync: nothing, or random parts out of order. */
export type Survival = 'nothing unsynced' | 'some unsynced';

export interface PowerCutDisk {
  /** Rebuilds below `target` what a power cut at this moment would leave. */
  cut(target: string, survival: Survival): void;
  /** Called before each sync and each change of names; tests cut the power here. */
  onStep: () => void;
  /** Number of syncs so far. */
  syncs(): number;
  /** Stops watching. */
  stop(): void;
}

/** Watches all changes that this process makes below a directory, which must be empty. */
export function watchDisk(root: string): PowerCutDisk {
  const real = { ...fs };
  const realPromises = { ...fs.promises };
  const tree: DirectoryInode = { kind: 'directory', names: new Map(), synced: new Map() };
  const opened = new Map<number, Inode>();
  let syncs = 0;
  const disk: PowerCutDisk = { cut, onStep: () => {}, syncs: () => syncs, stop };

  const within = (file: unknown): string[] | undefined => {
    const relative = path.relative(root, path.resolve(String(file)));
    if (relative === '') return [];
    return relative.startsWith('..') ? undefined : relative.split(path.sep);
  };
  const find = (file: unknown): Inode | undefined => {
    let found: Inode | undefined = tree;
    for (const name of within(file) ?? ['..'])
      found = found?.kind === 'directory' ? found.names.get(name) : undefined;
    return found;
  };
  const parentOf = (file: unknown): DirectoryInode | undefined => {
    const parent = within(file)?.length
      ? find(path.dirname(path.resolve(String(file))))
      : undefined;
    return parent?.kind === 'directory' ? parent : undefined;
  };
  const nameOf = (file: unknown) => path.basename(path.resolve(String(file)));
  const newFile = (): FileInode => ({ kind: 'file', synced: Buffer.alloc(0), since: [] });

  const made = (file: unknown, flags: unknown) => {
    const parent = parentOf(file);
    const mayMake =
      typeof flags === 'number'
        ? (flags & fs.constants.O_CREAT) !== 0
        : /^[wa]/.test(String(flags));
    if (parent && mayMake && !parent.names.has(nameOf(file)))
      parent.names.set(nameOf(file), newFile());
    const truncates =
      typeof flags === 'number' ? (flags & fs.constants.O_TRUNC) !== 0 : /^w/.test(String(flags));
    if (truncates) resized(find(file), 0);
  };
  const resized = (inode: Inode | undefined, size: number) => {
    if (inode?.kind === 'file') inode.since.push({ size });
  };
  const madeDirectory = (file: unknown) =>
    parentOf(file)?.names.set(nameOf(file), {
      kind: 'directory',
      names: new Map(),
      synced: new Map(),
    });
  const renamed = (from: unknown, to: unknown) => {
    const inode = find(from);
    disk.onStep();
    parentOf(from)?.names.delete(nameOf(from));
    if (inode) parentOf(to)?.names.set(nameOf(to), inode);
  };
  const removed = (file: unknown) => {
    disk.onStep();
    parentOf(file)?.names.delete(nameOf(file));
  };
  const written = (inode: Inode | undefined, bytes: Uint8Array, position: number) => {
    if (inode?.kind === 'file') inode.since.push({ position, bytes: Buffer.from(bytes) });
  };
  const synced = (inode: Inode | undefined) => {
    if (!inode) return;
    syncs++;
    if (inode.kind === 'directory') inode.synced = new Map(inode.names);
    else {
      inode.synced = apply(inode.synced, inode.since, 'in place');
      inode.since = [];
    }
  };

  const sync = (descriptor: number) => {
    disk.onStep();
    real.fsyncSync(descriptor);
    synced(opened.get(descriptor));
  };
  const asyncSync = (descriptor: number, done: (error: Error | null) => void) => {
    disk.onStep();
    const inode = opened.get(descriptor);
    // A write during a sync in another thread may not be covered by it.
    const covered = new Set(inode?.kind === 'file' ? inode.since : []);
    real.fsync(descriptor, (error) => {
      syncs++;
      if (inode?.kind === 'file') {
        const left = inode.since.filter((change) => !covered.has(change));
        const done = inode.since.filter((change) => covered.has(change));
        inode.synced = apply(inode.synced, done, 'in place');
        inode.since = left;
      }
      done(error);
    });
  };
  const watched = {
    openSync: (file: string, flags: number | string = 'r', mode?: number) => {
      const descriptor = real.openSync(file, flags, mode);
      made(file, flags);
      const inode = find(file);
      if (inode) opened.set(descriptor, inode);
      return descriptor;
    },
    closeSync: (descriptor: number) => {
      opened.delete(descriptor);
      real.closeSync(descriptor);
    },
    writeSync: (
      descriptor: number,
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number,
    ) => {
      const count = real.writeSync(descriptor, buffer, offset, length, position);
      written(opened.get(descriptor), buffer.subarray(offset, offset + count), position);
      return count;
    },
    writeFileSync: (file: string, content: string, options: fs.WriteFileOptions) => {
      real.writeFileSync(file, content, options);
      made(file, 'w');
      written(find(file), Buffer.from(content), 0);
    },
    truncateSync: (file: string, size: number) => {
      real.truncateSync(file, size);
      resized(find(file), size);
    },
    ftruncateSync: (descriptor: number, size: number) => {
      real.ftruncateSync(descriptor, size);
      resized(opened.get(descriptor), size);
    },
    mkdirSync: (file: string, options?: fs.MakeDirectoryOptions) => {
      real.mkdirSync(file, options);
      madeDirectory(file);
    },
    renameSync: (from: string, to: string) => {
      real.renameSync(from, to);
      renamed(from, to);
    },
    unlinkSync: (file: string) => {
      real.unlinkSync(file);
      removed(file);
    },
    rmdirSync: (file: string) => {
      real.rmdirSync(file);
      removed(file);
    },
    fsyncSync: sync,
    fdatasyncSync: sync,
    fsync: asyncSync,
    fdatasync: asyncSync,
  };

  // Watches only those functions of `node:fs/promises` with which Writ writes.
  const watchedPromises = {
    open: async (file: string, flags: string | number = 'r', mode?: number) => {
      const handle = await realPromises.open(file, flags, mode);
      made(file, flags);
      const inode = find(file);
      const { writeFile, sync: syncHandle } = handle;
      return Object.assign(handle, {
        writeFile: async (content: string) => {
          await writeFile.call(handle, content);
          written(inode, Buffer.from(content), 0);
        },
        sync: async () => {
          disk.onStep();
          await syncHandle.call(handle);
          synced(inode);
        },
      });
    },
    writeFile: async (file: string, content: string, options?: fs.WriteFileOptions) => {
      await realPromises.writeFile(file, content, options);
      made(file, 'w');
      written(find(file), Buffer.from(content), 0);
      if (typeof options === 'object' && options && 'flush' in options && options.flush)
        synced(find(file));
    },
    mkdir: async (file: string, options?: fs.MakeDirectoryOptions) => {
      const first = await realPromises.mkdir(file, options);
      const parts = within(file) ?? [];
      for (let depth = 1; depth <= parts.length; depth++) {
        const directory = path.join(root, ...parts.slice(0, depth));
        if (!find(directory)) madeDirectory(directory);
      }
      return first;
    },
    rename: async (from: string, to: string) => {
      await realPromises.rename(from, to);
      renamed(from, to);
    },
    link: async (from: string, to: string) => {
      await realPromises.link(from, to);
      const inode = find(from);
      if (inode) parentOf(to)?.names.set(nameOf(to), inode);
    },
    rm: async (file: string, options?: fs.RmOptions) => {
      await realPromises.rm(file, options);
      removed(file);
    },
  };
  const put = (functions: object, promises: object) => {
    Object.assign(fs, functions);
    Object.assign(fs.promises, promises);
    syncBuiltinESMExports();
  };
  put(watched, watchedPromises);

  function stop() {
    const as = (names: object, originals: object) =>
      Object.fromEntries(Object.entries(originals).filter(([name]) => name in names));
    put(as(watched, real), as(watchedPromises, realPromises));
  }

  function cut(target: string, survival: Survival) {
    const rebuild = (directory: DirectoryInode, place: string) => {
      real.mkdirSync(place, { recursive: true });
      for (const [name, inode] of surviving(directory, survival)) {
        const at = path.join(place, name);
        if (inode.kind === 'directory') rebuild(inode, at);
        else writeSparsely(at, contents(inode, survival));
      }
    };
    rebuild(tree, target);
  }

  return disk;
}

/** Surviving names: those of the last sync, plus a random part of later changes. */
function surviving(
  { names, synced }: DirectoryInode,
  survival: Survival,
): ReadonlyMap<string, Inode> {
  if (survival === 'nothing unsynced') return synced;
  const left = new Map(synced);
  for (const name of new Set([...names.keys(), ...synced.keys()])) {
    if (names.get(name) === synced.get(name) || !chance()) continue;
    const now = names.get(name);
    if (now) left.set(name, now);
    else left.delete(name);
  }
  return left;
}

const contents = ({ synced, since }: FileInode, survival: Survival): Buffer =>
  survival === 'nothing unsynced' || since.length === 0
    ? synced
    : apply(synced, since.flatMap(inPages).filter(chance));

/** A disk writes whole pages of 4 KB, in any order. */
function inPages(change: Change): Change[] {
  if ('size' in change) return [change];
  const pages: Change[] = [];
  for (let from = 0; from < change.bytes.length; from += 4096)
    pages.push({
      position: change.position + from,
      bytes: change.bytes.subarray(from, from + 4096),
    });
  return pages;
}

function apply(before: Buffer, changes: Change[], how?: 'in place'): Buffer {
  let bytes = how ? before : Buffer.from(before);
  for (const change of changes) {
    const end = 'size' in change ? change.size : change.position + change.bytes.length;
    if (end > bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(end - bytes.length)]);
    if ('size' in change) bytes = bytes.subarray(0, change.size);
    else change.bytes.copy(bytes, change.position);
  }
  return bytes;
}

/** A log segment is mostly zeros, which need not be stored. */
function writeSparsely(file: string, bytes: Buffer): void {
  const descriptor = fs.openSync(file, 'w', 0o600);
  const chunk = 65_536;
  const zeros = Buffer.alloc(chunk);
  for (let from = 0; from < bytes.length; from += chunk) {
    const part = bytes.subarray(from, from + chunk);
    if (!part.equals(zeros.subarray(0, part.length)))
      fs.writeSync(descriptor, part, 0, part.length, from);
  }
  fs.ftruncateSync(descriptor, bytes.length);
  fs.closeSync(descriptor);
}

/** Every other one, deterministically. */
let seed = 1;
function chance(): boolean {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed > 1_073_741_824;
}
