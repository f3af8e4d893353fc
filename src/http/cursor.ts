/** CURSORS OF LISTS: the key of the last item of a page, opaque for callers. */
import { isStorable } from './text.ts';

export const encodeCursor = (key: string): string => Buffer.from(key).toString('base64url');

/** The key of a cursor; undefined if `value` is no cursor. */
export function decodeCursor(value: string): string | undefined {
  const key = Buffer.from(value, 'base64url').toString('utf8');
  return key !== '' && isStorable(key) && encodeCursor(key) === value ? key : undefined;
}

/**
 * Reads a page. It requests one item more than `limit` to find out whether there is a next page, whose cursor encodes
 * the key of the last item; null on the last page.
 */
export async function readPage<Item>(
  { after, limit }: { after?: string | undefined; limit: number },
  read: (page: { after: string | undefined; limit: number }) => Promise<Item[]>,
  keyOf: (item: Item) => string,
): Promise<{ items: Item[]; next: string | null }> {
  const found = await read({ after, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    next: found.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}
