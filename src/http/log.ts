import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

interface LogOptions {
  /** Where lines go: standard error, unless another place is named. */
  destination?: DestinationStream;
  /** The request that is being handled, where that is known: every line names it. */
  request?: () => { requestId: string } | undefined;
}

/**
 * The log, one JSON object a line. Of an error it keeps type, code, message and stack: drivers hang
 * queries and their parameters on theirs, and those may hold what is secret.
 */
export function createLog(
  level: string,
  {
    destination = pino.destination({ fd: 2, sync: true }),
    request = () => undefined,
  }: LogOptions = {},
): Log {
  return pino(
    {
      level,
      base: null,
      serializers: { err: describeError },
      mixin: () => {
        const current = request();
        return current ? { request_id: current.requestId } : {};
      },
    },
    destination,
  );
}

/** The log as the settings want it: for programs, or for a person who looks at a terminal. */
export async function openLog(
  { LOG_LEVEL, LOG_FORMAT }: { LOG_LEVEL: string; LOG_FORMAT: 'auto' | 'json' | 'pretty' },
  { request }: Pick<LogOptions, 'request'> = {},
): Promise<Log> {
  const pretty = LOG_FORMAT === 'pretty' || (LOG_FORMAT === 'auto' && isatty(2));
  return createLog(LOG_LEVEL, {
    ...(request && { request }),
    ...(pretty && { destination: await readable() }),
  });
}

/** Loaded where somebody looks, and nowhere else: it would cost every start its time. */
async function readable(): Promise<DestinationStream> {
  const { build } = await import('pino-pretty');
  return build({
    destination: 2,
    sync: true,
    colorize: isatty(2),
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
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
