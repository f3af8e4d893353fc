import * as z from 'zod';
import type { Database } from '../../../db/database.ts';
import { readChanges } from '../../domain/audit/change-feed.ts';
import { digits } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, time } from '../framework/schemas.ts';

export interface ChangeDependencies {
  database: Database;
}

const query = z.strictObject({
  after: digits({ min: 0, defaultValue: 0 }).meta({
    description: 'The number of the last change that you have read.',
  }),
  limit: digits({ min: 1, max: 1_000, defaultValue: 100 }).meta({
    description: 'The maximum number of items.',
  }),
});

const change = z
  .object({
    number: count.meta({
      description: 'The position in the feed, in commit order and without gaps.',
    }),
    kind: z.string().meta({ description: 'The kind of change.', examples: ['token.revoked'] }),
    token_id: z.string().nullable().meta({ description: 'The public id of the token.' }),
    audience: z.array(z.string()).nullable().meta({
      description: 'The audience of the token; null for changes that are not of one token.',
    }),
    client_id: z.string().nullable().meta({ description: 'The client.' }),
    grant_id: z.string().nullable().meta({ description: 'The grant.' }),
    account_id: z.string().nullable().meta({ description: 'The account.' }),
    app: z.string().nullable().meta({ description: 'The name of the app.' }),
    kid: z.string().nullable().meta({ description: 'The signing key that was revoked.' }),
    epoch: count
      .nullable()
      .meta({ description: 'From this change on, only tokens with this epoch are active.' }),
    at: time.meta({ description: 'When it was committed.' }),
  })
  .meta({ id: 'Change' });

/** `/changes`: changes that revoke tokens or alter their permissions. */
export const changeOperations = ({ database }: ChangeDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/changes',
    tag: 'Changes',
    operationId: 'listChanges',
    summary: 'List changes',
    description:
      'Changes that revoke tokens or alter their permissions, for resource servers that verify tokens offline or cache them. Store `last` and send it as `after` in the next request.',
    scope: 'changes:read',
    query,
    response: z
      .object({
        items: z.array(change),
        last: count.meta({ description: 'The value of `after` for the next request.' }),
      })
      .meta({ id: 'ChangeList' }),
    handle: async ({ query: { after, limit } }) => {
      const items = await readChanges(database.kysely, { after, limit });
      return { items, last: items.at(-1)?.number ?? after };
    },
  }),
];
