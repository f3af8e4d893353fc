/**
 * The data, and who may read which rows. A query never runs on the data itself: it runs on a database in memory that
 * holds the rows which the policies let through, so no SQL, however clever, finds any other.
 */
import { constants, DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { User } from './introspection.ts';

/** For each table, of which rows a user may know. A table without a policy does not exist for anyone. */
const policies: Record<string, string> = {
  artists: `added_by IS NULL OR added_by = auth_userid()
    OR json_extract(auth_json(), '$.attributes.role') = 'editor'`,
};

const sample = `
  CREATE TABLE IF NOT EXISTS artists (ArtistId INTEGER PRIMARY KEY, Name TEXT NOT NULL, added_by TEXT);
  CREATE TABLE IF NOT EXISTS secrets (value TEXT);`;

/** What a query may do: read, and call functions. Recursion would let one query run for ever. */
const allowed = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
]);

export type Row = Record<string, SQLOutputValue>;

export interface Data {
  /** The rows of one SELECT, as far as the user may see them. Throws what SQLite says against it. */
  query(sql: string, user: User): Row[];
  addArtist(name: string, addedBy?: string): void;
  close(): void;
}

/** Opens a database file; `:memory:` keeps nothing. */
export function openData(file: string): Data {
  const data = new DatabaseSync(file);
  data.exec(sample);

  return {
    query(sql, user) {
      know(data, user);
      const visible = new DatabaseSync(':memory:');
      try {
        know(visible, user);
        for (const [table, policy] of Object.entries(policies)) copy(data, visible, table, policy);
        visible.setAuthorizer((action) =>
          allowed.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY,
        );
        return visible.prepare(sql).all();
      } finally {
        visible.close();
      }
    },

    addArtist: (name, addedBy) =>
      void data
        .prepare('INSERT INTO artists (Name, added_by) VALUES (?, ?)')
        .run(name, addedBy ?? null),

    close: () => data.close(),
  };
}

/** The functions that policies, and queries, know a user by. */
function know(database: DatabaseSync, user: User): void {
  database.function('auth_userid', () => user.user_id);
  database.function('auth_json', () => JSON.stringify(user));
}

function copy(from: DatabaseSync, to: DatabaseSync, table: string, policy: string): void {
  const { sql } = from.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').get(table) as {
    sql: string;
  };
  to.exec(sql);
  for (const row of from.prepare(`SELECT * FROM ${table} WHERE ${policy}`).all())
    to.prepare(
      `INSERT INTO ${table} VALUES (${Object.keys(row)
        .map(() => '?')
        .join(', ')})`,
    ).run(...Object.values(row));
}
