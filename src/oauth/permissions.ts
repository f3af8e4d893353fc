/**
 * Permissions, as roles give them and resource servers check them.
 *
 * A permission consists of names separated by dots: `things.read`. What is granted is a pattern; each of its parts is a
 * name (`things`), one of several names (`read|write`), any name except some (`^delete|purge`), or any name (`*`). A
 * pattern includes everything beneath it: `things` allows `things` and `things.read`, but `things.read` does not allow
 * `things`. A list of patterns allows what any of them allows. Names consist of ASCII letters, digits, `_` and `-`, and
 * are case-sensitive.
 */

/** The maximum number of parts of a pattern and of a permission. */
const maxParts = 20;

/** The maximum length of a role's pattern and of a permission. */
export const maxPatternLength = 200;

/** The intersection of two patterns can be as long as both together. */
const maxReadLength = 2 * maxPatternLength;

/** The maximum number of patterns in the result of `intersect`. */
export const maxIntersection = 100;

/** The work, in parts and names compared, after which `covers` gives up. */
const maxWork = 50_000;

const name = '[A-Za-z0-9_-]+';
const part = `(?:\\*|\\^?${name}(?:\\|${name})*)`;
const patternSyntax = new RegExp(`^${part}(?:\\.${part}){0,${maxParts - 1}}$`);
const permissionSyntax = new RegExp(`^${name}(?:\\.${name}){0,${maxParts - 1}}$`);

/** Whether a text is a pattern that a role can have. */
export const isPermission = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= maxPatternLength && patternSyntax.test(text);

/**
 * Whether any of the granted patterns allows a permission. Malformed patterns allow nothing, and a `permission` that is
 * not just names is never allowed.
 */
export function allows(granted: readonly string[], permission: string): boolean {
  if (!isExactPermission(permission) || !Array.isArray(granted)) return false;
  const requested = permission.split('.');
  // The syntax is checked last, because most patterns do not match.
  return granted.some(
    (pattern) => isReadable(pattern) && matches(pattern, requested) && isWellFormed(pattern),
  );
}

const isExactPermission = (text: unknown): boolean =>
  typeof text === 'string' && text.length <= maxPatternLength && permissionSyntax.test(text);

const isReadable = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= maxReadLength;

const isWellFormed = (text: string): boolean => patternSyntax.test(text);

function matches(pattern: string, requested: string[]): boolean {
  let start = 0;
  for (const wanted of requested) {
    const dot = pattern.indexOf('.', start);
    if (!matchesPart(pattern.slice(start, dot < 0 ? undefined : dot), wanted)) return false;
    if (dot < 0) return true;
    start = dot + 1;
  }
  return false;
}

function matchesPart(text: string, wanted: string): boolean {
  if (text === '*' || text === wanted) return true;
  if (text.startsWith('^')) return !text.slice(1).split('|').includes(wanted);
  return text.includes('|') && text.split('|').includes(wanted);
}

/**
 * Whether the granted patterns allow everything that the wanted patterns allow, several of them together if necessary:
 * `a` and `b` cover `a|b`. True is always correct. False can also mean that the lists are too intricate to decide in
 * reasonable time, or that a wanted pattern is malformed.
 */
export function covers(granted: readonly string[], wanted: readonly string[]): boolean {
  const patterns = parseAll(granted);
  const work = { left: maxWork };
  return wanted.every((text) => {
    const pattern = parse(text);
    if (!pattern) return false;
    if (patterns.some((each) => includesPattern(each, pattern))) return true;
    return isCovered(patterns, pattern, work);
  });
}

/**
 * The patterns that allow exactly what both lists allow, sorted, without duplicates and without patterns that another
 * one includes. Beyond `maxIntersection` the rest is omitted, so the result can allow less but never more.
 */
export function intersect(a: readonly string[], b: readonly string[]): string[] {
  const found = intersections(broadest(parseAll(a)), broadest(parseAll(b)));
  return broadest(found, maxIntersection)
    .map(textOf)
    .filter((text) => text.length <= maxReadLength)
    .sort();
}

/** One of some names or, with `except`, any other name; `*` excepts no name. */
interface Part {
  except: boolean;
  names: ReadonlySet<string>;
}

type Pattern = readonly Part[];

const anything: Part = { except: true, names: new Set() };

function parse(text: unknown): Pattern | undefined {
  return isReadable(text) && isWellFormed(text) ? text.split('.').map(parsePart) : undefined;
}

function parsePart(text: string): Part {
  if (text === '*') return anything;
  const except = text.startsWith('^');
  return { except, names: new Set((except ? text.slice(1) : text).split('|')) };
}

const parseAll = (texts: readonly string[]): Pattern[] =>
  texts.map(parse).filter((pattern) => pattern !== undefined);

const textOf = (pattern: Pattern): string => pattern.map(textOfPart).join('.');

const textOfPart = ({ except, names }: Part): string =>
  except && names.size === 0 ? '*' : `${except ? '^' : ''}${[...names].sort().join('|')}`;

/** The intersection of two parts; undefined if it is empty. */
function intersectParts(a: Part, b: Part): Part | undefined {
  if (a.except && b.except) {
    if (a.names.size === 0) return b;
    return b.names.size === 0 ? a : { except: true, names: new Set([...a.names, ...b.names]) };
  }
  const [some, other] = a.except ? [b, a] : [a, b];
  // Usually it is empty; checking first avoids building the set.
  if (everyOf(some.names, (name) => !isOneOf(other, name))) return undefined;
  const names = [...some.names].filter((name) => isOneOf(other, name));
  return { except: false, names: new Set(names) };
}

const isOneOf = ({ except, names }: Part, name: string): boolean => names.has(name) !== except;

/** Whether part `a` includes every name of part `b`. */
function includesPart(a: Part, b: Part): boolean {
  if (!b.except) return everyOf(b.names, (name) => isOneOf(a, name));
  return a.except && everyOf(a.names, (name) => b.names.has(name));
}

function everyOf(names: ReadonlySet<string>, test: (name: string) => boolean): boolean {
  for (const name of names) if (!test(name)) return false;
  return true;
}

/** The names of `part` that are not in the other part; undefined if there are none. */
const subtractPart = (part: Part, { except, names }: Part): Part | undefined =>
  intersectParts(part, { except: !except, names });

/** Whether pattern `a` allows everything that pattern `b` allows. */
const includesPattern = (a: Pattern, b: Pattern): boolean =>
  a.length <= b.length && a.every((part, index) => includesPart(part, b[index] as Part));

/** The intersection of two patterns, which is a pattern as well; undefined if it is empty. */
function intersectPatterns(a: Pattern, b: Pattern): Pattern | undefined {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const parts: Part[] = [];
  for (const part of short) {
    const both = intersectParts(part, long[parts.length] as Part);
    if (!both) return undefined;
    parts.push(both);
  }
  return [...parts, ...long.slice(parts.length)];
}

function* intersections(a: Pattern[], b: Pattern[]): Generator<Pattern> {
  for (const one of a)
    for (const other of b) {
      const both = intersectPatterns(one, other);
      if (both) yield both;
    }
}

/**
 * Whether `patterns` from index `first` on together allow everything that `pattern` allows. Longer patterns do not help:
 * they allow only what is beneath something that they do not allow.
 */
function isCovered(
  patterns: Pattern[],
  pattern: Pattern,
  work: { left: number },
  first = 0,
): boolean {
  const size = pattern.reduce((sum, { names }) => sum + 1 + names.size, 0);
  for (let next = first; next < patterns.length; next++) {
    if (work.left <= 0) return false;
    work.left -= size;
    const other = patterns[next] as Pattern;
    if (other.length > pattern.length) continue;
    const both = intersectPatterns(other, pattern);
    if (!both) continue;
    // The remainder consists of at most one pattern for each part of `other`; they do not overlap.
    return other.every((part, index) => {
      const rest = subtractPart(pattern[index] as Part, part);
      if (!rest) return true;
      const left = [...both.slice(0, index), rest, ...pattern.slice(index + 1)];
      return isCovered(patterns, left, work, next + 1);
    });
  }
  return false;
}

/** At most `max` different patterns, without those that another one includes. */
function broadest(patterns: Iterable<Pattern>, max = Number.POSITIVE_INFINITY): Pattern[] {
  const different = new Map<string, Pattern>();
  for (const pattern of patterns) {
    if (different.size >= max) break;
    different.set(textOf(pattern), pattern);
  }
  const kept = [...different.values()];
  return kept.filter(
    (pattern) => !kept.some((other) => other !== pattern && includesPattern(other, pattern)),
  );
}
