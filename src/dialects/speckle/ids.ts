/**
 * HOW SPECKLE NAMES TOKENS: by ten characters, which are the first ten of the token itself there. Here they are the first
 * ten digits of the place at which the token is stored, which say nothing about its value.
 */
import { parsePublicId, publicId, type TokenId } from '../../domain/tokens/value.ts';

const idLength = 10;

/** The id of a token, as Speckle's clients show it. */
export const speckleId = ({ key }: TokenId): string => key.toString('hex').slice(0, idLength);

/**
 * The tokens of one person that an id names: ten characters, or an id of Writ's. Of a thousand tokens two have the same ten
 * characters in one of two million cases.
 */
export const namedBy = <Token extends { id: TokenId }>(
  text: string,
  tokens: readonly Token[],
): Token[] =>
  tokens.filter(({ id }) =>
    parsePublicId(text) ? publicId(id) === text : speckleId(id) === text.toLowerCase(),
  );
