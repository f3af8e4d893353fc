import type { TokenStore, Tokens } from './types.ts';

/** Keeps tokens in this process. */
export function memoryStore(tokens?: Tokens): TokenStore {
  let current = tokens;
  return {
    read: async () => current,
    write: async (next) => {
      current = next;
    },
  };
}
