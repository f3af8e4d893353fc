import type { Context } from 'koa';
import type { Caller } from '../caller.ts';

/** The context of resolvers. */
export interface SpeckleContext {
  ctx: Context;
  /** Undefined for an anonymous caller. */
  caller: Caller | undefined;
  /** Deviations from the request, for `extensions.writ` of the response to this document. */
  notes: Record<string, unknown>[];
  /** About the whole request, which can contain several documents. */
  facts: {
    /** Their total cost (`limits.ts`). */
    cost: number;
    /** Whether at least one was executed. */
    executed: boolean;
    /** Whether at least one can have changed something. */
    changes: boolean;
    /** Internal errors. */
    faults: unknown[];
  };
}
