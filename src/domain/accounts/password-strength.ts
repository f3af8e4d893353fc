import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

/**
 * Minimum guesses, as a power of ten: zxcvbn's "safely unguessable". Common passwords, sequences, repeats, dates
 * and keyboard walks need fewer.
 */
const minGuesses = 8;

/** The minimum for letters and digits only: punctuation around a common password does not make it stronger. */
const minAlphanumericGuesses = 6;

/**
 * Characters estimated in one call. Time grows with the square of the length. Of a longer password the beginning
 * and the end are estimated, and one of them has to be strong enough.
 */
const maxEstimated = 24;

let estimator: Promise<ZxcvbnFactory> | undefined;

/** Some 50,000 common passwords and keyboard layouts, loaded when the first password is checked. */
async function load(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  // More substitutions improve nothing, and take a second for some passwords.
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, l33tMaxSubstitutions: 4 });
}

/**
 * Whether a password is easy to guess. `known` are words that any attacker would try here; they add no strength.
 */
export async function isEasyToGuess(password: string, known: readonly string[]): Promise<boolean> {
  estimator ??= load();
  const estimate = await estimator;
  const rest = withoutWords(password, known);
  const parts = new Set([rest.slice(0, maxEstimated), rest.slice(-maxEstimated)]);
  const isEasy = (part: string): boolean => {
    if (estimate.check(part).guessesLog10 < minGuesses) return true;
    const letters = part.replaceAll(/[^\p{L}\p{N}]/gu, '');
    return (
      letters.length >= part.length / 2 &&
      estimate.check(letters).guessesLog10 < minAlphanumericGuesses
    );
  };
  return [...parts].every(isEasy);
}

/** Common substitutions for letters. */
const substitutions: Record<string, string> = {
  a: 'a4@',
  e: 'e3',
  i: 'i1!',
  o: 'o0',
  s: 's5$',
  t: 't7',
};

/** Removes these words, including spellings with substitutions. Words shorter than three characters are ignored. */
function withoutWords(text: string, words: readonly string[]): string {
  const patterns = [...new Set(words.map((word) => word.toLowerCase()))]
    .filter((word) => [...word].length >= 3)
    .sort((one, other) => other.length - one.length)
    .map((word) =>
      [...word].map((letter) => `[${escapeInClass(substitutions[letter] ?? letter)}]`).join(''),
    );
  return patterns.length === 0 ? text : text.replace(new RegExp(patterns.join('|'), 'giu'), '');
}

const escapeInClass = (letters: string): string => letters.replace(/[\\\]^-]/g, '\\$&');
