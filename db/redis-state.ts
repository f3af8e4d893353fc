import type { RedisConnection } from './redis.ts';

/** What a Redis can do at the moment. `full`: it has no memory left; `read_only`: it takes no writes for another reason. */
export type RedisState = 'ok' | 'full' | 'read_only' | 'unreachable';

/** Why Redis refused a write, where an error, or what caused it, is a refusal: the same command may be read. */
export function refusalOfWrites(error: unknown): 'full' | 'read_only' | undefined {
  if (!(error instanceof Error)) return undefined;
  if (/\bOOM command not allowed\b/.test(error.message)) return 'full';
  if (/^(READONLY|MISCONF|NOREPLICAS)\b|\bREADONLY You can't write\b/.test(error.message))
    return 'read_only';
  return refusalOfWrites(error.cause);
}

/** Tries a write, which is gone after a second. */
export async function redisState(redis: RedisConnection): Promise<RedisState> {
  try {
    await redis.set('writ:probe', '', 'PX', 1_000);
    return 'ok';
  } catch (error) {
    return refusalOfWrites(error) ?? 'unreachable';
  }
}
