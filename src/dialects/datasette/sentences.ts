import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import { type DatasetteScope, scopesOf } from './scopes.ts';

/** Describes details in sentences, without duplicates: "Insert rows into the table dogs of db1". */
export const describeDetails = (details: readonly AuthorizationDetail[]): string[] => [
  ...new Set(scopesOf(details).map(describeScope)),
];

/** Describes a scope in a sentence. */
export function describeScope([action, database, table]: DatasetteScope): string {
  const sentence = Object.hasOwn(sentences, action) ? sentences[action] : undefined;
  const place: Place = {
    tables:
      table !== undefined
        ? `the table ${table} of ${database}`
        : database !== undefined
          ? `every table of ${database}`
          : 'every table',
    queries:
      table !== undefined
        ? `the saved query ${table} of ${database}`
        : database !== undefined
          ? `every saved query of ${database}`
          : 'every saved query',
    database: database === undefined ? 'every database' : `the database ${database}`,
    only: table === undefined ? '' : `, as far as the table ${table} needs it`,
  };
  return sentence
    ? sentence(place)
    : `Do “${action}” with ${database !== undefined && table === undefined ? place.database : place.tables}`;
}

/** The phrases for what a scope is limited to. */
interface Place {
  tables: string;
  queries: string;
  database: string;
  /** Limits a database-wide action to one table. */
  only: string;
}

/** The actions of Datasette itself; plugins add others. */
const sentences: Readonly<Record<string, (place: Place) => string>> = {
  'view-instance': ({ database, only }) => `See the start page, with ${database}${only}`,
  'view-database': ({ database, only }) => `See what is in ${database}${only}`,
  'view-database-download': ({ database, only }) => `Download ${database} as a file${only}`,
  'view-table': ({ tables }) => `Read the rows of ${tables}`,
  'view-query': ({ queries }) => `Run ${queries}`,
  'execute-sql': ({ database, only }) => `Run any SQL that reads ${database}${only}`,
  'insert-row': ({ tables }) => `Insert rows into ${tables}`,
  'update-row': ({ tables }) => `Change rows of ${tables}`,
  'delete-row': ({ tables }) => `Delete rows from ${tables}`,
  'create-table': ({ database, only }) => `Create tables in ${database}${only}`,
  'alter-table': ({ tables }) => `Change the columns of ${tables}`,
  'drop-table': ({ tables }) => `Delete ${tables} with all rows`,
};
