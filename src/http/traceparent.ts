import type { IncomingMessage } from 'node:http';

/** The trace that a request belongs to at its caller. */
export interface TraceParent {
  traceId: string;
  spanId: string;
  flags: number;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads the header `traceparent` (W3C Trace Context §3.2); undefined if it is absent or wrong. */
export function traceParentOf({
  headers,
}: Pick<IncomingMessage, 'headers'>): TraceParent | undefined {
  const given = headers['traceparent'];
  if (typeof given !== 'string' || given.length > 256) return undefined;
  const [, version = 'ff', traceId = '', spanId = '', flags = '', more] = pattern.exec(given) ?? [];
  // Version 00 has no further fields; later ones can.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}
