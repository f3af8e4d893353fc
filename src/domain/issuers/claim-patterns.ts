/**
 * PATTERNS FOR CLAIMS. `*` stands for one or more characters other than `:` and `/`, and `**` for one or more of any: so
 * `repo:acme/*:ref:refs/heads/main` is about one repository, whatever its name contains.
 */

type Part = string | '*' | '**';

/** A wildcard is a part of its own; the text between wildcards cannot be mistaken for one, as it contains no `*`. */
const partsOf = (pattern: string): Part[] => pattern.match(/\*\*|\*|[^*]+/g) ?? [];

/** Whether a pattern has a wildcard. */
export const hasWildcard = (pattern: string): boolean => pattern.includes('*');

/** Whether a pattern matches everything that it can be compared with. */
export const matchesAnything = (pattern: string): boolean => /^\*+$/.test(pattern);

/** Whether a value matches. It takes at most the product of both lengths, whatever the pattern. */
export function matchesPattern(pattern: string, value: string): boolean {
  if (!hasWildcard(pattern)) return pattern === value;
  /** The lengths of the beginnings of the value that the parts so far match. */
  let ends = new Set([0]);
  for (const part of partsOf(pattern)) {
    ends = part === '*' || part === '**' ? stretched(ends, part, value) : moved(ends, part, value);
    if (ends.size === 0) return false;
  }
  return ends.has(value.length);
}

const moved = (ends: ReadonlySet<number>, text: string, value: string): Set<number> =>
  new Set([...ends].filter((end) => value.startsWith(text, end)).map((end) => end + text.length));

function stretched(ends: ReadonlySet<number>, wildcard: '*' | '**', value: string): Set<number> {
  const reached = new Set<number>();
  let isOpen = false;
  for (let index = 0; index < value.length; index++) {
    isOpen ||= ends.has(index);
    if (wildcard === '*' && (value[index] === ':' || value[index] === '/')) isOpen = false;
    if (isOpen) reached.add(index + 1);
  }
  return reached;
}

/** A claim by its name, or by a path with dots: `kubernetes.io.namespace`. Names can contain dots themselves. */
export function claimNamed(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const [first, rest] = [name.slice(0, dot), name.slice(dot + 1)];
    const inner = Object.hasOwn(claims, first) ? claims[first] : undefined;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      const found = claimNamed(inner as Record<string, unknown>, rest);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The values of a claim as texts: its own, or those of a list. Objects have none. */
export const valuesOf = (claim: unknown): string[] =>
  [claim]
    .flat()
    .filter((each) => ['string', 'number', 'boolean'].includes(typeof each))
    .map(String);
