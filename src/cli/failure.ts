/** The command worked and was refused, or could not work: told in a sentence or two, exit code 1. */
export class Failure extends Error {
  /** What is wrong, without what to do. */
  readonly problem: string;
  /** What the one who called can do. */
  readonly remedy: string | undefined;

  constructor(problem: string, { remedy, cause }: { remedy?: string; cause?: unknown } = {}) {
    super(remedy ? `${problem} ${remedy}` : problem, cause === undefined ? {} : { cause });
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** No whole answer came, and the server may have done what it was asked. */
export class LostAnswer extends Failure {}

/** A server refused: its status and its error code (RFC 6749 §5.2) beside the words. */
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

/** The command was called in a way that makes no sense: exit code 2. */
export class WrongUsage extends Error {}
