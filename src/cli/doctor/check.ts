import { type Check, failed } from '../../boot/check.ts';
import { Failure } from '../failure.ts';

/** An error that kept a check from running, as a failed check. */
export function failedBy(name: string, error: unknown): Check {
  if (error instanceof Failure) return failed(name, error.problem, error.remedy);
  return failed(name, error instanceof Error ? error.message : String(error));
}
