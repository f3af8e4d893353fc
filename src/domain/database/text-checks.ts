/** Whether a text is a UUID as Postgres and `randomUUID` write it. Any other text names no row. */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/**
 * Whether a text reads as the id of an account, in any spelling of a UUID: with or without dashes, in capitals
 * or small letters.
 */
export const looksLikeAccountId = (text: string): boolean =>
  /^[0-9a-f]{32}$/i.test(text.replaceAll('-', ''));

/** Whether a text fits on one line and in a Postgres `text` column: well-formed, no control characters. */
export const isOneLine = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);
