import { randomUUID } from 'node:crypto';

/** A unique name with this prefix. */
export const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;
