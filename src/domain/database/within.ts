import { CompiledQuery } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';

/** Runs statements in a transaction, for functions that otherwise send them to the database by themselves. */
export const within = (transaction: Connection): Pick<Database, 'query'> => ({
  query: async <Row>({ text }: { text: string }, values: unknown[]) =>
    (await transaction.executeQuery<Row>(CompiledQuery.raw(text, values))).rows,
});
