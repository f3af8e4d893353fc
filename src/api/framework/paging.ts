/** Paging of lists: at most `limit` items after an opaque cursor. */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../http/cursor.ts';
import { digits } from './input.ts';

/** The opaque cursor that callers copy from `next` to `after`. */
const cursor = z
  .string()
  .max(1_000)
  .refine(
    (value) => decodeCursor(value) !== undefined,
    'must be a cursor from `next` of a previous page',
  )
  .transform((value) => decodeCursor(value) ?? '');

/** The query of every list. */
export const paging = {
  after: cursor
    .optional()
    .meta({ description: 'The cursor to continue after: `next` of the previous page.' }),
  limit: digits({ min: 1, max: 500, defaultValue: 100 }).meta({
    description: 'The maximum number of items on the page.',
  }),
};

export const pageQuery = z.strictObject(paging);

/** The response of every list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().meta({
      description: 'The cursor of the next page, to send as `after`; null on the last page.',
    }),
  });

/** A page whose cursor comes from the domain; encodes it for callers. */
export const withCursor = <Item>({ items, next }: { items: Item[]; next: string | null }) => ({
  items,
  next: next === null ? null : encodeCursor(next),
});
