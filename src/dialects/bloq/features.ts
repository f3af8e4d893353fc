import type { Feature } from '../framework/dialect.ts';

/** What Bloq has, and how Writ has it. */
export const bloqFeatures: readonly Feature[] = [];
