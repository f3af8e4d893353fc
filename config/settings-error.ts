/** Everything that keeps a command from starting, reported at once in words for the person who set it. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  /** `what`: the command. */
  constructor(problems: readonly string[], what = 'The server') {
    super(`${what} cannot start:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}
