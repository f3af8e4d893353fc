import { SettingsError } from '../../config/settings-error.ts';
import type { Environment } from './environment.ts';
import { Failure, WrongUsage } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** Says why a command failed. Returns its exit code. */
export async function report(
  error: unknown,
  environment: Environment,
  { err }: Pick<Terminal, 'err'>,
): Promise<number> {
  err(`writ: ${await explain(error, environment)}\n`);
  return error instanceof WrongUsage ? 2 : 1;
}

/** The words of an error that is meant for the caller; the stack of any other if LOG_LEVEL is debug. */
async function explain(error: unknown, environment: Environment): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  const isForCaller =
    error instanceof Failure || error instanceof WrongUsage || error instanceof SettingsError;
  return !isForCaller && environment['LOG_LEVEL'] === 'debug'
    ? (error.stack ?? error.message)
    : describe(error, environment['DATABASE_URL']);
}

async function describe(error: Error, databaseUrl: string | undefined): Promise<string> {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return 'PORT: it is in use by another process; choose another port, or stop that process';
  if (databaseUrl && (syscall === 'connect' || syscall === 'getaddrinfo')) {
    const { explainConnection } = await import('../boot/database-problems.ts');
    return explainConnection(databaseUrl, error);
  }
  if (error instanceof AggregateError) {
    const all = error.errors.map((one) => describe(one, databaseUrl));
    return (await Promise.all(all)).join('; ');
  }
  return error.message;
}
