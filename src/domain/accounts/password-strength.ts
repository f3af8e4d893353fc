import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

/**
 * How many guesses a password must stand, as a power of ten: what zxcvbn calls "safely unguessable". Common
 * passwords, sequences, repeats, dates and walks over a keyboard all need fewer.
 */
const leastGuesses = 8;

/** The same for its letters and digits alone: signs around a common password hide it from nobody. */
const leastGuessesOfLetters = 6;

/**
 * How many characters are estimated in one go. The time grows with the square of the length, and more makes no
 * password easier to guess: of a longer one its beginning and its end are estimated, and one of them is enough.
 */
const window = 24;

let estimator: Promise<ZxcvbnFactory> | undefined;

/** Some 50,000 common passwords and the layouts of keyboards: loaded when the first password is chosen. */
async function load(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  // More substitutions find nothing more, and take a second for some passwords.
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, l33tMaxSubstitutions: 4 });
}

/** Whether a password would be among the first guesses. `known` are words that anybody would try here: they count for nothing. */
export async function isEasyToGuess(password: string, known: readonly string[]): Promise<boolean> {
  estimator ??= load();
  const estimate = await estimator;
  const rest = withoutWords(password, known);
  const parts = new Set([rest.slice(0, window), rest.slice(-window)]);
  const isEasy = (part: string): boolean => {
    if (estimate.check(part).guessesLog10 < leastGuesses) return true;
    const letters = part.replaceAll(/[^\p{L}\p{N}]/gu, '');
    return (
      letters.length >= part.length / 2 &&
      estimate.check(letters).guessesLog10 < leastGuessesOfLetters
    );
  };
  return [...parts].every(isEasy);
}

/** Letters and digits that stand for one another in what people take for disguise. */
const disguises: Record<string, string> = {
  a: 'a4@',
  e: 'e3',
  i: 'i1!',
  o: 'o0',
  s: 's5$',
  t: 't7',
};

/** The text without these words, however they are written. Words of less than three letters say nothing. */
function withoutWords(text: string, words: readonly string[]): string {
  const patterns = [...new Set(words.map((word) => word.toLowerCase()))]
    .filter((word) => [...word].length >= 3)
    .sort((one, other) => other.length - one.length)
    .map((word) =>
      [...word].map((letter) => `[${escapeInClass(disguises[letter] ?? letter)}]`).join(''),
    );
  return patterns.length === 0 ? text : text.replace(new RegExp(patterns.join('|'), 'giu'), '');
}

const escapeInClass = (letters: string): string => letters.replace(/[\\\]^-]/g, '\\$&');
