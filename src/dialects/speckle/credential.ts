/** A token as Speckle's clients spell it: with `Bearer` ahead of it, or by itself. Undefined where there is none. */
export const credentialIn = (text: string): string | undefined =>
  text.trim().replace(/^bearer +/i, '') || undefined;
