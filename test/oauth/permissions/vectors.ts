import { readFileSync } from 'node:fs';

interface Vectors {
  allows: { granted: string[]; permission: string; allowed: boolean }[];
  covers: { granted: string[]; wanted: string[]; covered: boolean }[];
  intersect: { a: string[]; b: string[]; both: string[] }[];
}

/** Examples with which implementations in other languages can test themselves. */
export const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../../docs/permissions.json', import.meta.url), 'utf8'),
);
