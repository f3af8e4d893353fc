import type { Context } from 'koa';
import type { Caller } from '../caller.ts';

/** What resolvers know of the request that they answer. */
export interface SpeckleContext {
  ctx: Context;
  /** Undefined for a stranger. */
  caller: Caller | undefined;
  /** What the answer to this document says in `extensions.writ`, where Writ did otherwise than was asked. */
  notes: Record<string, unknown>[];
  /** Of the whole request, which may hold several documents. */
  facts: {
    /** What they cost together (`limits.ts`). */
    cost: number;
    /** Whether one of them could be run. */
    executed: boolean;
    /** Whether one of them may have changed something. */
    changes: boolean;
    /** What went wrong on our side. */
    faults: unknown[];
  };
}
