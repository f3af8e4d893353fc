/** The command worked and was refused, or could not work: told in one sentence, exit code 1. */
export class Failure extends Error {}

/** The command was called in a way that makes no sense: exit code 2. */
export class WrongUsage extends Error {}
