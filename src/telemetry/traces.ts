/**
 * The traces of the work in progress. Only sampled requests have one. Without OpenTelemetry there is none, and asking costs a
 * comparison.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** A request that is traced. */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
}

const storage = new AsyncLocalStorage<readonly Trace[]>();
let isOn = false;

/** From now on, work can belong to traces. */
export const enableTraces = (): void => {
  isOn = true;
};

/** The traces that the current work belongs to: of a statement for several requests, those of all. */
export const currentTraces = (): readonly Trace[] => (isOn ? storage.getStore() : undefined) ?? [];

/** Runs work that belongs to these traces and no others. */
export const inTraces = <Result>(traces: readonly Trace[], run: () => Result): Result =>
  isOn ? storage.run(traces, run) : run();
