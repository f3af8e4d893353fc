// Support for fault tests: an installation that no server has opened yet, whose processes the tests start and stop.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { loadSettings } from '../../config/settings.ts';
import { openDataDirectory } from '../../src/boot/data-directory.ts';
import { openBootstrap, setUp } from '../../src/boot/setup.ts';
import { createDomain, type Domain } from '../../src/domain/index.ts';
import { type ApiClient, apiClient, type Http } from '../support/http.ts';
import { copyDirectory } from '../support/process.ts';
import {
  type ProcessEnvironment,
  type ServerProcess,
  spawnServer,
} from '../support/server-process.ts';
import { installationTemplate } from '../support/template-cache.ts';

export interface Installation {
  env: ProcessEnvironment;
  /** Starts a server; it is stopped with the installation at the latest. */
  start(options?: { preload?: string[]; env?: ProcessEnvironment }): Promise<ServerProcess>;
  /** Calls the API of one of its servers as the operator. */
  operator(server: Http): Promise<ApiClient>;
  /** Opens its database directly. The embedded one only while no server uses it. */
  behind<Result>(work: (domain: Domain, kysely: Kysely) => Promise<Result>): Promise<Result>;
  remove(): Promise<void>;
}

type Kysely = Awaited<ReturnType<typeof openBootstrap>>['database']['kysely'];

/** Its servers choose their ports, so that no connection of a stopped one is mistaken for the next. */
const issuer = 'http://localhost:3000';

/** Sets up an installation: embedded, or over the Postgres (and Redis) in `services`. */
export async function install(services: ProcessEnvironment = {}): Promise<Installation> {
  const directory = await mkdtemp(path.join(tmpdir(), 'writ-faults-'));
  const env = {
    DATA_DIR: directory,
    ISSUER: issuer,
    HOST: 'localhost',
    PORT: '0',
    SECRET_KEYS: 'a key that seals what the tests store',
    ...services,
  };
  const settings = loadSettings(env);
  // Setting up an embedded database takes longer than all starts of a test, so it is done once and copied.
  if (settings.embedded && Object.keys(services).length === 0)
    await copyDirectory(
      // Copy its entries, because the target directory already exists.
      `${await installationTemplate((draft) =>
        setUp(loadSettings({ ...env, DATA_DIR: draft })).then(() => {}),
      )}/.`,
      directory,
    );
  else await setUp(settings);
  const servers: ServerProcess[] = [];
  return {
    env,
    async start({ preload = [], env: more = {} } = {}) {
      const server = await spawnServer({ env: { ...env, ...more }, preload });
      servers.push(server);
      return server;
    },
    async operator({ origin }) {
      const file = await openDataDirectory(directory).readOperatorFile();
      return apiClient(origin, file?.api_key ?? '');
    },
    async behind(work) {
      const { database, keyring, close } = await openBootstrap(settings);
      const onError = (error: unknown) => {
        throw error;
      };
      const domain = await createDomain({
        database,
        product: { brand: 'Writ', issuer: 'http://localhost' },
        keyring,
        validateMetadata: () => {},
        onError,
      });
      try {
        return await work(domain, database.kysely);
      } finally {
        await domain.lastUsed.close();
        await close();
      }
    },
    async remove() {
      await Promise.all(servers.map((server) => server.kill()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
