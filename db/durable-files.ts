import fs from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { syncPathNow } from './durable.ts';
import { LogSync } from './log-sync.ts';

/** The parts used of Emscripten's file system for Node ("NODEFS"), which PGlite mounts. */
interface Node {
  name: string;
  parent: Node;
}
interface Stream {
  node: Node;
  /** The file descriptor of Node. */
  nfd: number;
}
interface Nodefs {
  tryFSOperation<Result>(operation: () => Result): Result;
  realPath(node: Node): string;
  node_ops: {
    mknod(parent: Node, name: string, mode: number, device: number): Node;
    rename(node: Node, directory: Node, name: string): void;
    unlink(parent: Node, name: string): void;
    rmdir(parent: Node, name: string): void;
    symlink(parent: Node, name: string, target: string): void;
    setattr(node: Node, attributes: { size?: number }): void;
  };
  stream_ops: {
    open(stream: Stream): void;
    dup(stream: Stream): void;
    write(
      stream: Stream,
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number,
    ): number;
    setattr(stream: Stream, attributes: { size?: number }): void;
    close(stream: Stream): void;
    fsync?(stream: Stream): number;
  };
}

/**
 * The files of the embedded database, with an `fsync` that syncs. PGlite's own NodeFS has none: what Postgres wants on
 * disk stays in the memory of the operating system, and a power cut loses it in any order.
 *
 * Postgres must ask for it: it is started without `-F`, and with `wal_sync_method=fsync`, because Emscripten handles
 * `fdatasync` without calling the file system.
 *
 * - Each sync also syncs the directories whose entries changed since the last one, which in some places Postgres leaves
 *   to the file system.
 * - Once the database is open, a commit does not block on the disk. Its part of the write-ahead log (WAL) is synced in
 *   another thread; `log.settled()` resolves when that is done, and a response to the commit must await it. Everything
 *   else that Postgres writes must reach the disk after its log records, so such a write, removal or sync first syncs
 *   the rest of the log.
 */
export class DurableFiles extends NodeFS {
  readonly log = new LogSync();
  readonly #changedDirectories = new Set<string>();
  /** The open streams; two of them can share a descriptor. */
  readonly #open = new Set<Stream>();
  /** Files written since their last sync, once everything else is known to be on disk. */
  #written: WeakSet<Node> | undefined;

  /** States that all files are on disk: those that are not written from now on need no sync. */
  noteAllSynced(): void {
    this.#written = new WeakSet();
  }

  /**
   * Closes all files of a crashed engine without a sync, because nothing more of it may reach the disk. Later operations
   * of that engine on its files fail.
   */
  abandon(): void {
    this.log.abandon();
    for (const descriptor of new Set(Array.from(this.#open, ({ nfd }) => nfd)))
      fs.closeSync(descriptor);
    for (const stream of this.#open) stream.nfd = -1;
    this.#open.clear();
  }

  override async init(pglite: PGlite, options: Parameters<NodeFS['init']>[1]) {
    const { emscriptenOpts } = await super.init(pglite, options);
    const preRun = [
      (module: { NODEFS: unknown }) => this.#extend(module.NODEFS as Nodefs),
      ...(emscriptenOpts.preRun ?? []),
    ];
    return { emscriptenOpts: { ...emscriptenOpts, preRun } };
  }

  #extend(nodefs: Nodefs): void {
    this.#followNames(nodefs);
    this.#followContents(nodefs);
  }

  #followNames({ node_ops: names, realPath, tryFSOperation }: Nodefs): void {
    const { mknod, rename, unlink, rmdir, symlink } = names;
    const settle = () => tryFSOperation(() => this.log.settleNow());
    const changes = (...directories: Node[]) => {
      for (const directory of directories) this.#changedDirectories.add(realPath(directory));
    };
    names.mknod = (parent, name, mode, device) => {
      changes(parent);
      const node = mknod(parent, name, mode, device);
      this.#written?.add(node);
      return node;
    };
    names.rename = (node, directory, name) => {
      settle();
      changes(node.parent, directory);
      rename(node, directory, name);
    };
    names.unlink = (parent, name) => {
      settle();
      changes(parent);
      unlink(parent, name);
    };
    names.rmdir = (parent, name) => {
      settle();
      changes(parent);
      rmdir(parent, name);
    };
    names.symlink = (parent, name, target) => {
      changes(parent);
      symlink(parent, name, target);
    };
  }

  #followContents({ node_ops, stream_ops, tryFSOperation, realPath }: Nodefs): void {
    const { open, dup, write, close, setattr } = stream_ops;
    const { setattr: setattrOfNode } = node_ops;
    stream_ops.open = (stream) => {
      open(stream);
      this.#open.add(stream);
    };
    stream_ops.dup = (stream) => {
      dup(stream);
      this.#open.add(stream);
    };
    stream_ops.write = (stream, buffer, offset, length, position) => {
      const isLog = isLogSegment(stream.node);
      if (!isLog && !this.log.isSettled && !isNewAndZero(stream, buffer, offset, length, position))
        tryFSOperation(() => this.log.settleNow());
      this.#written?.add(stream.node);
      const written = write(stream, buffer, offset, length, position);
      if (isLog) this.log.bytes += written;
      return written;
    };
    stream_ops.setattr = (stream, attributes) => {
      if (attributes.size !== undefined && attributes.size < fs.fstatSync(stream.nfd).size)
        tryFSOperation(() => this.log.settleNow());
      this.#written?.add(stream.node);
      setattr(stream, attributes);
    };
    node_ops.setattr = (node, attributes) => {
      if (attributes.size !== undefined) tryFSOperation(() => this.log.settleNow());
      this.#written?.add(node);
      setattrOfNode(node, attributes);
    };
    stream_ops.fsync = ({ node, nfd }) =>
      tryFSOperation(() => {
        if (this.#written && !this.#written.has(node) && this.#changedDirectories.size === 0)
          return 0;
        this.#syncDirectories();
        if (isLogSegment(node) && this.log.wrote(realPath(node))) return 0;
        this.log.settleNow();
        fs.fsyncSync(nfd);
        this.#written?.delete(node);
        return 0;
      });
    stream_ops.close = (stream) => {
      try {
        if (isLogSegment(stream.node)) tryFSOperation(() => this.log.settleNow());
      } finally {
        // An abandoned stream is already closed, and its number can belong to another file by now.
        if (this.#open.delete(stream)) close(stream);
      }
    };
  }

  #syncDirectories(): void {
    for (const directory of this.#changedDirectories) {
      if (fs.existsSync(directory)) syncPathNow(directory);
      this.#changedDirectories.delete(directory);
    }
  }
}

/** Whether a file is a segment of the log: 24 hexadecimal digits. A segment that is being created has another name. */
const isLogSegment = ({ name, parent }: Node): boolean =>
  name.length === 24 && parent.name === 'pg_wal';

/** Whether a write extends a file with zeros. Postgres extends tables this way, which needs no log record before it. */
function isNewAndZero(
  { nfd }: Stream,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
): boolean {
  const bytes = buffer.subarray(offset, offset + length);
  return bytes.every((byte) => byte === 0) && position >= fs.fstatSync(nfd).size;
}
