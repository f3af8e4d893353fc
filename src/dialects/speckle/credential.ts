/** A token as Speckle's clients send it: with or without `Bearer`. Undefined if there is none. */
export const credentialIn = (text: string): string | undefined =>
  text.trim().replace(/^bearer +/i, '') || undefined;
