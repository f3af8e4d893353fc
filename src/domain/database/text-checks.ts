/**
 * Whether a text is a UUID in the form that Postgres and `randomUUID` produce. Any other text identifies no row.
 */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/**
 * Whether a text could be read as an account id, in any spelling of a UUID: with or without dashes, in upper or
 * lower case.
 */
export const looksLikeAccountId = (text: string): boolean =>
  /^[0-9a-f]{32}$/i.test(text.replaceAll('-', ''));

/** Whether a text fits on one line and into a Postgres `text` column: well-formed, no control characters. */
export const isOneLine = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);
