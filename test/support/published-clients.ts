// The clients that other products publish: packages of test/clients, which has a lock file of its own.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';

const directory = path.resolve(import.meta.dirname, '../clients');

/**
 * Whether `npm ci --prefix test/clients` was run on this machine. Tests that need one of them are skipped where it
 * was not: `(publishedClientsAreThere() ? describe : describe.skip)(…)`; run.ts warns about that.
 */
export const publishedClientsAreThere = (): boolean =>
  existsSync(path.join(directory, 'node_modules'));

/**
 * Loads a published client by the name of its package. The caller says what it exports: its own types are not used,
 * since the project is checked where it is not installed too.
 */
export const loadPublishedClient = <Module>(name: string): Module =>
  createRequire(path.join(directory, 'package.json'))(name) as Module;
