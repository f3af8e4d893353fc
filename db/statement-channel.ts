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

/**
 * Publishes a statement on `writ:statement` once it has settled, in the context of the caller and before those who wait for it
 * go on. Without a subscriber it costs a comparison.
 */
export function observe(
  { name, text }: { name?: string | undefined; text: string },
  running: Promise<unknown>,
): void {
  if (!ran.hasSubscribers) return;
  const began = performance.now();
  const publish = (error: string | undefined) => {
    const statement: RanStatement = { name, text, began, ended: performance.now(), error };
    ran.publish(statement);
  };
  running.then(
    () => publish(undefined),
    (error: { code?: unknown } | undefined) => publish(String(error?.code ?? 'error')),
  );
}

/** Whether anyone subscribes. */
export const isObserved = (): boolean => ran.hasSubscribers;
