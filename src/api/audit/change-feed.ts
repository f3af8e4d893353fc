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
  after: digits({ min: 0, standard: 0 }).meta({ description: 'The last number you have seen.' }),
  limit: digits({ min: 1, max: 1_000, standard: 100 }).meta({
    description: 'How many items there are at most.',
  }),
});

const change = z
  .object({
    number: count.meta({ description: 'In the order of commits, without gaps.' }),
    kind: z.string().meta({ examples: ['token.revoked'] }),
    token_id: z.string().nullable(),
    client_id: z.string().nullable(),
    grant_id: z.string().nullable(),
    account_id: z.string().nullable(),
    app: z.string().nullable().meta({ description: 'The name of the app.' }),
    kid: z.string().nullable().meta({ description: 'The key that was revoked.' }),
    epoch: count
      .nullable()
      .meta({ description: 'From here on only tokens with this epoch are active.' }),
    at: time,
  })
  .meta({ id: 'Change' });

/** `/changes`: what ended tokens or altered what they may do. */
export const changeOperations = ({ database }: ChangeDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/changes',
    tag: 'Changes',
    operationId: 'listChanges',
    summary: 'What ended tokens, or altered what they may do',
    description:
      'For resource servers that verify offline or keep copies: keep `last`, and ask for what comes after it.',
    scope: 'changes:read',
    query,
    answer: z
      .object({
        items: z.array(change),
        last: count.meta({ description: 'To be given as `after` the next time.' }),
      })
      .meta({ id: 'ChangeList' }),
    handle: async ({ query: { after, limit } }) => {
      const items = await readChanges(database.kysely, { after, limit });
      return { items, last: items.at(-1)?.number ?? after };
    },
  }),
];
