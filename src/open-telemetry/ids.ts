import type { TraceParent } from '../http/traceparent.ts';

/** Four random bytes, as a signed number. IDs only have to differ (W3C Trace Context §2.2.2), so they need no secret randomness. */
const random = (): number => (Math.random() * 0x1_0000_0000) | 0;

const hex = (...words: number[]): string =>
  words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');

/** The IDs of a span, in words of four bytes: they are written as such thousands of times a second, and rarely read as text. */
export class SpanIds {
  readonly trace0: number;
  readonly trace1: number;
  readonly trace2: number;
  readonly trace3: number;
  readonly span0: number;
  readonly span1: number;
  /** Both are zero if there is no parent. */
  readonly parent0: number;
  readonly parent1: number;

  private constructor(
    [trace0, trace1, trace2, trace3]: readonly [number, number, number, number],
    parent0: number,
    parent1: number,
  ) {
    this.trace0 = trace0;
    this.trace1 = trace1;
    this.trace2 = trace2;
    this.trace3 = trace3;
    this.span0 = random();
    // Never zero, so the whole is never the ID that is none.
    this.span1 = random() || 1;
    this.parent0 = parent0;
    this.parent1 = parent1;
  }

  /** A span that begins a trace. */
  static root(): SpanIds {
    return new SpanIds([random(), random(), random(), random() || 1], 0, 0);
  }

  /** A span of a trace that another process began. */
  static within({ traceId, spanId }: TraceParent): SpanIds {
    const word = (id: string, index: number) =>
      Number.parseInt(id.slice(8 * index, 8 * index + 8), 16) | 0;
    return new SpanIds(
      [word(traceId, 0), word(traceId, 1), word(traceId, 2), word(traceId, 3)],
      word(spanId, 0),
      word(spanId, 1),
    );
  }

  /** A child of this span. */
  child(): SpanIds {
    const { trace0, trace1, trace2, trace3, span0, span1 } = this;
    return new SpanIds([trace0, trace1, trace2, trace3], span0, span1);
  }

  get traceId(): string {
    return hex(this.trace0, this.trace1, this.trace2, this.trace3);
  }

  get spanId(): string {
    return hex(this.span0, this.span1);
  }

  get hasParent(): boolean {
    return (this.parent0 | this.parent1) !== 0;
  }
}
