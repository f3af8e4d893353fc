import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { checkIcon, crossIcon } from './icons.ts';

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

/** What a pattern can look like, folded below the field for them. */
export const permissionSyntax = html`<details class="help"><summary>Syntax of permissions</summary>
  <dl class="syntax">
    <div><dt><code>things.read</code></dt><dd>allows <code>things.read</code> and everything below it, such as <code>things.read.drafts</code></dd></div>
    <div><dt><code>things</code></dt><dd>allows <code>things.read</code>, <code>things.write</code> and everything else that begins with <code>things</code></dd></div>
    <div><dt><code>*.read</code></dt><dd><code>*</code> stands for one name: allows <code>things.read</code> and <code>people.read</code>, but not <code>things.archive.read</code></dd></div>
    <div><dt><code>*.*.read</code></dt><dd>allows <code>things.archive.read</code>, but not <code>things.read</code></dd></div>
    <div><dt><code>things.read|write</code></dt><dd>allows both <code>things.read</code> and <code>things.write</code></dd></div>
    <div><dt><code>things.^delete|purge</code></dt><dd>allows every name after <code>things</code> except these two</dd></div>
    <div><dt><code>*</code></dt><dd>allows everything</dd></div>
  </dl>
  <p class="sub">Names have letters, digits, <code>_</code> and <code>-</code>, and case matters. <code>*</code> stands for a whole name: <code>rea*</code> is wrong. Lines add up: <code>^</code> takes away nothing that another line allows.</p>
</details>`;

/** Whether a role allows a permission that was tried. */
export const permissionVerdict = (name: string, allows: boolean): Html =>
  html`<li class="${allows ? 'yes' : 'no'}">${allows ? checkIcon : crossIcon}<span><bdi>${name}</bdi> <span class="aside">${allows ? 'allows it' : 'does not'}</span></span></li>`;
