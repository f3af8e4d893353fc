// The program of `npm run power-cut`: servers on a disk of their own, an ext4 on a loop device that is copied while
// tokens are issued. A copy is what a power cut leaves: when it is mounted, its journal is replayed. A server is
// started on it and asked for every token issued before. Needs Linux and root.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Credentials } from '../support/http.ts';
import { type ServerProcess, spawnServer } from '../support/server-process.ts';

const rounds = Number(process.argv[2] ?? 20);
const connections = 16;

interface Round {
  directory: 'new' | 'old';
  answered: number;
  /** Issued tokens that are no longer active. */
  lost: number;
  /** Age of the oldest of them at the cut, in seconds. */
  oldest: number;
  opened: boolean;
}

const base = mkdtempSync(path.join(tmpdir(), 'writ-power-cut-'));
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const mounted: string[] = [];
const servers: ServerProcess[] = [];

function mount(image: string, name: string): string {
  const place = path.join(base, name);
  mkdirSync(place, { recursive: true });
  run('mount', '-o', 'loop', image, place);
  mounted.push(place);
  return place;
}

function unmount(place: string): void {
  run('umount', place);
  mounted.splice(mounted.indexOf(place), 1);
}

async function start(place: string): Promise<ServerProcess> {
  const env = { DATA_DIR: path.join(place, 'data'), ISSUER: 'http://localhost:3000', PORT: '0' };
  // A busy machine may need some minutes.
  const server = await spawnServer({ env, timeout: 300_000 });
  servers.push(server);
  return server;
}

/** The secret of the sample client, which only the first start shows. */
function sampleClient(server: ServerProcess): Credentials {
  const [, id = '', secret = ''] = /(sample-app):(writ_cs_\w+)/.exec(server.stdout()) ?? [];
  return { id, secret };
}

/** Requests tokens until the disk has been copied meanwhile. */
async function cutUnderLoad(
  server: ServerProcess,
  client: Credentials,
  image: string,
  copy: string,
) {
  const answered: { token: string; at: number }[] = [];
  let running = true;
  const loops = Array.from({ length: connections }, async () => {
    while (running) {
      const { status, body } = await server.token(client);
      if (running && status === 200) answered.push({ token: body.access_token, at: Date.now() });
    }
  });
  await delay(1_000 + Math.random() * 6_000);
  process.kill(server.pid, 'SIGSTOP');
  running = false;
  const at = Date.now();
  run('cp', '--sparse=always', image, copy);
  await server.kill();
  await Promise.allSettled(loops);
  return { answered, at };
}

async function look(
  copy: string,
  client: Credentials,
  { answered, at }: Awaited<ReturnType<typeof cutUnderLoad>>,
) {
  const place = mount(copy, 'copy');
  try {
    const server = await start(place).catch((error) => void console.error(String(error)));
    if (!server) return { opened: false, lost: answered.length, oldest: 0 };
    const gone = [];
    for (const { token, at: when } of answered)
      if (!(await server.introspect(token, client)).body.active) gone.push(at - when);
    await server.kill();
    return { opened: true, lost: gone.length, oldest: Math.max(0, ...gone) / 1000 };
  } finally {
    unmount(place);
  }
}

async function main(): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Error(
      'This needs Linux and root: it creates and mounts file systems on loop devices.',
    );
  const image = path.join(base, 'disk.img');
  const copy = path.join(base, 'copy.img');
  let client: Credentials | undefined;
  const found: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const isNew = round % 2 === 0;
    if (isNew) {
      rmSync(image, { force: true });
      run('truncate', '-s', '1G', image);
      run('mkfs.ext4', '-q', '-F', image);
    }
    const place = mount(image, 'disk');
    const server = await start(place);
    if (isNew) client = sampleClient(server);
    const cut = await cutUnderLoad(server, client as Credentials, image, copy);
    unmount(place);
    const result: Round = {
      directory: isNew ? 'new' : 'old',
      answered: cut.answered.length,
      ...(await look(copy, client as Credentials, cut)),
    };
    found.push(result);
    console.log(
      `${round + 1}. ${result.directory} directory: ${result.answered} tokens issued, ${result.lost} lost${result.lost > 0 && result.opened ? `, up to ${result.oldest.toFixed(1)} s old` : ''}${result.opened ? '' : '; it does not open again'}`,
    );
  }
  const lost = found.reduce((sum, round) => sum + round.lost, 0);
  const shut = found.filter(({ opened }) => !opened).length;
  console.log(`${rounds} power cuts: ${lost} tokens lost, ${shut} directories that do not open.`);
  process.exitCode = lost + shut > 0 ? 1 : 0;
}

try {
  await main();
} finally {
  await Promise.all(servers.map((server) => server.kill()));
  for (const place of [...mounted]) unmount(place);
  rmSync(base, { recursive: true, force: true });
}
