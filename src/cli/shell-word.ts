/** A value as one word of a POSIX shell, in quotes if it needs them. */
export const shellWord = (value: string): string =>
  /^[\w%+,./:=@-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
