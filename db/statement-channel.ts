import { channel } from 'node:diagnostics_channel';

/** A statement that Postgres has answered. Values are not part of it. */
export interface RanStatement {
  /** The name of a prepared statement. */
  name: string | undefined;
  text: string;
  /** By `performance.now()`. */
  began: number;
  ended: number;
  /** SQLSTATE, or the code of a lost connection. */
  error: string | undefined;
}

const ran = channel('writ:statement');

/** Runs a statement, and publishes that on `writ:statement` in the context of its caller if anyone subscribes. */
export async function published<Result>(
  { name, text }: { name?: string | undefined; text: string },
  run: () => Promise<Result>,
): Promise<Result> {
  const began = performance.now();
  let error: string | undefined;
  try {
    return await run();
  } catch (thrown) {
    error = String((thrown as { code?: unknown }).code ?? 'error');
    throw thrown;
  } finally {
    const message: RanStatement = { name, text, began, ended: performance.now(), error };
    ran.publish(message);
  }
}

/** Whether anyone subscribes. Otherwise nothing is published, and a statement costs nothing more. */
export const isObserved = (): boolean => ran.hasSubscribers;
