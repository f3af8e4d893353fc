/** SPANS AS THEY ARE SENT: written into the next message as they end, since there can be thousands a second. */
import { type Attributes, attributes, type TimeOf } from './common.ts';
import { bytes, integer, text, writeFixed64, writeVarint } from './protobuf.ts';

/** What a request or a call is, apart from when it was and for whom: of few values, so each is encoded once. */
export interface Kind {
  name: string;
  kind: 'server' | 'client';
  attributes: Attributes;
  isError: boolean;
}

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  /** Whether the parent is a span of another process. */
  isParentRemote: boolean;
  /** The header `tracestate` of the caller. */
  traceState: string | undefined;
  /** By `performance.now()`. */
  began: number;
  ended: number;
  /** The kind, encoded by `encodeKind`. */
  kind: Buffer;
}

const numbers = { server: 2, client: 3 } as const;
const errorStatus = 2;

/** Encodes the fields of a span that it shares with others. */
export const encodeKind = ({ name, kind, attributes: all, isError }: Kind): Buffer =>
  Buffer.concat([
    text(5, name),
    integer(6, numbers[kind]),
    attributes(9, all),
    isError ? bytes(15, integer(3, errorStatus)) : Buffer.alloc(0),
  ]);

/** Trace flags (W3C Trace Context §3.2.2.5): only sampled requests have a span. Then whether the parent is remote. */
const sampled = 0x01;
const knowsRemote = 0x100;
const isRemote = 0x200;

/** The bytes of all fields but the kind, the parent and the state. */
const fixedLength = 18 + 10 + 9 + 9 + 6;
const parentLength = 10;
/** The tag and the length before a span. */
const longestHead = 5;

/** Writes a span as a repeated field of `ScopeSpans`, and returns the position after it. `to` must have `lengthOf(span)` bytes left. */
export function writeSpan(to: Buffer, start: number, span: Span, timeOf: TimeOf): number {
  const state = stateOf(span);
  const { parentSpanId, kind } = span;
  const length =
    fixedLength + (parentSpanId ? parentLength : 0) + (state ? state.length : 0) + kind.length;
  let at = start;
  to[at++] = 0x12; // spans = 2
  at = writeVarint(to, at, length);
  to[at++] = 0x0a; // trace_id = 1
  to[at++] = 16;
  at += to.write(span.traceId, at, 'hex');
  to[at++] = 0x12; // span_id = 2
  to[at++] = 8;
  at += to.write(span.spanId, at, 'hex');
  if (state) at += state.copy(to, at);
  if (parentSpanId) {
    to[at++] = 0x22; // parent_span_id = 4
    to[at++] = 8;
    at += to.write(parentSpanId, at, 'hex');
  }
  to[at++] = 0x39; // start_time_unix_nano = 7
  writeFixed64(to, at, timeOf(span.began));
  to[at + 8] = 0x41; // end_time_unix_nano = 8
  writeFixed64(to, at + 9, timeOf(span.ended));
  at += 17;
  at += kind.copy(to, at);
  to[at++] = 0x85; // flags = 16
  to[at++] = 0x01;
  return to.writeUInt32LE(sampled + knowsRemote + (span.isParentRemote ? isRemote : 0), at);
}

/** As many bytes as a span can need. */
export const lengthOf = ({ kind, traceState = '' }: Span): number =>
  longestHead + fixedLength + parentLength + kind.length + longestHead + 3 * traceState.length;

const stateOf = ({ traceState }: Span): Buffer | undefined =>
  traceState ? text(3, traceState) : undefined;
