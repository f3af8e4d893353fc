import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { onEachDatabase } from './each-database.ts';

/** Tables that the types omit: partitions, and those of Kysely. */
const others = /^(token_shelf_\d+|audit_event_\d{4}_\d{2}|kysely_migration(_lock)?)$/;

/** The tables and columns of `Schema` in db/schema.ts, and which are nullable. */
async function declared(): Promise<string[]> {
  const source = await readFile(new URL('../../db/schema.ts', import.meta.url), 'utf8');
  const text = source
    .slice(source.indexOf('export interface Schema {'))
    .replace(/\/\*\*.*?\*\//gs, '');
  const found: string[] = [];
  for (const [, table, columns = ''] of text.matchAll(/^ {2}(\w+): \{(.*?)\};$/gms))
    for (const [, column, type = ''] of columns.matchAll(/(\w+): ((?:[^;<{]|<[^;]*>)+)/g))
      found.push(`${table}.${column}${/\| null\b/.test(type) ? ' or null' : ''}`);
  return found.sort();
}

onEachDatabase((database) => {
  test('the types and the migrated tables have the same columns, and the same ones are nullable', async () => {
    const rows = await database().query<{ table: string; column: string; nullable: boolean }>(
      {
        name: 'columns',
        text: `select table_name as table, column_name as column, is_nullable = 'YES' as nullable
          from information_schema.columns where table_schema = 'public'`,
      },
      [],
    );
    const migrated = rows
      .filter(({ table }) => !others.test(table))
      .map(({ table, column, nullable }) => `${table}.${column}${nullable ? ' or null' : ''}`);
    expect(migrated.length).toBeGreaterThan(80);
    expect(await declared()).toEqual(migrated.sort());
  });

  test('every timestamp has a time zone', async () => {
    const rows = await database().query(
      {
        name: 'zones',
        text: `select table_name, column_name from information_schema.columns
          where table_schema = 'public' and data_type = 'timestamp without time zone'`,
      },
      [],
    );
    expect(rows).toEqual([]);
  });
});
