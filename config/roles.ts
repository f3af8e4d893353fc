/** The role of accounts that may have tokens for Writ's own API; no other account can hand those out. */
export const administratorRole = 'administrator';
