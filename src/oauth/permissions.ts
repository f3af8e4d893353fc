/**
 * Permissions, as roles give them and resource servers ask for them.
 *
 * What is asked for is names parted by dots: `things.read`. What is granted is a pattern, of which a part
 * is a name (`things`), one of several (`read|write`), anything but some (`^delete|purge`), or
 * anything (`*`). A pattern stands for everything beneath it: `things` allows `things` and
 * `things.read`, but `things.read` does not allow `things`. A list allows what any of its patterns allows.
 * Names are letters, digits, `_` and `-` of ASCII; their case counts.
 */

/** A pattern has no more parts; neither has what is asked for. */
const mostParts = 20;

/** What may be given to a role has no more characters; neither has what is asked for. */
export const maxPatternLength = 200;

/** What two patterns have in common can take the characters of both. */
const maxReadLength = 2 * maxPatternLength;

/** An intersection has no more patterns. */
export const mostInCommon = 100;

/** After so much work, counted in parts and names looked at, `covers` gives up. */
const mostWork = 50_000;

const name = '[A-Za-z0-9_-]+';
const part = `(?:\\*|\\^?${name}(?:\\|${name})*)`;
const patternSyntax = new RegExp(`^${part}(?:\\.${part}){0,${mostParts - 1}}$`);
const permissionSyntax = new RegExp(`^${name}(?:\\.${name}){0,${mostParts - 1}}$`);

/** Whether a text is a pattern that may be given to a role. */
export const isPermission = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= maxPatternLength && patternSyntax.test(text);

/**
 * Whether any of the patterns granted allows a permission. What is no pattern allows nothing, and what is
 * asked for is refused where it is not names alone.
 */
export function allows(granted: readonly string[], permission: string): boolean {
  if (!isAskable(permission) || !Array.isArray(granted)) return false;
  const asked = permission.split('.');
  // Most patterns do not match, and their syntax does not matter then.
  return granted.some(
    (pattern) => isReadable(pattern) && matches(pattern, asked) && isWellFormed(pattern),
  );
}

const isAskable = (text: unknown): boolean =>
  typeof text === 'string' && text.length <= maxPatternLength && permissionSyntax.test(text);

const isReadable = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= maxReadLength;

const isWellFormed = (text: string): boolean => patternSyntax.test(text);

function matches(pattern: string, asked: string[]): boolean {
  let start = 0;
  for (const wanted of asked) {
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
 * Whether everything that the patterns wanted allow, those granted allow too, be it several of them
 * together: `a` and `b` cover `a|b`. So yes is always true; no can be said of lists so intricate that
 * the answer would take too long, and is said of what is no pattern.
 */
export function covers(granted: readonly string[], wanted: readonly string[]): boolean {
  const patterns = parseAll(granted);
  const work = { left: mostWork };
  return wanted.every((text) => {
    const pattern = parse(text);
    if (!pattern) return false;
    if (patterns.some((each) => standsFor(each, pattern))) return true;
    return leavesNothing(patterns, pattern, work);
  });
}

/**
 * What both lists allow, as patterns: exactly that, each once, none that another one stands for, in an
 * order of its own. Of more than 100 the rest is left out, so that it allows less and never more.
 */
export function intersect(a: readonly string[], b: readonly string[]): string[] {
  const found = eachInCommon(broadest(parseAll(a)), broadest(parseAll(b)));
  return broadest(found, mostInCommon)
    .map(textOf)
    .filter((text) => text.length <= maxReadLength)
    .sort();
}

/** One of some names, or anything but some; `*` is anything but none. */
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

/** What two parts both stand for; nothing where there is no such name. */
function shared(a: Part, b: Part): Part | undefined {
  if (a.except && b.except) {
    if (a.names.size === 0) return b;
    return b.names.size === 0 ? a : { except: true, names: new Set([...a.names, ...b.names]) };
  }
  const [some, other] = a.except ? [b, a] : [a, b];
  // Mostly there is none, and then nothing is to be made.
  if (everyOf(some.names, (name) => !isOneOf(other, name))) return undefined;
  const names = [...some.names].filter((name) => isOneOf(other, name));
  return { except: false, names: new Set(names) };
}

const isOneOf = ({ except, names }: Part, name: string): boolean => names.has(name) !== except;

/** Whether a part stands for all that another one does. */
function encloses(a: Part, b: Part): boolean {
  if (!b.except) return everyOf(b.names, (name) => isOneOf(a, name));
  return a.except && everyOf(a.names, (name) => b.names.has(name));
}

function everyOf(names: ReadonlySet<string>, holds: (name: string) => boolean): boolean {
  for (const name of names) if (!holds(name)) return false;
  return true;
}

/** What a part stands for and another does not; nothing where there is no such name. */
const beyond = (part: Part, { except, names }: Part): Part | undefined =>
  shared(part, { except: !except, names });

/** Whether a pattern allows all that another one allows. */
const standsFor = (a: Pattern, b: Pattern): boolean =>
  a.length <= b.length && a.every((part, place) => encloses(part, b[place] as Part));

/** What two patterns both allow, which is a pattern as well; nothing where there is nothing. */
function inCommon(a: Pattern, b: Pattern): Pattern | undefined {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const parts: Part[] = [];
  for (const part of short) {
    const both = shared(part, long[parts.length] as Part);
    if (!both) return undefined;
    parts.push(both);
  }
  return [...parts, ...long.slice(parts.length)];
}

function* eachInCommon(a: Pattern[], b: Pattern[]): Generator<Pattern> {
  for (const one of a)
    for (const other of b) {
      const both = inCommon(one, other);
      if (both) yield both;
    }
}

/**
 * Whether nothing is left of a pattern without what the patterns from `first` on allow. A longer
 * pattern takes nothing away: what it allows is beneath something that it does not allow.
 */
function leavesNothing(
  patterns: Pattern[],
  pattern: Pattern,
  work: { left: number },
  first = 0,
): boolean {
  const size = pattern.reduce((sum, { names }) => sum + 1 + names.size, 0);
  for (let next = first; next < patterns.length; next++) {
    if (work.left <= 0) return false;
    work.left -= size;
    const taken = patterns[next] as Pattern;
    if (taken.length > pattern.length) continue;
    const both = inCommon(taken, pattern);
    if (!both) continue;
    // What is left falls into as many patterns as parts were taken from, none of which overlap.
    return taken.every((part, place) => {
      const rest = beyond(pattern[place] as Part, part);
      if (!rest) return true;
      const left = [...both.slice(0, place), rest, ...pattern.slice(place + 1)];
      return leavesNothing(patterns, left, work, next + 1);
    });
  }
  return false;
}

/** Those that no other one stands for, of so many different ones. */
function broadest(patterns: Iterable<Pattern>, most = Number.POSITIVE_INFINITY): Pattern[] {
  const different = new Map<string, Pattern>();
  for (const pattern of patterns) {
    if (different.size >= most) break;
    different.set(textOf(pattern), pattern);
  }
  const kept = [...different.values()];
  return kept.filter(
    (pattern) => !kept.some((other) => other !== pattern && standsFor(other, pattern)),
  );
}
