import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino } from 'pino';
import { currentTraces } from '../telemetry/traces.ts';

/** The log of the server. */
export type Log = Logger;

interface LogOptions {
  /** Where lines are written. Default: standard error. */
  destination?: DestinationStream;
  /** The request in progress, if any; every line has its ID. */
  request?: () => { requestId: string } | undefined;
  /** The number of this process, if several write to one log; every line has it. */
  worker?: number | undefined;
}

/**
 * Creates a log with one JSON object per line. Of an error it keeps type, code, message and stack: database drivers
 * attach queries and parameters to their errors, which can contain secrets.
 */
export function createLog(
  level: string,
  {
    destination = pino.destination({ fd: 2, sync: true }),
    request = () => undefined,
    worker,
  }: LogOptions = {},
): Log {
  return pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      serializers: { err: describeError },
      mixin: () => {
        const current = request();
        const [trace] = currentTraces();
        return {
          ...(current && { request_id: current.requestId }),
          ...(trace && { trace_id: trace.traceId, span_id: trace.spanId }),
        };
      },
    },
    destination,
  );
}

/** Opens the log in the format that the settings choose: JSON, or readable lines on a terminal. */
export async function openLog(
  { LOG_LEVEL, LOG_FORMAT }: { LOG_LEVEL: string; LOG_FORMAT: 'auto' | 'json' | 'pretty' },
  { request, worker }: Pick<LogOptions, 'request' | 'worker'> = {},
): Promise<Log> {
  const pretty = LOG_FORMAT === 'pretty' || (LOG_FORMAT === 'auto' && isatty(2));
  return createLog(LOG_LEVEL, {
    ...(request && { request }),
    worker,
    ...(pretty && { destination: await readable() }),
  });
}

/** Loads pino-pretty only when it is used, because loading it would slow down every start. */
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
