import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/**
 * The log, one JSON object a line, on standard error where no other place is named. Of an error it keeps type, code, message and
 * stack: drivers hang queries and their parameters on theirs, and those may hold what is secret.
 */
export function createLog(
  level: string,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Log {
  return pino({ level, base: null, serializers: { err: describeError } }, destination);
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' && { code }),
    message: error.message,
    stack: error.stack
      ?.split('\n')
      .slice(1)
      .map((line) => line.trim())
      .filter((line) => line.startsWith('at '))
      .slice(0, 20),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}
