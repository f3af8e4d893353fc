/**
 * THE IDS OF TOKENS IN SPECKLE: ten characters, which in Speckle are the first ten of the token itself. Here they are the
 * first ten hexadecimal digits of the key in the database, which reveal nothing about the value.
 */
import { parsePublicId, publicId, type TokenId } from '../../domain/tokens/value.ts';

const idLength = 10;

/** The id of a token that Speckle's clients show. */
export const speckleId = ({ key }: TokenId): string => key.toString('hex').slice(0, idLength);

/**
 * The tokens of one person that have an id: ten characters, or a public id of Writ. Among a thousand tokens, the probability
 * that two share the ten characters is one in two million.
 */
export const namedBy = <Token extends { id: TokenId }>(
  text: string,
  tokens: readonly Token[],
): Token[] =>
  tokens.filter(({ id }) =>
    parsePublicId(text) ? publicId(id) === text : speckleId(id) === text.toLowerCase(),
  );
