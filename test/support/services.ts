// The real services that tests run against: Postgres, Redis, a Redis Cluster, and the path of Chromium. They are
// found on this machine, started on free loopback ports, and removed afterwards.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { copyDirectory, freePort, startProgram, until } from './process.ts';

export interface Service {
  readonly url: string;
  readonly port: number;
  /** Stops it orderly. Data stays until this process ends, for `start`. */
  stop(): Promise<void>;
  /** A crash. */
  kill(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
}

const OLDEST_POSTGRES = 15;
const OLDEST_REDIS = 7;

/** Directory of the newest supported Postgres binaries. POSTGRES_BIN names another, or none if empty. */
export function findPostgres(): string | undefined {
  const named = process.env['POSTGRES_BIN'];
  const directories =
    named === undefined ? [...debianPostgres(), ...searchPath()] : named ? [named] : [];
  let newest: { directory: string; major: number } | undefined;
  for (const directory of directories) {
    if (!isExecutable(path.join(directory, 'initdb'))) continue;
    const major = majorVersion(path.join(directory, 'postgres'), /\(PostgreSQL\) (\d+)/);
    if (major >= OLDEST_POSTGRES && major > (newest?.major ?? 0)) newest = { directory, major };
  }
  return newest?.directory;
}

/** The path of a redis-server that Writ supports. REDIS_SERVER names another, or none if empty. */
export function findRedis(): string | undefined {
  return candidates('REDIS_SERVER', ['redis-server']).find(
    (file) => majorVersion(file, /v=(\d+)/) >= OLDEST_REDIS,
  );
}

/** The path of a Chromium or Chrome. CHROMIUM names another, or none if empty. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  return candidates('CHROMIUM', names).find(isExecutable);
}

/**
 * A Postgres with a superuser and a database `writ`, without a password. `fsync` is for tests that measure; a crash
 * of only Postgres loses nothing without it. `data` is a data directory to copy; without it a new one is
 * initialized. `tables` is an empty directory for the tables of `writ`.
 */
export async function startPostgres({
  fsync = false,
  data,
  tables,
}: {
  fsync?: boolean;
  data?: string | undefined;
  tables?: string | undefined;
} = {}): Promise<Service & { dataDirectory: string }> {
  const binaries = findPostgres() ?? missing('Postgres');
  const port = await freePort();
  const url = (database: string) => `postgres://writ@127.0.0.1:${port}/${database}`;
  const onOff = fsync ? 'on' : 'off';
  const program = await startProgram({
    name: 'postgres',
    owner: unprivileged(),
    fill: data ? (directory) => copyDirectory(data, path.join(directory, 'data')) : undefined,
    prepare: data
      ? undefined
      : (directory) => [
          path.join(binaries, 'initdb'),
          ...['--pgdata', path.join(directory, 'data'), '--no-sync'],
          ...['--username=writ', '--auth=trust', '--encoding=UTF8', '--locale=C'],
        ],
    command: (directory) => [
      path.join(binaries, 'postgres'),
      ...['-D', path.join(directory, 'data'), '-p', String(port), '-k', directory],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200'],
      ...['-c', `fsync=${onOff}`, '-c', `full_page_writes=${onOff}`],
    ],
    ready: () => query(url('postgres'), 'SELECT 1'),
    stopSignal: 'SIGINT',
    // An immediate shutdown: the next start recovers from the log as after a crash, but no remaining backend makes
    // it refuse.
    killSignal: 'SIGQUIT',
  });
  if (tables) await query(url('postgres'), `CREATE TABLESPACE elsewhere LOCATION '${tables}'`);
  const place = tables ? ' TABLESPACE elsewhere' : '';
  if (!data) await query(url('postgres'), `CREATE DATABASE writ${place}`);
  return {
    ...service(url('writ'), port, program),
    dataDirectory: path.join(program.directory, 'data'),
  };
}

/** A standby of a running primary: it starts from a copy and follows it. */
export async function startStandby(primary: Service): Promise<Service> {
  const binaries = findPostgres() ?? missing('Postgres');
  const port = await freePort();
  const url = `postgres://writ@127.0.0.1:${port}/writ`;
  const program = await startProgram({
    name: 'standby',
    owner: unprivileged(),
    prepare: (directory) => [
      path.join(binaries, 'pg_basebackup'),
      ...['-h', '127.0.0.1', '-p', String(primary.port), '-U', 'writ'],
      ...['-D', path.join(directory, 'data'), '-R', '--checkpoint=fast', '--no-sync'],
    ],
    command: (directory) => [
      path.join(binaries, 'postgres'),
      ...['-D', path.join(directory, 'data'), '-p', String(port), '-k', directory],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200'],
    ],
    ready: () => query(url, 'SELECT 1'),
    stopSignal: 'SIGINT',
    killSignal: 'SIGQUIT',
  });
  return service(url, port, program);
}

/** A Redis without persistence: after `kill` and `start` it is empty. */
export async function startRedis({ args = [] as readonly string[] } = {}): Promise<Service> {
  const server = findRedis() ?? missing('Redis');
  const port = await freePort();
  const program = await startProgram({
    name: 'redis',
    command: (directory) => [
      server,
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory],
      ...['--save', '', '--appendonly', 'no', ...args],
    ],
    ready: () => withRedis(port, (redis) => redis.ping()),
    stopSignal: 'SIGTERM',
    killSignal: 'SIGKILL',
  });
  return service(`redis://127.0.0.1:${port}`, port, program);
}

/** A Redis Cluster of three masters without replicas. */
export async function startRedisCluster(): Promise<Pick<Service, 'url' | 'stop'>> {
  const nodes = await Promise.all([0, 1, 2].map(startClusterNode));
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  const share = Math.ceil(16_384 / nodes.length);
  for (const [index, { port }] of nodes.entries()) {
    await withRedis(port, async (redis) => {
      const first = index * share;
      const last = Math.min(first + share, 16_384) - 1;
      await redis.call('CLUSTER', 'ADDSLOTSRANGE', first, last);
      await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      for (const other of nodes.slice(0, index))
        await redis.call('CLUSTER', 'MEET', '127.0.0.1', other.port, other.busPort);
    });
  }
  await until('the cluster to be whole', async () => {
    for (const { port } of nodes) {
      const info = String(await withRedis(port, (redis) => redis.call('CLUSTER', 'INFO')));
      const whole = ['cluster_state:ok', `cluster_size:${nodes.length}`];
      if (!whole.every((line) => info.split('\r\n').includes(line))) throw new Error(info);
    }
  });
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
  return { url: `redis://${hosts.join(',')}`, stop };
}

async function startClusterNode() {
  const busPort = await freePort();
  const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
  return { ...(await startRedis({ args })), busPort };
}

function service(url: string, port: number, program: Omit<Service, 'url' | 'port' | 'restart'>) {
  const { start, stop, kill } = program;
  const restart = async () => {
    await stop();
    await start();
  };
  return { url, port, start, stop, kill, restart };
}

async function query(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  // A connection that breaks while idle is also reported by the next query.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function withRedis<T>(port: number, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

/** The user that Postgres runs as if this process is root, as which it refuses to run. */
export function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('Postgres does not run as root, and there is no user postgres or nobody');
}

function missing(name: string): never {
  throw new Error(`${name} is not installed`);
}

function debianPostgres(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    return readdirSync(root).map((version) => path.join(root, version, 'bin'));
  } catch {
    return [];
  }
}

function searchPath(): string[] {
  return (process.env['PATH'] ?? '').split(path.delimiter).filter(path.isAbsolute);
}

function candidates(variable: string, names: string[]): string[] {
  const named = process.env[variable];
  if (named !== undefined) return named ? [named] : [];
  return names.flatMap((name) => searchPath().map((directory) => path.join(directory, name)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Major version printed by `file --version`, or 0 if there is none. */
function majorVersion(file: string, pattern: RegExp): number {
  if (!isExecutable(file)) return 0;
  const answer = execFileSync(file, ['--version'], { encoding: 'utf8' });
  return Number(pattern.exec(answer)?.[1] ?? 0);
}
