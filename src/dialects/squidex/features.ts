import type { Feature } from '../framework/dialect.ts';

/** What Squidex has, and how Writ has it. */
export const squidexFeatures: readonly Feature[] = [];
