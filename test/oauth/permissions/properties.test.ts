import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  allows,
  covers,
  intersect,
  isPermission,
  maxIntersection,
  maxPatternLength,
} from '../../../src/oauth/permissions.ts';

/** A name that no pattern here contains stands for all others. */
const names = ['a', 'b', 'c', 'other'];
const named = names.slice(0, 3);
const deepest = 3;

/** Anything deeper is allowed like what it is beneath. */
const everything: string[][] = [[]];
for (const path of everything)
  if (path.length < deepest) everything.push(...names.map((name) => [...path, name]));
const permissions = everything.slice(1).map((path) => path.join('.'));

interface Part {
  text: string;
  /** The names that it includes. */
  names: string[];
}

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.constant({ text: '*', names }),
  fc.subarray(named, { minLength: 1 }).map((some) => ({ text: some.join('|'), names: some })),
  fc.subarray(named, { minLength: 1 }).map((some) => ({
    text: `^${some.join('|')}`,
    names: names.filter((name) => !some.includes(name)),
  })),
);

const list = fc.array(fc.array(part, { minLength: 1, maxLength: deepest }), { maxLength: 5 });

const textsOf = (patterns: Part[][]): string[] =>
  patterns.map((parts) => parts.map(({ text }) => text).join('.'));

/** An independent implementation of the rules. */
const permits = (patterns: Part[][], permission: string): boolean => {
  const asked = permission.split('.');
  return patterns.some(
    (parts) =>
      parts.length <= asked.length &&
      parts.every(({ names: some }, place) => some.includes(asked[place] as string)),
  );
};

const runs = { numRuns: 2_000 };

describe('allows', () => {
  test('a list allows what any of its patterns includes, and nothing else', () => {
    fc.assert(
      fc.property(list, (patterns) => {
        const texts = textsOf(patterns);
        for (const permission of permissions)
          expect(allows(texts, permission)).toBe(permits(patterns, permission));
      }),
      { numRuns: 500 },
    );
  });

  test('what is beneath something allowed is allowed', () => {
    fc.assert(
      fc.property(list, fc.constantFrom(...permissions), (patterns, permission) => {
        const texts = textsOf(patterns);
        if (allows(texts, permission)) expect(allows(texts, `${permission}.a.other`)).toBe(true);
      }),
      runs,
    );
  });

  test('a malformed pattern allows nothing and does not affect others, whatever it is', () => {
    const junk = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.string({ unit: fc.constantFrom('a', '.', '|', '^', '*', ' ', '\n', 'é') }),
    );
    fc.assert(
      fc.property(fc.array(junk), fc.constantFrom(...permissions), (granted, permission) => {
        const patterns = granted.filter(isPermission);
        expect(allows(granted as string[], permission)).toBe(allows(patterns, permission));
      }),
      runs,
    );
  });

  test.each([undefined, null, '*', 7, {}])('entitlements that are %j allow nothing', (granted) => {
    expect(allows(granted as never, 'a')).toBe(false);
  });

  test('only names can be requested: anything else is refused, whatever is granted', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.anything()), (permission) => {
        const isAskable =
          typeof permission === 'string' && /^[\w-]+(\.[\w-]+)*$/.test(`${permission}`);
        if (!isAskable) expect(allows(['*', '^x'], permission as string)).toBe(false);
      }),
      runs,
    );
  });

  test('a pattern and a permission have at most 20 parts and 200 characters', () => {
    const parts = (count: number) => Array.from({ length: count }, () => 'a').join('.');
    expect(isPermission(parts(20))).toBe(true);
    expect(isPermission(parts(21))).toBe(false);
    expect(allows(['*'], parts(20))).toBe(true);
    expect(allows(['*'], parts(21))).toBe(false);
    expect(allows([parts(21)], parts(20))).toBe(false);
    const long = 'a'.repeat(maxPatternLength);
    expect(isPermission(long)).toBe(true);
    expect(isPermission(`${long}a`)).toBe(false);
    expect(allows(['*'], long)).toBe(true);
    expect(allows(['*'], `${long}a`)).toBe(false);
  });
});

describe('covers', () => {
  test('is true if everything wanted is allowed by what is granted, and only then', () => {
    fc.assert(
      fc.property(list, list, (granted, wanted) => {
        const everyOne = permissions.every(
          (permission) => permits(granted, permission) || !permits(wanted, permission),
        );
        expect(covers(textsOf(granted), textsOf(wanted))).toBe(everyOne);
      }),
      runs,
    );
  });

  test('a list covers itself, and is covered by itself with more', () => {
    fc.assert(
      fc.property(list, list, (granted, more) => {
        expect(covers(textsOf([...more, ...granted]), textsOf(granted))).toBe(true);
      }),
      runs,
    );
  });

  test('a malformed pattern is never covered, and covers nothing', () => {
    fc.assert(
      fc.property(fc.anything(), (junk) => {
        if (isPermission(junk)) return;
        expect(covers(['*'], [junk as string])).toBe(false);
        expect(covers([junk as string], ['a'])).toBe(false);
      }),
      runs,
    );
  });

  test('a list that is too intricate to decide is not covered, although it could be', () => {
    // Every combination of having `a` or not in each of these parts: together they cover everything.
    const everyWay = (places: number) =>
      Array.from({ length: 2 ** places }, (_, way) =>
        Array.from({ length: places }, (_, place) => ((way >> place) & 1 ? 'a' : '^a')).join('.'),
      );
    const anything = (places: number) => Array.from({ length: places }, () => '*').join('.');
    expect(covers(everyWay(5), [anything(5)])).toBe(true);
    expect(covers(everyWay(10), [anything(10)])).toBe(false);
    expect(covers(['*', ...everyWay(10)], [anything(10)])).toBe(true);
  });
});

describe('intersect', () => {
  test('allows exactly what both lists allow', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const both = intersect(textsOf(a), textsOf(b));
        for (const permission of permissions)
          expect(allows(both, permission)).toBe(permits(a, permission) && permits(b, permission));
      }),
      { numRuns: 500 },
    );
  });

  test('is covered by both lists, and does not depend on their order', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const both = intersect(textsOf(a), textsOf(b));
        expect(covers(textsOf(a), both) && covers(textsOf(b), both)).toBe(true);
        expect(intersect(textsOf(b), textsOf(a))).toEqual(both);
      }),
      runs,
    );
  });

  test('has no pattern twice, and none that another one includes', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const both = intersect(textsOf(a), textsOf(b));
        for (const [place, pattern] of both.entries())
          for (const [other, wider] of both.entries())
            if (place !== other) expect(covers([wider], [pattern])).toBe(false);
      }),
      runs,
    );
  });

  test('of a list with itself or with everything is that list, if it has nothing twice', () => {
    fc.assert(
      fc.property(list, (patterns) => {
        const once = intersect(textsOf(patterns), ['*']);
        expect(intersect(once, once)).toEqual(once);
        expect(covers(once, textsOf(patterns)) && covers(textsOf(patterns), once)).toBe(true);
      }),
      runs,
    );
  });

  test('two exceptions of maximum length are still one valid pattern', () => {
    const but = (letter: string) =>
      `^${Array.from({ length: 22 }, (_, place) => `${letter}${String(place).padStart(place === 0 ? 9 : 7, '0')}`).join('|')}`;
    const [a, b] = [but('a'), but('b')];
    expect([a, b].map((pattern) => isPermission(pattern) && pattern.length)).toEqual([
      maxPatternLength,
      maxPatternLength,
    ]);
    const both = intersect([a], [b]);
    expect(both).toHaveLength(1);
    expect(allows(both, 'c')).toBe(true);
    expect(allows(both, 'a000000000')).toBe(false);
    expect(allows(both, 'b0000021')).toBe(false);
  });

  test('has a limited length, and then allows less, never more', () => {
    const a = Array.from({ length: 100 }, (_, place) => `x${place}`);
    const b = Array.from({ length: 100 }, (_, place) => `*.y${place}`);
    const both = intersect(a, b);
    expect(both).toHaveLength(maxIntersection);
    expect(covers(a, both) && covers(b, both)).toBe(true);
  });

  test('treats a malformed pattern as nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), (junk) => {
        expect(intersect(junk as string[], ['*'])).toEqual(
          intersect(junk.filter(isPermission), ['*']),
        );
      }),
      runs,
    );
  });
});
