/** SPANS AS THEY ARE SENT: written into the next message as they end, since there can be thousands a second. */
import { type Attributes, attributes, type TimeOf } from './common.ts';
import type { SpanIds } from './ids.ts';
import { bytes, integer, text, writeFixed64, writeVarint } from './protobuf.ts';

/** What a request or a call is, apart from when it was and for whom: of few values, so each is encoded once. */
export interface Kind {
  name: string;
  kind: 'server' | 'client';
  attributes: Attributes;
  isError: boolean;
}

export interface Span {
  ids: SpanIds;
  /** Whether the parent is a span of another process. */
  isParentRemote: boolean;
  /** The header `tracestate` of the caller. */
  traceState: string | undefined;
  /** By `performance.now()`. */
  began: number;
  ended: number;
  /** The kind, encoded by `encodeKind`. */
  kind: Uint8Array;
}

const numbers = { server: 2, client: 3 } as const;
const errorStatus = 2;

/** Encodes the fields of a span that it shares with others. */
export const encodeKind = ({ name, kind, attributes: all, isError }: Kind): Uint8Array =>
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
/** The tag and the length before a span or a state. */
const longestHead = 6;

/** A message into which spans are written. */
export interface Page {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
}

/** Creates an empty page of so many bytes. */
export function createPage(length: number): Page {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Writes a span as a repeated field of `ScopeSpans`, and returns the position after it. The page must have `lengthOf(span)` bytes left. */
export function writeSpan({ bytes: to, view }: Page, start: number, span: Span, timeOf: TimeOf) {
  const { ids, kind, traceState } = span;
  const state = traceState ? text(3, traceState) : undefined;
  const { hasParent } = ids;
  const length =
    fixedLength + (hasParent ? parentLength : 0) + (state ? state.length : 0) + kind.length;
  to[start] = 0x12; // spans = 2
  let at = writeVarint(to, start + 1, length);
  view.setUint16(at, 0x0a10); // trace_id = 1, of 16 bytes
  view.setInt32(at + 2, ids.trace0);
  view.setInt32(at + 6, ids.trace1);
  view.setInt32(at + 10, ids.trace2);
  view.setInt32(at + 14, ids.trace3);
  view.setUint16(at + 18, 0x1208); // span_id = 2, of 8 bytes
  view.setInt32(at + 20, ids.span0);
  view.setInt32(at + 24, ids.span1);
  at += 28;
  if (state) {
    to.set(state, at);
    at += state.length;
  }
  if (hasParent) {
    view.setUint16(at, 0x2208); // parent_span_id = 4, of 8 bytes
    view.setInt32(at + 2, ids.parent0);
    view.setInt32(at + 6, ids.parent1);
    at += 10;
  }
  to[at] = 0x39; // start_time_unix_nano = 7
  writeFixed64(view, at + 1, timeOf(span.began));
  to[at + 9] = 0x41; // end_time_unix_nano = 8
  writeFixed64(view, at + 10, timeOf(span.ended));
  at += 18;
  to.set(kind, at);
  at += kind.length;
  view.setUint16(at, 0x8501); // flags = 16
  view.setUint32(at + 2, sampled + knowsRemote + (span.isParentRemote ? isRemote : 0), true);
  return at + 6;
}

/** As many bytes as a span can need. */
export const lengthOf = ({ kind, traceState }: Span): number =>
  longestHead +
  fixedLength +
  parentLength +
  kind.length +
  (traceState ? longestHead + 3 * traceState.length : 0);
