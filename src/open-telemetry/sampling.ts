import type { Sampler } from '../../config/open-telemetry.ts';
import type { TraceParent } from '../http/traceparent.ts';

/** Decides whether a request is traced. */
export function createSampling({
  ratio,
  followsParent,
}: Sampler): (parent: TraceParent | undefined) => boolean {
  return (parent) => {
    if (!parent) return Math.random() < ratio;
    if (followsParent) return (parent.flags & 1) === 1;
    return randomnessOf(parent.traceId) >= 1 - ratio;
  };
}

/** A number from 0 to 1, excluded, from the random last 56 bits of a trace ID, so that all processes decide alike. */
const randomnessOf = (traceId: string): number =>
  Number.parseInt(traceId.slice(-14, -1), 16) / 16 ** 13;
