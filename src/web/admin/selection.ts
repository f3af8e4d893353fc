/** What is chosen in a list of the console, and one act on each of it. */
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { pageSize } from './list.ts';

/** The IDs that are ticked in a form under names with this prefix: those of a page at most. */
export const chosenIn = (form: Form, prefix: string): string[] =>
  Object.keys(form)
    .flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : []))
    .slice(0, pageSize);

/** What became of an act on several. */
export interface Outcome {
  done: number;
  refused: { name: string; why: string }[];
}

/** Does an act on each, in turn: one that is refused stops no other. Errors of the server are thrown. */
export async function onEach<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  act: (item: Item) => Promise<unknown>,
): Promise<Outcome> {
  const refused: Outcome['refused'] = [];
  for (const item of items)
    try {
      await act(item);
    } catch (error) {
      if (!(error instanceof OAuthError) || error.status >= 500) throw error;
      refused.push({ name: nameOf(item), why: error.message });
    }
  return { done: items.length - refused.length, refused };
}
