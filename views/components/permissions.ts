import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/**
 * What permissions allow, in sentences (`src/oauth/permissions.ts` has their syntax): the last part of a pattern is read
 * as a verb, and what precedes it as its object. `*.read` is “Can read everything in the APIs”, `things.read|write` “Can
 * read and write things”, `things` “Can do everything with things”. Patterns of one object become one sentence.
 */
export function permissionSentences(permissions: readonly string[]): string[] {
  const verbs = new Map<string, Set<string>>();
  for (const pattern of permissions) {
    const [object, verb] = read(pattern);
    verbs.set(object, (verbs.get(object) ?? new Set()).add(verb));
  }
  return [...verbs].map(([object, words]) => {
    if (words.has(anything))
      return object === everything
        ? 'Can do everything in the APIs'
        : `Can do everything with ${object}`;
    return `Can ${listed([...words])} ${object === everything ? `${everything} in the APIs` : object}`;
  });
}

const anything = '*';

const everything = 'everything';

/** The object and the verb of a pattern. */
function read(pattern: string): [object: string, verb: string] {
  const parts = pattern.split('.');
  // A single name stands for everything below it.
  const verb = parts.length > 1 ? (parts.pop() ?? '') : anything;
  const object = parts.every((part) => part === anything) ? everything : objectOf(parts);
  if (verb === anything) return [object, anything];
  if (verb.startsWith('^')) return [object, `do everything except ${namesIn(verb)} with`];
  return [object, namesIn(verb)];
}

/** `things`, `everything in things`, `boards in any project` */
const objectOf = (parts: string[]): string =>
  parts
    .map((part) => {
      if (part === anything) return everything;
      return part.startsWith('^') ? `everything except ${namesIn(part)}` : namesIn(part);
    })
    .reverse()
    .map((name, index) => (index > 0 && name === everything ? 'anything' : name))
    .join(' in ');

const namesIn = (part: string): string => listed(part.replace('^', '').split('|'));

/** `a`, `a and b`, `a, b and c` */
const listed = (words: string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** The sentences shown; the patterns below have everything. */
const maxSentences = 6;

/** What a role allows, in sentences, with its patterns beneath. */
export function permissionList(permissions: readonly string[]): Html {
  if (permissions.length === 0) return html`<p class="aside">Has no permissions at the APIs</p>`;
  const sentences = permissionSentences(permissions);
  const more = sentences.length - maxSentences;
  return html`<ul class="permissions">${sentences
    .slice(0, maxSentences)
    .map(
      (sentence) => html`<li><bdi>${sentence}</bdi></li>`,
    )}${more > 0 && html`<li class="aside">and ${more} more</li>`}</ul>
  <p class="patterns"><span class="visually-hidden">Permissions: </span>${permissions.map(
    (permission) => html`<code><bdi>${permission}</bdi></code> `,
  )}</p>`;
}
