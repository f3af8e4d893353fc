/** Paging of lists: at most `limit` items after an opaque cursor. */
import * as z from 'zod';
import { isStorable } from '../../http/text.ts';
import { digits } from './input.ts';

const encode = (key: string): string => Buffer.from(key).toString('base64url');

/** The opaque cursor that callers copy from `next` to `after`. */
const cursor = z
  .string()
  .max(1_000)
  .refine(
    (value) => isStorable(decode(value)) && value !== '' && encode(decode(value)) === value,
    'must be a cursor from `next` of a previous page',
  )
  .transform(decode);

function decode(value: string): string {
  return Buffer.from(value, 'base64url').toString('utf8');
}

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

/**
 * Reads a page. It requests one item more than `limit` to find out whether there is a next page. The cursor
 * encodes the key of the last item on the page.
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

/** A page whose cursor comes from the domain; encodes it for callers. */
export const withCursor = <Item>({ items, next }: { items: Item[]; next: string | null }) => ({
  items,
  next: next === null ? null : encode(next),
});
