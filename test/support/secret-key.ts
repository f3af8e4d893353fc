/** SECRET_KEYS of every stack. */
export const secretKey = 'a key that seals what the tests store';
