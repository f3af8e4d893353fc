// A program that runs many statements, each of which Postgres must parse, on a copy of a database. Run by
// optimized-code.test.ts.
import { readFileSync } from 'node:fs';
import { ArchivedFiles } from '../../db/archived-files.ts';
import { PGlitePool } from '../../db/pglite-pool.ts';

const files = new ArchivedFiles(readFileSync(process.env['TEST_PGLITE_TEMPLATE'] ?? ''));
const pool = await PGlitePool.open({ memory: { files, settings: [] } });
for (let count = 0; count < 1_000; count++)
  await pool.query({ text: `select $1::text as a, $2::integer + ${count} as b`, values: ['a', 1] });
await pool.end();
