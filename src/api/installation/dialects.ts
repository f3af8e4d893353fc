import * as z from 'zod';
import { dialectNames } from '../../../config/dialects.ts';
import type { ListDialects } from '../../domain/installation/dialects.ts';
import { type Operation, operation } from '../framework/operation.ts';

export interface DialectDependencies {
  listDialects: ListDialects;
}

const dialect = z
  .object({
    name: z.enum(dialectNames).meta({ description: 'As in `DIALECTS`.' }),
    product: z.string(),
    on: z.boolean().meta({ description: 'Whether the server that answers serves its paths.' }),
    resource: z.string().meta({
      description: 'The resource of its tokens: created when the dialect is first on, and kept.',
    }),
    client_id: z.string().nullable().meta({ description: 'Its built-in client.' }),
    moving: z
      .object({
        set: z.string().meta({ description: 'What to set here.' }),
        point: z.string().meta({ description: 'Where to point the client of the product.' }),
        differs: z.array(z.string()).meta({ description: 'What differs from the product.' }),
      })
      .meta({ description: 'For those who move from the product, in Markdown.' }),
    features: z.array(
      z.object({
        id: z.string(),
        feature: z.string(),
        missing: z.string().nullable().meta({ description: 'Why it does not work.' }),
      }),
    ),
    paths: z.array(z.object({ method: z.string(), path: z.string() })),
  })
  .meta({ id: 'Dialect' });

/** `/dialects`: the products whose clients work here unmodified. */
export const dialectOperations = ({ listDialects }: DialectDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/dialects',
    tag: 'Diagnostics',
    operationId: 'listDialects',
    summary: 'List dialects',
    description:
      'The other products whose clients this server supports, with their paths and what differs. `DIALECTS` switches them on.',
    scope: 'diagnostics:read',
    response: z.object({ items: z.array(dialect) }).meta({ id: 'DialectList' }),
    handle: async () => ({ items: listDialects() }),
  }),
];
