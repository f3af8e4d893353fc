import { availableParallelism } from 'node:os';

const most = 128;

/**
 * How many processes serve requests at one port (WEB_CONCURRENCY): `auto` is as many as there are processors, and one on the
 * embedded database. Undefined if it is wrong.
 */
export function readWorkerCount({
  WEB_CONCURRENCY: text = '',
  DATABASE_URL = '',
}: Readonly<Record<string, string | undefined>>): number | undefined {
  const isShareable = DATABASE_URL.startsWith('postgres');
  if (text === '') return 1;
  if (text === 'auto') return isShareable ? Math.min(availableParallelism(), most) : 1;
  const count = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : most + 1;
  return count <= most && (count === 1 || isShareable) ? count : undefined;
}
