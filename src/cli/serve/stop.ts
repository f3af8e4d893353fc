import { setTimeout as delay } from 'node:timers/promises';
import type { Server } from '../../server.ts';

/**
 * `/readyz` answers 503 first, while requests are still served: a proxy probes only every few seconds. Then no new
 * request is accepted, and the running ones finish. Each further signal cuts the current wait short.
 */
export async function stop(
  server: Pick<Server, 'announceStop' | 'close'>,
  seconds: number,
  nextSignal: () => Promise<unknown>,
): Promise<void> {
  server.announceStop();
  const furtherSignal = nextSignal();
  const waiting = new AbortController();
  const waited = delay(1000 * seconds, 'waited', { signal: waiting.signal }).catch(() => {});
  const cutShort = (await Promise.race([waited, furtherSignal])) !== 'waited';
  waiting.abort();
  await server.close(cutShort ? nextSignal() : furtherSignal);
}
