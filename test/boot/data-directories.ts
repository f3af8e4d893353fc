// Data directories for tests of how a server starts.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { freePort } from '../support/process.ts';
import {
  type ProcessEnvironment,
  type ServerProcess,
  spawnServer,
} from '../support/server-process.ts';

/** Keeps track of what a test file starts and makes, so that nothing of it stays. */
export function createStarts() {
  const directories: string[] = [];
  const servers: ServerProcess[] = [];

  const makeDirectory = async (): Promise<string> => {
    const directory = await mkdtemp(path.join(tmpdir(), 'writ-start-'));
    directories.push(directory);
    return directory;
  };

  return {
    /** The environment of an installation of its own, which is to listen on a port of its own. */
    async fresh(): Promise<ProcessEnvironment> {
      const directory = path.join(await makeDirectory(), 'data');
      return { DATA_DIR: directory, PORT: String(await freePort()) };
    },

    /** The same installation on a copy of its data and on any port, so that tests do not get in each other's way. */
    async copyOf(env: ProcessEnvironment): Promise<ProcessEnvironment> {
      const directory = path.join(await makeDirectory(), 'data');
      await cp(env['DATA_DIR'] ?? '', directory, { recursive: true });
      return { DATA_DIR: directory, ISSUER: `http://localhost:${env['PORT']}`, PORT: '0' };
    },

    async start(env: ProcessEnvironment, file?: string): Promise<ServerProcess> {
      const server = await spawnServer({ env, ...(file && { file }) });
      servers.push(server);
      return server;
    },

    async end(): Promise<void> {
      await Promise.all(servers.map((server) => server.kill()));
      for (const directory of directories) await rm(directory, { recursive: true, force: true });
    },
  };
}
