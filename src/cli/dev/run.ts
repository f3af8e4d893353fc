/**
 * `writ dev`: a server for the machine of a developer and for tests. It is in memory, on this machine only, and everything is gone
 * when it ends.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { loadSettings } from '../../../config/settings.ts';
import type { Server } from '../../server.ts';
import type { Environment } from '../environment.ts';
import { ExitWith } from '../exit-with.ts';
import { Failure, WrongUsage } from '../failure.ts';
import type { Terminal } from '../terminal.ts';
import { type Seeded, seed, tokenOf } from './seed.ts';
import { readSeedFile } from './seed-file.ts';

const defaultFile = 'writ.dev.yaml';

export interface DevOptions {
  port: number;
  exitWith?: string;
}

/** Starts the server, seeds it, and runs the command or waits for a signal. Throws Failure, WrongUsage and ExitWith. */
export async function runDev(
  environment: Environment,
  { out, err }: Terminal,
  options: DevOptions & { file: string | undefined; json: boolean },
): Promise<void> {
  const { file, exitWith, json } = options;
  if (environment['DATABASE_URL']?.startsWith('postgres'))
    throw new WrongUsage(
      'writ dev is only for development: it keeps everything in memory, and DATABASE_URL is set. Unset it, or use writ serve.',
    );
  const given = await readGivenFile(file);
  const directory = await mkdtemp(path.join(tmpdir(), 'writ-dev-'));
  const stopped = nextSignal();
  let server: Server | undefined;
  try {
    const { startServer } = await import('../../server.ts');
    server = await startServer(
      loadSettings({
        HOST: 'localhost',
        PORT: String(options.port),
        DATA_DIR: directory,
        DATABASE_URL: 'pglite:',
        DIALECTS: 'none',
        LOG_LEVEL: environment['LOG_LEVEL'] ?? 'error',
      }),
    );
    const operator = JSON.parse(await readFile(path.join(directory, 'operator.json'), 'utf8')) as {
      api_key: string;
    };
    const url = server.issuer;
    const seeded = given
      ? await seed(given, { url, token: operator.api_key })
      : await sampleOf(server);
    const variables = variablesOf(url, operator.api_key, seeded);
    if (exitWith === undefined) {
      out(json ? `${JSON.stringify({ issuer: url, ...seeded }, null, 2)}\n` : said(url, seeded));
      await stopped;
      return;
    }
    err(`writ dev: ${url}, in memory and for development only\n`);
    const code = await execute(exitWith, { ...environment, ...variables }, stopped);
    if (code !== 0) throw new ExitWith(code);
  } finally {
    await server?.close(Promise.resolve());
    await rm(directory, { recursive: true, force: true });
  }
}

/** The file that is named, or the one of the default name if it is there. */
async function readGivenFile(file: string | undefined) {
  const name = file ?? defaultFile;
  let source: string;
  try {
    source = await readFile(name, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (file === undefined && code === 'ENOENT') return undefined;
    throw new Failure(`${name} cannot be read (${code}).`, { cause });
  }
  return readSeedFile(name, source);
}

/** Without a file, the sample data of a first start. */
async function sampleOf({ issuer, sample }: Server): Promise<Seeded> {
  if (!sample) return { clients: [], people: [] };
  const { clientId, secret } = sample.app;
  return {
    clients: [
      { clientId, secret, token: await tokenOf(issuer, clientId, secret) },
      { ...sample.resourceServer, token: undefined },
    ],
    people: [],
  };
}

/** The variables of the command: those of the first client with a secret, and of every client by its name. */
function variablesOf(url: string, key: string, { clients }: Seeded): Record<string, string> {
  const variables: Record<string, string> = { WRIT_ISSUER: url, WRIT_URL: url, WRIT_TOKEN: key };
  const first = clients.find(({ secret }) => secret !== undefined) ?? clients[0];
  for (const client of clients) {
    const own = `WRIT_${client.clientId.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_`;
    for (const prefix of client === first ? ['WRIT_', own] : [own]) {
      variables[`${prefix}CLIENT_ID`] = client.clientId;
      if (client.secret) variables[`${prefix}CLIENT_SECRET`] = client.secret;
      if (client.token) variables[`${prefix}ACCESS_TOKEN`] = client.token;
    }
  }
  return variables;
}

function said(url: string, { clients, people }: Seeded): string {
  const lines = [
    `Issuer: ${url}`,
    'For development only: in memory, on this machine only. Everything is gone when it ends.',
  ];
  for (const { clientId, secret, token } of clients) {
    lines.push('', `client ${clientId}`);
    if (secret) lines.push(`  secret  ${secret}`);
    if (token) lines.push(`  token   ${token}`);
  }
  for (const { email, invitation } of people)
    lines.push('', `person ${email}`, `  choose a password: ${invitation}`);
  return `${lines.join('\n')}\n`;
}

/** Runs a command in a shell. A signal is passed on to it. Returns its exit code. */
function execute(
  command: string,
  environment: Environment,
  stopped: Promise<NodeJS.Signals>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: 'inherit', env: environment });
    stopped.then((signal) => child.kill(signal));
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

const nextSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
