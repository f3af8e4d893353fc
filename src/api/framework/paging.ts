/** Lists are read in pages: at most `limit` items, those after a cursor. */
import * as z from 'zod';
import { isStorable } from '../../http/text.ts';
import { digits } from './input.ts';

const encode = (key: string): string => Buffer.from(key).toString('base64url');

/** What callers take from `next` and give back in `after`: they need not know what it says. */
const cursor = z
  .string()
  .max(1_000)
  .refine(
    (value) => isStorable(decode(value)) && value !== '' && encode(decode(value)) === value,
    'is not a cursor: give what `next` said',
  )
  .transform(decode);

function decode(value: string): string {
  return Buffer.from(value, 'base64url').toString('utf8');
}

/** The query of every list. */
export const paging = {
  after: cursor
    .optional()
    .meta({ description: 'Where the page begins: `next` of the page before.' }),
  limit: digits({ min: 1, max: 500, standard: 100 }).meta({
    description: 'How many items the page has at most.',
  }),
};

export const pageQuery = z.strictObject(paging);

/** The answer of every list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().meta({
      description: 'The cursor of the next page, to be given as `after`; null on the last one.',
    }),
  });

/**
 * Reads a page. One item more is asked for, which tells whether there is a next page; the cursor is
 * made of the key of the last item that is shown.
 */
export async function readPage<Item>(
  { after, limit }: { after?: string | undefined; limit: number },
  read: (page: { after: string | undefined; limit: number }) => Promise<Item[]>,
  keyOf: (item: Item) => string,
): Promise<{ items: Item[]; next: string | null }> {
  const found = await read({ after, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? encode(keyOf(last)) : null };
}

/** The page that the domain cut by itself, with its cursor as callers see it. */
export const withCursor = <Item>({ items, next }: { items: Item[]; next: string | null }) => ({
  items,
  next: next === null ? null : encode(next),
});
