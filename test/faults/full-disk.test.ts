import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiClient, Credentials } from '../support/http.ts';
import { until } from '../support/process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { findPostgres, type Service, startPostgres, unprivileged } from '../support/services.ts';
import { type Installation, install } from './installation.ts';

/** Size of the disk in megabytes. */
const size = 200;

/** Mounts a small disk for the Postgres user. Undefined if this machine cannot mount one. */
function smallDisk(): string | undefined {
  const directory = mkdtempSync(path.join(tmpdir(), 'writ-small-disk-'));
  const { uid = 0, gid = 0 } = unprivileged() ?? {};
  const options = `size=${size}m,mode=0700,uid=${uid},gid=${gid}`;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory], { stdio: 'ignore' });
    return directory;
  } catch {
    rmdirSync(directory);
    process.stderr.write(
      'SKIPPED: the effect of a full disk under Postgres, because this machine cannot mount a tmpfs (needs root).\n',
    );
    return undefined;
  }
}

const disk = findPostgres() ? smallDisk() : undefined;

(disk ? describe : describe.skip)('on a Postgres whose disk is full', () => {
  const directory = String(disk);
  const filler = path.join(directory, 'filler');
  let postgres: Service;
  let installation: Installation;
  let server: ServerProcess;
  let operator: ApiClient;
  let client: Credentials;

  beforeAll(async () => {
    const tables = path.join(directory, 'tables');
    mkdirSync(tables);
    const owner = unprivileged();
    if (owner) chownSync(tables, owner.uid, owner.gid);
    // The write-ahead log is on another disk, so that only the tables cannot grow.
    postgres = await startPostgres({ tables });
    installation = await install({ DATABASE_URL: postgres.url });
    server = await installation.start();
    operator = await installation.operator(server);
    await operator.createResource({ identifier: 'https://api.example.com', default: true });
    client = await operator.createClient();
  });
  afterAll(async () => {
    await installation?.remove();
    await postgres?.stop();
    execFileSync('umount', ['-l', directory]);
    rmSync(directory, { recursive: true });
  });

  const fill = async () => {
    const file = await open(filler, 'w');
    for (const bytes of [1_000_000, 4_096]) {
      const block = Buffer.alloc(bytes);
      const error = await (async () => {
        for (;;) await file.write(block);
      })().catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
    await file.close();
  };

  test('writes get 503, reads succeed, no connection breaks, and with free space everything works again', async () => {
    const { body } = await server.token(client);
    await fill();
    let refused: Awaited<ReturnType<typeof server.token>> | undefined;
    await until('the table to be full', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => server.token(client)));
      for (const answer of answers) expect([200, 503]).toContain(answer.status);
      refused = answers.find(({ status }) => status === 503);
      if (!refused) throw new Error('there is room yet');
    });
    expect(refused?.body.error).toBe('temporarily_unavailable');
    expect(refused?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(server.stderr()).toContain('53100');
    expect((await server.introspect(body.access_token, client)).body.active).toBe(true);
    expect((await operator.call('GET', '/clients')).status).toBe(200);
    expect((await server.get('/readyz')).status).toBe(200);
    expect(server.stderr()).not.toContain('a connection to the database broke');
    await rm(filler);
    expect((await server.token(client)).status).toBe(200);
  });
});
