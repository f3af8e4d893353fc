import { type Check, failed } from '../../boot/check.ts';
import { Failure } from '../failure.ts';

/** What kept one from looking, as a check that failed. */
export function failedBy(name: string, error: unknown): Check {
  if (error instanceof Failure) return failed(name, error.problem, error.remedy);
  return failed(name, error instanceof Error ? error.message : String(error));
}
