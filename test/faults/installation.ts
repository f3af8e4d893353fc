// What the tests of faults stand on: an installation that no server has open yet, whose processes
// they start and end as they like.
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
  /** Starts a server; it ends with the installation at the latest. */
  start(options?: { preload?: string[]; env?: ProcessEnvironment }): Promise<ServerProcess>;
  /** The API of one of its servers, called as the operator. */
  operator(server: Http): Promise<ApiClient>;
  /** Works on its database directly. On the embedded one only while no server has it. */
  behind<Result>(work: (domain: Domain, kysely: Kysely) => Promise<Result>): Promise<Result>;
  remove(): Promise<void>;
}

type Kysely = Awaited<ReturnType<typeof openBootstrap>>['database']['kysely'];

/** Its servers choose their ports, so that no connection of a dead one is mistaken for the next. */
const issuer = 'http://localhost:3000';

/** Sets an installation up: embedded, or over a Postgres (and a Redis) that `services` names. */
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
  // The first set-up of an embedded database costs more than all the starts of a test: it is done once and copied.
  if (settings.embedded && Object.keys(services).length === 0)
    await copyDirectory(
      // What is in it, since the directory to copy to is there already.
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
