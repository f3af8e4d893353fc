/** The server refused, or the command could not run: a sentence or two, exit code 1. */
export class Failure extends Error {
  /** What is wrong. */
  readonly problem: string;
  /** What to do. */
  readonly remedy: string | undefined;

  constructor(problem: string, { remedy, cause }: { remedy?: string; cause?: unknown } = {}) {
    super(remedy ? `${problem} ${remedy}` : problem, cause === undefined ? {} : { cause });
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** The response was lost: the server may have done what it was asked. */
export class LostAnswer extends Failure {}

/** The server refused, with a status and an error code (RFC 6749 §5.2). */
export class Refusal extends Failure {
  readonly status: number;
  readonly code: string | undefined;

  constructor(
    status: number,
    code: string | undefined,
    ...words: ConstructorParameters<typeof Failure>
  ) {
    super(...words);
    this.status = status;
    this.code = code;
  }
}

/** Wrong usage of the command: exit code 2. */
export class WrongUsage extends Error {}
