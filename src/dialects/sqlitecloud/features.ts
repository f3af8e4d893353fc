import type { Feature } from '../framework/dialect.ts';

/** What SQLite Cloud has, and how Writ has it. */
export const sqlitecloudFeatures: readonly Feature[] = [];
