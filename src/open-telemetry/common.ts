/**
 * What messages about spans and about metrics have in common. Numbers of fields are those of `opentelemetry-proto` 1.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto
 */
import { bytes, head, integer, text } from './protobuf.ts';

export type Attributes = Readonly<Record<string, string | number>>;

/** The attributes as a repeated field. Numbers are whole. */
export const attributes = (field: number, all: Attributes): Buffer =>
  Buffer.concat(
    Object.entries(all).map(([key, value]) =>
      bytes(
        field,
        text(1, key),
        bytes(2, typeof value === 'number' ? integer(3, value) : text(1, value)),
      ),
    ),
  );

/** Who sends a message: `Resource`, and `InstrumentationScope` of what it sends. */
export interface Origin {
  resource: Buffer;
  scope: Buffer;
}

/** Encodes who sends, which is the same in all messages of a process. */
export const originOf = (resource: Attributes, version: string): Origin => ({
  resource: bytes(1, attributes(1, resource)),
  scope: bytes(1, text(1, 'writ'), text(2, version)),
});

/**
 * The head of a message, which items of so many bytes follow: spans of an `ExportTraceServiceRequest`, or metrics of an
 * `ExportMetricsServiceRequest`.
 */
export function headOf({ resource, scope }: Origin, length: number): Buffer {
  const inner = Buffer.concat([head(2, scope.length + length), scope]);
  return Buffer.concat([head(1, resource.length + inner.length + length), resource, inner]);
}

/** The wall-clock time in nanoseconds since 1970, from milliseconds by `performance.now()`. */
export type TimeOf = (milliseconds: number) => number;

/** Milliseconds by which the clock of the machine can differ from ours before ours is corrected. */
const tolerance = 50;

/** Returns a clock that runs evenly, and is corrected within ten seconds if that of the machine is set. */
export function createClock(): TimeOf {
  let origin = performance.timeOrigin;
  setInterval(() => {
    const difference = Date.now() - performance.now() - origin;
    if (Math.abs(difference) > tolerance) origin += difference;
  }, 10_000).unref();
  return (milliseconds) => (origin + milliseconds) * 1e6;
}
