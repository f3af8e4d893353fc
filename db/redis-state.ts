import type { RedisConnection } from './redis.ts';

/** What a Redis can do now. `full`: no memory left; `read_only`: it rejects writes for another reason. */
export type RedisState = 'ok' | 'full' | 'read_only' | 'unreachable';

/** Why Redis rejected a write, if an error or its cause says so; reads can still succeed. */
export function refusalOfWrites(error: unknown): 'full' | 'read_only' | undefined {
  if (!(error instanceof Error)) return undefined;
  if (/\bOOM command not allowed\b/.test(error.message)) return 'full';
  if (/^(READONLY|MISCONF|NOREPLICAS)\b|\bREADONLY You can't write\b/.test(error.message))
    return 'read_only';
  return refusalOfWrites(error.cause);
}

/** Tries a write, of a key that expires after a second. */
export async function redisState(redis: RedisConnection): Promise<RedisState> {
  try {
    await redis.set('writ:probe', '', 'PX', 1_000);
    return 'ok';
  } catch (error) {
    return refusalOfWrites(error) ?? 'unreachable';
  }
}
